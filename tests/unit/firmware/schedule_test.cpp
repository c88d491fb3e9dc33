// SPDX-License-Identifier: Apache-2.0
/// From packed workload to descriptors, lists and parameter blocks.
#include "tests/unit/firmware/list_order.h"
#include "tests/unit/firmware/schedule_bench.h"

namespace dixion::test {
namespace {

using Schedule = ScheduleBench;

TEST_F(Schedule, ScratchLiesBehindTheImageAlignedAndApart) {
  const std::uint32_t a = image.tensor(DIXION_LIFETIME_RUN, 100);
  const std::uint32_t b = image.tensor(DIXION_LIFETIME_RUN, 1);
  const std::uint32_t c = image.tensor(DIXION_LIFETIME_OUTPUT, 64);
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_GE(descriptor(a).address, 0x8000'0000 + schedule.image->size);
  EXPECT_EQ(descriptor(a).address % 64, 0u);
  EXPECT_EQ(descriptor(b).address, descriptor(a).address + 128);
  EXPECT_EQ(descriptor(c).address, descriptor(b).address + 64);
  EXPECT_EQ(schedule.output_address, descriptor(c).address);
}

TEST_F(Schedule, ViewsPointIntoTheirParent) {
  const std::uint32_t parent = image.tensor(DIXION_LIFETIME_OUTPUT, 100);
  const std::uint32_t view = image.view(parent, 40, 20);
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_EQ(descriptor(view).address, descriptor(parent).address + 40);
  EXPECT_EQ(descriptor(view).extent[0], 20u);
}

TEST_F(Schedule, WeightsGoToTheGlobalBufferOnceWhenAllFit) {
  const std::uint32_t first = image.tensor(DIXION_LIFETIME_DATA, 100);
  const std::uint32_t second = image.tensor(DIXION_LIFETIME_DATA, 4096 - 128);
  const std::uint32_t part = image.view(second, 8, 8);
  const std::uint32_t out = image.tensor(DIXION_LIFETIME_OUTPUT, 8);
  image.tensors[first].resident = image.tensors[second].resident = 1;
  image.add(DIXION_OPCODE_DMA_COPY, {part, out}, DIXION_PHASE_ONCE);
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_EQ(schedule.resident_bytes, 4096u);
  EXPECT_EQ(descriptor(first).address, DIXION_GLOBAL_BUFFER_BASE);
  EXPECT_EQ(descriptor(second).address, DIXION_GLOBAL_BUFFER_BASE + 128);
  EXPECT_EQ(descriptor(part).address, DIXION_GLOBAL_BUFFER_BASE + 136);

  const ListOrder order(list(DIXION_PHASE_ONCE));
  ASSERT_EQ(order.commands().size(), 3u);
  const dixion_command_t& load = order.commands()[1];
  EXPECT_EQ(dixion_tag_operator(load.tag), SCHEDULE_OPERATOR_LOAD);
  const dixion_descriptor_t& from = schedule.descriptors.entries[load.operands[0]];
  EXPECT_EQ(from.address, 0x8000'0000 + image_tensors(schedule.image)[second].offset);
  EXPECT_EQ(from.extent[0], 4096u - 128);
  EXPECT_TRUE(order.ordered(1, 2)) << "a weight is read before it has arrived";
  EXPECT_EQ(list(DIXION_PHASE_STEP).count, 0u);
}

TEST_F(Schedule, StepTablesMoveWithTheParameterBlock) {
  const std::uint32_t table = image.tensor(DIXION_LIFETIME_DATA, 300);
  const std::uint32_t same = image.tensor(DIXION_LIFETIME_DATA, 300);
  const std::uint32_t other = image.tensor(DIXION_LIFETIME_DATA, 300);
  image.tensors[table].step_stride = image.tensors[same].step_stride = 100;
  image.tensors[other].step_stride = 4;
  const std::uint32_t view = image.view(table, 20, 10);
  image.tensor(DIXION_LIFETIME_OUTPUT, 8);
  ASSERT_EQ(build(), STATUS_OK);

  dixion_parameter_block_t parameters{};
  for (const std::uint32_t step : {0u, 2u}) {
    schedule_fill_parameters(&schedule, DIXION_PHASE_STEP, step, &parameters);
    EXPECT_EQ(parameters.tag_base, dixion_tag(step, 0, 0));
    for (const auto& [tensor, offset] :
         {std::pair{table, 100 * step}, {same, 100 * step}, {other, 4 * step}, {view, 20 + 100 * step}}) {
      const dixion_descriptor_t& entry = descriptor(tensor);
      const std::uint32_t root = tensor == view ? table : tensor;
      EXPECT_EQ(entry.flags, DIXION_DESCRIPTOR_FLAG_PARAMETER_BASE);
      EXPECT_EQ(parameters.value[entry.parameter] + entry.address,
                0x8000'0000 + image_tensors(schedule.image)[root].offset + offset);
    }
  }
  schedule_fill_parameters(&schedule, DIXION_PHASE_FINISH, 2, &parameters);
  EXPECT_EQ(dixion_tag_step(parameters.tag_base), DIXION_TAG_STEP_NONE);
}

TEST_F(Schedule, ThirtyOneDifferentStepStridesFitAndOneMoreDoesNot) {
  image.tensor(DIXION_LIFETIME_OUTPUT, 8);
  for (std::uint32_t i = 1; i <= 31; ++i) image.tensors[image.tensor(DIXION_LIFETIME_DATA, 64)].step_stride = 4 * i;
  EXPECT_EQ(build(), STATUS_OK);
  image.tensors[image.tensor(DIXION_LIFETIME_DATA, 64)].step_stride = 4 * 32;
  EXPECT_EQ(build(), STATUS_BAD_IMAGE);
  EXPECT_EQ(problem.index, 32u);
}

TEST_F(Schedule, ExactlyEnoughMemoryIsEnough) {
  const std::uint32_t a = image.tensor(DIXION_LIFETIME_STEP, 5000);
  const std::uint32_t b = image.tensor(DIXION_LIFETIME_STEP, 5000);
  image.add(DIXION_OPCODE_NOISE, {a});
  image.add(DIXION_OPCODE_GELU, {a, b});
  image.add(DIXION_OPCODE_DMA_COPY, {b, image.tensor(DIXION_LIFETIME_OUTPUT, 5000)});
  ASSERT_EQ(build(), STATUS_OK);
  const std::size_t enough = used;
  EXPECT_EQ(build(enough), STATUS_OK);
  EXPECT_EQ(used, enough);
  EXPECT_EQ(build(enough - 1), STATUS_NO_MEMORY);
  EXPECT_STREQ(problem.what, "DRAM has no room for the command list of phase");
  EXPECT_EQ(problem.index, static_cast<std::uint32_t>(DIXION_PHASE_STEP));
  EXPECT_GT(problem.needed, problem.there);
  for (std::size_t room = 0; room < enough; room += 64) {
    ASSERT_EQ(build(room), STATUS_NO_MEMORY) << room;
    ASSERT_NE(problem.what, nullptr);
    ASSERT_GT(problem.needed, problem.there);
  }
}

TEST_F(Schedule, TensorsThatDramCannotHoldAreToldWithBytes) {
  const std::uint32_t first = image.tensor(DIXION_LIFETIME_RUN, 64);
  image.add(DIXION_OPCODE_DMA_COPY, {first, image.tensor(DIXION_LIFETIME_OUTPUT, 1 << 20)});
  constexpr std::size_t kRoom = 1 << 16;
  ASSERT_EQ(build(kRoom), STATUS_NO_MEMORY);
  EXPECT_STREQ(problem.what, "DRAM has no room for tensor");
  EXPECT_EQ(problem.index, 1u);
  EXPECT_EQ(problem.needed, 64u + (1 << 20));
  EXPECT_LT(problem.there, kRoom);
  const std::size_t enough = kRoom + problem.needed - problem.there;
  ASSERT_EQ(build(enough - 1), STATUS_NO_MEMORY);
  EXPECT_STREQ(problem.what, "DRAM has no room for tensor");
  EXPECT_EQ(problem.there, problem.needed - 1);
  ASSERT_EQ(build(enough), STATUS_NO_MEMORY) << "descriptors and lists do not fit";
  EXPECT_STREQ(problem.what, "DRAM has no room for the schedule's tables");
  EXPECT_EQ(problem.there, 0u);
  EXPECT_GT(problem.needed, 0u);
}

TEST_F(Schedule, DmaCommandsTakeChannelsInTurn) {
  const std::uint32_t a = image.tensor(DIXION_LIFETIME_STEP, 64);
  const std::uint32_t b = image.tensor(DIXION_LIFETIME_STEP, 64);
  const std::uint32_t out = image.tensor(DIXION_LIFETIME_OUTPUT, 64);
  for (const std::uint32_t tensor : {a, b, out}) image.add(DIXION_OPCODE_DMA_FILL, {tensor});
  ASSERT_EQ(build(), STATUS_OK);
  const dixion_command_t* commands = list(DIXION_PHASE_STEP).commands;
  EXPECT_EQ(commands[0].core_first, 0);
  EXPECT_EQ(commands[1].core_first, 1);
  EXPECT_EQ(commands[2].core_first, 0);
  EXPECT_EQ(commands[0].core_count, 1);
}

}  // namespace
}  // namespace dixion::test
