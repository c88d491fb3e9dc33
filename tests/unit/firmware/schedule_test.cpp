// SPDX-License-Identifier: Apache-2.0
/// From packed workload to descriptors, lists and parameter blocks.
#include <random>

#include <gtest/gtest.h>

#include "tests/unit/firmware/list_order.h"
#include "tests/unit/firmware/tiny_image.h"
extern "C" {
#include "firmware/runtime/schedule.h"
}

namespace dixion::test {
namespace {

/// Tensors share a byte.
bool overlap(const TinyImage& image, std::uint32_t a, std::uint32_t b) {
  const auto root = [&](std::uint32_t t) {
    return image.tensors[t].parent == DIXION_IMAGE_NONE ? t : image.tensors[t].parent;
  };
  const auto begin = [&](std::uint32_t t) {
    return image.tensors[t].parent == DIXION_IMAGE_NONE ? 0 : image.tensors[t].offset;
  };
  return root(a) == root(b) && begin(a) < begin(b) + image.tensors[b].size &&
         begin(b) < begin(a) + image.tensors[a].size;
}

/// The tensor that operator `number` writes.
std::uint32_t output(const TinyImage& image, std::size_t number) {
  for (const abi::OpcodeInfo& info : abi::kOpcodes) {
    if (info.value != image.operators[number].opcode) continue;
    for (std::size_t i = 0; i < info.operands.size(); ++i) {
      if (info.operands[i].output) return image.operators[number].operands[i];
    }
  }
  return DIXION_IMAGE_NONE;
}

/// One writes what the other reads or writes.
bool conflict(const TinyImage& image, std::size_t first, std::size_t second) {
  for (const auto& [writer, other] : {std::pair{first, second}, {second, first}}) {
    for (const std::uint32_t operand : image.operators[other].operands) {
      if (operand != DIXION_IMAGE_NONE && overlap(image, output(image, writer), operand)) return true;
    }
  }
  return false;
}

struct Schedule : testing::Test {
  Arena arena{0x8000'0000, 8 << 20};
  MemoryOnlyPort port{arena};
  accel_capabilities_t capabilities{};
  TinyImage image;
  schedule_t schedule{};
  image_problem_t problem{};

  void SetUp() override {
    capabilities.dma_channels = 2;
    capabilities.semaphores = 64;
    capabilities.global_buffer_bytes = 4096;
  }
  status_t build(std::size_t room = 4 << 20) {
    dixion_image_header_t* header = image.pack(arena);
    bump_t memory;
    std::uint8_t* begin = arena.data() + header->size;
    bump_init(&memory, begin, begin + room);
    return schedule_build(&schedule, header, header->size, &capabilities, &memory, &problem);
  }
  /// The descriptor that commands use for `tensor`.
  const dixion_descriptor_t& descriptor(std::uint32_t tensor) { return schedule.descriptors.entries[tensor + 1]; }
  const command_list_t& list(dixion_phase phase) { return schedule.lists[phase]; }
};

TEST_F(Schedule, ScratchLiesBehindTheImageAlignedAndApart) {
  const std::uint32_t a = image.tensor(DIXION_LIFETIME_STEP, 100);
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

TEST_F(Schedule, WeightsStayInDramWhenOneByteTooMuch) {
  const std::uint32_t weight = image.tensor(DIXION_LIFETIME_DATA, 4097);
  image.tensor(DIXION_LIFETIME_OUTPUT, 8);
  image.tensors[weight].resident = 1;
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_EQ(schedule.resident_bytes, 0u);
  EXPECT_EQ(descriptor(weight).address, 0x8000'0000 + image_tensors(schedule.image)[weight].offset);
  EXPECT_EQ(list(DIXION_PHASE_ONCE).count, 0u);
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

TEST_F(Schedule, TooLittleMemoryIsToldWithTheTensor) {
  image.tensor(DIXION_LIFETIME_STEP, 64);
  image.tensor(DIXION_LIFETIME_OUTPUT, 1 << 20);
  EXPECT_EQ(build(1 << 16), STATUS_NO_MEMORY);
  EXPECT_STREQ(problem.what, "DRAM has no room for tensor");
  EXPECT_EQ(problem.index, 1u);
  EXPECT_EQ(build(64), STATUS_NO_MEMORY);
  EXPECT_NE(problem.what, nullptr);
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

/// Operators at random over few tensors and views; every pair that touches the same byte, one of them writing, must be
/// ordered by the list alone.
TEST_F(Schedule, NoRaceInRandomGraphs) {
  std::mt19937 random(3);
  const auto pick = [&random](std::uint32_t limit) { return static_cast<std::uint32_t>(random() % limit); };
  for (int graph = 0; graph < 40; ++graph) {
    image = {};
    capabilities.dma_channels = 1 + pick(8);
    const std::uint32_t roots = 2 + pick(5);
    for (std::uint32_t i = 0; i < roots; ++i) image.tensor(i == 0 ? DIXION_LIFETIME_OUTPUT : DIXION_LIFETIME_STEP, 64);
    for (std::uint32_t i = 0; i < 6; ++i) {
      const std::uint32_t begin = pick(64);
      image.view(pick(roots), begin, 1 + pick(64 - begin));
    }
    const std::uint32_t tensors = roots + 6;
    for (int i = 0; i < 40; ++i) {
      const std::uint32_t a = pick(tensors), b = pick(tensors), c = pick(tensors), d = pick(tensors), e = pick(tensors);
      switch (pick(6)) {
        case 0:
          image.add(DIXION_OPCODE_MATMUL, {a, b, c, d, e});
          break;
        case 1:
          image.add(DIXION_OPCODE_ADD, {a, b, c});
          break;
        case 2:
          image.add(DIXION_OPCODE_NOISE, {a});
          break;
        case 3:
          image.add(DIXION_OPCODE_TIMESTAMP, {a});
          break;
        default:
          image.add(DIXION_OPCODE_DMA_COPY, {a, b});
          break;
      }
    }
    ASSERT_EQ(build(), STATUS_OK) << problem.what;

    const ListOrder order(list(DIXION_PHASE_STEP));
    std::vector<std::size_t> position(image.operators.size());
    for (std::size_t i = 0; i < order.commands().size(); ++i) {
      if (order.commands()[i].opcode != DIXION_OPCODE_NOP) position[dixion_tag_operator(order.commands()[i].tag)] = i;
    }
    for (std::size_t later = 0; later < image.operators.size(); ++later) {
      for (std::size_t earlier = 0; earlier < later; ++earlier) {
        if (conflict(image, earlier, later)) {
          ASSERT_TRUE(order.ordered(position[earlier], position[later]))
              << "graph " << graph << ": " << earlier << ", " << later;
        }
      }
    }
  }
}

}  // namespace
}  // namespace dixion::test
