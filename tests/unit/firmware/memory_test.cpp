// SPDX-License-Identifier: Apache-2.0
/// Which memory tensors get, what they share, and the ring of weights.
#include "tests/unit/firmware/list_order.h"
#include "tests/unit/firmware/schedule_bench.h"

namespace dixion::test {
namespace {

struct MemoryPlan : ScheduleBench {
  std::uint32_t output = image.tensor(DIXION_LIFETIME_OUTPUT, 64);

  std::uint32_t scratch(std::uint64_t bytes) { return image.tensor(DIXION_LIFETIME_STEP, bytes); }
  std::uint32_t weight(std::uint64_t bytes) {
    const std::uint32_t tensor = image.tensor(DIXION_LIFETIME_DATA, bytes);
    image.tensors[tensor].resident = 1;
    return tensor;
  }
  void copy(std::uint32_t from, std::uint32_t to) { image.add(DIXION_OPCODE_GELU, {from, to}); }
  void matmul(std::uint32_t weight) { image.add(DIXION_OPCODE_MATMUL, {output, weight, weight, weight, output}); }
  static constexpr auto kNone = DIXION_IMAGE_NONE;
  void matmul(std::uint32_t weight, std::uint32_t other) {
    image.add(DIXION_OPCODE_MATMUL, {output, weight, other, kNone, output});
  }

  /// Positions in the step's list of the loads and of the operator's command.
  std::vector<std::size_t> loads() {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < list(DIXION_PHASE_STEP).count; ++i) {
      if (dixion_tag_operator(step(i).tag) == SCHEDULE_OPERATOR_LOAD) found.push_back(i);
    }
    return found;
  }
  std::size_t position(std::uint32_t number) {
    for (std::size_t i = 0; i < list(DIXION_PHASE_STEP).count; ++i) {
      if (dixion_tag_operator(step(i).tag) == number && step(i).opcode != DIXION_OPCODE_NOP) return i;
    }
    ADD_FAILURE() << "no operator " << number;
    return 0;
  }
  const dixion_command_t& step(std::size_t index) { return list(DIXION_PHASE_STEP).commands[index]; }
  std::uint64_t operand_address(std::uint32_t number, unsigned operand) {
    return schedule.descriptors.entries[step(position(number)).operands[operand]].address;
  }
  std::uint64_t data_address(std::uint32_t tensor) {
    return 0x8000'0000 + image_tensors(schedule.image)[tensor].offset;
  }
};

TEST_F(MemoryPlan, TensorsShareMemoryWhenNoOperatorNeedsBoth) {
  capabilities.global_buffer_bytes = 0;
  const std::uint32_t a = scratch(100), b = scratch(100), c = scratch(100), d = scratch(100);
  image.add(DIXION_OPCODE_NOISE, {a});
  copy(a, b);
  copy(b, c);
  copy(c, d);
  copy(d, output);
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_NE(address(a), address(b)) << "one operator reads a and writes b";
  EXPECT_EQ(address(a), address(c));
  EXPECT_EQ(address(b), address(d));
  EXPECT_EQ(schedule.dram_bytes, 64u + 2 * 128);
  EXPECT_EQ(schedule.unshared_bytes, 64u + 4 * 128);
}

TEST_F(MemoryPlan, UseOfAViewKeepsTheWholeTensor) {
  capabilities.global_buffer_bytes = 0;
  const std::uint32_t a = scratch(100), b = scratch(100), c = scratch(100);
  image.add(DIXION_OPCODE_NOISE, {a});
  copy(a, b);
  copy(b, c);
  copy(image.view(a, 0, 1), output);
  copy(c, output);
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_NE(address(a), address(c));
}

TEST_F(MemoryPlan, MemoryIsFreeBetweenTwoContentsOfOneTensor) {
  capabilities.global_buffer_bytes = 0;
  const std::uint32_t again = scratch(100), between = scratch(100);
  const std::uint32_t shown_otherwise = image.view(again, 0, 100);
  const auto fill = [&](std::uint32_t first, std::uint32_t second) {
    image.operators.clear();
    image.add(DIXION_OPCODE_NOISE, {first});
    copy(again, output);
    image.add(DIXION_OPCODE_NOISE, {between});
    copy(between, output);
    image.add(DIXION_OPCODE_NOISE, {second});
    copy(again, output);
  };
  for (const std::uint32_t second : {again, shown_otherwise}) {
    fill(again, second);
    ASSERT_EQ(build(), STATUS_OK);
    EXPECT_EQ(address(again), address(between));
  }
  fill(again, image.view(again, 1, 99));
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_NE(address(again), address(between)) << "a byte of the first content is left";
  const std::uint32_t every_other = image.view(again, 0, 100);
  image.split(every_other, 2, 50);
  fill(again, every_other);
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_NE(address(again), address(between)) << "the gaps keep the first content";
}

TEST_F(MemoryPlan, WhatIsReadBeforeItIsWrittenLivesForTheWholeRun) {
  const std::uint32_t carried = scratch(100), other = scratch(100);
  copy(carried, output);
  image.add(DIXION_OPCODE_NOISE, {carried});
  image.add(DIXION_OPCODE_NOISE, {other});
  copy(other, output);
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_FALSE(in_global_buffer(address(carried)));
  EXPECT_TRUE(in_global_buffer(address(other)));
  EXPECT_EQ(schedule.dram_bytes, 64u + 128);
}

TEST_F(MemoryPlan, ShortLivedTensorsGetTheGlobalBufferFirst) {
  capabilities.global_buffer_bytes = 1024;
  const std::uint32_t kept = scratch(1024), a = scratch(512), b = scratch(512), c = scratch(1025);
  image.add(DIXION_OPCODE_NOISE, {kept});
  image.add(DIXION_OPCODE_NOISE, {a});
  copy(a, b);
  copy(b, output);
  image.add(DIXION_OPCODE_NOISE, {c});
  copy(c, output);
  copy(kept, output);
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_EQ(address(a), DIXION_GLOBAL_BUFFER_BASE);
  EXPECT_EQ(address(b), DIXION_GLOBAL_BUFFER_BASE + 512);
  EXPECT_FALSE(in_global_buffer(address(kept)));
  EXPECT_FALSE(in_global_buffer(address(c))) << "a byte too large";
  EXPECT_EQ(schedule.activation_bytes, 1024u);
}

TEST_F(MemoryPlan, ActivationsTakeWhatResidentWeightsLeave) {
  const std::uint32_t held = weight(4096 - 128);
  const std::uint32_t fits = scratch(128), does_not = scratch(129);
  for (const std::uint32_t tensor : {fits, does_not}) {
    image.add(DIXION_OPCODE_NOISE, {tensor});
    copy(tensor, output);
  }
  matmul(held);
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_EQ(address(held), DIXION_GLOBAL_BUFFER_BASE);
  EXPECT_EQ(address(fits), DIXION_GLOBAL_BUFFER_BASE + 4096 - 128);
  EXPECT_FALSE(in_global_buffer(address(does_not)));
  EXPECT_EQ(schedule.ring_bytes, 0u);
}

TEST_F(MemoryPlan, WhatTechniquesCarryFromStepToStepIsHeldWhereWeightsAndActivationsLeaveRoom) {
  const std::uint32_t held = weight(1024), active = scratch(1024);
  const std::uint32_t mask = image.tensor(DIXION_LIFETIME_RUN, 100), sums = image.tensor(DIXION_LIFETIME_RUN, 2048),
                      more = image.tensor(DIXION_LIFETIME_RUN, 128), latent = image.tensor(DIXION_LIFETIME_RUN, 64);
  image.add(DIXION_OPCODE_NOISE, {active});
  matmul(held);
  copy(active, latent);
  for (const std::uint32_t state : {mask, sums, more}) {
    copy(active, state);
    image.operators.back().step_kinds = 0x0f;
    copy(state, output);
    image.operators.back().step_kinds = 0xf0;
  }
  capabilities.global_buffer_bytes = 1024 + 1024 + 128 + 128;
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_EQ(address(mask), DIXION_GLOBAL_BUFFER_BASE + 2048);
  EXPECT_FALSE(in_global_buffer(address(sums))) << "no room";
  EXPECT_EQ(address(more), DIXION_GLOBAL_BUFFER_BASE + 2048 + 128);
  EXPECT_FALSE(in_global_buffer(address(latent))) << "read and written in every step";
  EXPECT_EQ(schedule.dram_bytes, 64u + 2048 + 64);
  capabilities.global_buffer_bytes = 512;  // not all weights fit
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_FALSE(in_global_buffer(address(mask)));
}

TEST_F(MemoryPlan, CachesTakeWhatActivationsLeave) {
  capabilities.global_buffer_bytes = 1024;
  const std::uint32_t active = scratch(512);
  const std::uint32_t larger = image.tensor(DIXION_LIFETIME_RUN, 513), fits = image.tensor(DIXION_LIFETIME_RUN, 448);
  const std::uint32_t not_asked_for = image.tensor(DIXION_LIFETIME_RUN, 64);
  image.tensors[larger].resident = image.tensors[fits].resident = 1;
  image.add(DIXION_OPCODE_NOISE, {active});
  copy(active, output);
  for (const std::uint32_t tensor : {larger, fits, not_asked_for}) copy(output, tensor);
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_EQ(address(active), DIXION_GLOBAL_BUFFER_BASE);
  EXPECT_EQ(address(fits), DIXION_GLOBAL_BUFFER_BASE + 512);
  EXPECT_FALSE(in_global_buffer(address(larger)));
  EXPECT_FALSE(in_global_buffer(address(not_asked_for)));
  EXPECT_EQ(schedule.cache_bytes, 448u);
}

struct WeightRing : MemoryPlan {
  /// Eight weights of 1024 bytes in a buffer of 4096; two hold what is left beside the ring.
  std::vector<std::uint32_t> weights;
  void SetUp() override {
    MemoryPlan::SetUp();
    for (int i = 0; i < 8; ++i) weights.push_back(weight(1024));
    for (const std::uint32_t tensor : weights) matmul(tensor);
  }
};

TEST_F(WeightRing, OneByteTooMuchForAllToStayMakesOne) {
  image.operators.clear();
  image.tensors.resize(1);
  const std::uint32_t a = weight(2048), b = weight(2048);
  matmul(a);
  matmul(b);
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_EQ(schedule.resident_bytes, 4096u);
  matmul(weight(1));
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_LT(schedule.resident_bytes, 4096u);
  EXPECT_EQ(schedule.weight_bytes, 4096u + 64);
}

TEST_F(WeightRing, TakesHalfOfTheBufferAtMostAndTheRestHoldsWeights) {
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_EQ(schedule.ring_bytes, 2048u);
  EXPECT_EQ(schedule.resident_bytes, 2048u);
  EXPECT_EQ(loads().size(), 6u);
}

TEST_F(WeightRing, HasRoomForThreeOfTheHungriestOperator) {
  capabilities.global_buffer_bytes = 7168;
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_EQ(schedule.ring_bytes, 3072u);
}

TEST_F(WeightRing, EachLoadPrecedesItsReaderByAnOperatorOrMore) {
  ASSERT_EQ(build(), STATUS_OK);
  const ListOrder order(list(DIXION_PHASE_STEP));
  const std::vector<std::size_t> places = loads();
  for (std::uint32_t i = 2; i < 8; ++i) {  // 0 and 1 are resident
    const std::size_t load = places[i - 2];
    EXPECT_TRUE(order.ordered(load, position(i)));
    if (i > 2) {
      EXPECT_LT(load, position(i - 1)) << "operator " << i << " would wait for its weight";
    }
    const dixion_descriptor_t& from = schedule.descriptors.entries[step(load).operands[0]];
    const dixion_descriptor_t& to = schedule.descriptors.entries[step(load).operands[1]];
    EXPECT_EQ(from.address, data_address(weights[i]));
    EXPECT_EQ(from.extent[0], 1024u);
    EXPECT_EQ(to.address, operand_address(i, 1));
    EXPECT_LE(to.address + 1024, DIXION_GLOBAL_BUFFER_BASE + schedule.ring_bytes);
  }
  EXPECT_NE(operand_address(2, 1), operand_address(3, 1));
}

TEST_F(WeightRing, LoadWaitsForTheReadersOfWhatItOverwritesOnly) {
  ASSERT_EQ(build(), STATUS_OK);
  const ListOrder order(list(DIXION_PHASE_STEP));
  const std::size_t third = loads()[2];  // serves operator 4, in the place of operator 2
  EXPECT_TRUE(order.ordered(position(2), third));
  EXPECT_FALSE(order.ordered(position(3), third));
}

TEST_F(WeightRing, LoadsDoNotFillTheListInFrontOfTheWork) {
  image.operators.clear();
  image.tensors.resize(1);
  capabilities.global_buffer_bytes = 65536;
  for (int i = 0; i < 12; ++i) matmul(weight(5000));  // six fit the ring, one is held
  matmul(weight(16384));
  ASSERT_EQ(build(), STATUS_OK);
  ASSERT_EQ(schedule.ring_bytes, 32768u);
  std::size_t first = 0;
  while (dixion_tag_operator(step(first).tag) == SCHEDULE_OPERATOR_LOAD) ++first;
  EXPECT_EQ(first, 3u);
}

TEST_F(WeightRing, HasAChannelOfItsOwn) {
  capabilities.dma_channels = 3;
  const std::uint32_t a = scratch(64);
  for (int i = 0; i < 4; ++i) image.add(DIXION_OPCODE_DMA_COPY, {output, a});
  ASSERT_EQ(build(), STATUS_OK);
  for (const std::size_t load : loads()) EXPECT_EQ(step(load).core_first, 0);
  for (std::uint32_t i = 0; i < 4; ++i) EXPECT_EQ(step(position(8 + i)).core_first, 1 + i % 2);
  capabilities.dma_channels = 1;
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_EQ(step(position(8)).core_first, 0);
}

TEST_F(WeightRing, WeightBeyondHalfOfTheRingIsReadFromDram) {
  image.operators.clear();
  image.tensors.resize(1);
  const std::uint32_t fits = weight(1024), does_not = weight(1025);
  for (int i = 0; i < 3; ++i) matmul(weight(1000));
  matmul(fits, does_not);
  matmul(does_not);
  capabilities.global_buffer_bytes = 4096;
  ASSERT_EQ(build(), STATUS_OK);
  ASSERT_EQ(schedule.ring_bytes, 2048u);
  EXPECT_EQ(operand_address(4, 1), data_address(does_not));
  EXPECT_EQ(operand_address(3, 2), data_address(does_not));
  EXPECT_TRUE(in_global_buffer(operand_address(3, 1)));
}

TEST_F(WeightRing, WeightOfTwoOperatorsIsLoadedOnceWhileItIsThere) {
  matmul(weights[7]);
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_EQ(loads().size(), 6u);
  EXPECT_EQ(operand_address(7, 1), operand_address(8, 1));
  EXPECT_EQ(step(position(8)).operands[1], step(position(8)).operands[3]) << "one load serves equal operands";
  matmul(weights[2]);  // its place has been taken again
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_EQ(loads().size(), 7u);
}

TEST_F(WeightRing, ACopyIsNotSharedWhereTheOperatorsOtherLoadWouldTakeItsPlace) {
  const std::uint32_t first = weight(1024), second = weight(1024);
  matmul(weights[7], first);   // weight 7 lies in one half of the ring, the first in the other
  matmul(weights[7], second);  // whose turn it is in the half of weight 7
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_EQ(loads().size(), 8u);
  EXPECT_EQ(operand_address(8, 1), operand_address(7, 1));
  EXPECT_TRUE(in_global_buffer(operand_address(8, 2)));
  EXPECT_TRUE(in_global_buffer(operand_address(9, 1)));
  EXPECT_EQ(operand_address(9, 2), data_address(second));  // two are more than an operator may load
}

TEST_F(WeightRing, PartOfAWeightIsLoadedAlone) {
  const std::uint32_t part = image.view(weight(1024), 100, 50);
  matmul(part);
  ASSERT_EQ(build(), STATUS_OK);
  const dixion_command_t& load = step(loads().back());
  EXPECT_EQ(schedule.descriptors.entries[load.operands[0]].address,
            data_address(image_tensors(schedule.image)[part].parent) + 100);
  EXPECT_EQ(schedule.descriptors.entries[load.operands[0]].extent[0], 50u);
  EXPECT_EQ(schedule.descriptors.entries[load.operands[1]].address, operand_address(8, 1));
}

TEST_F(WeightRing, PartAndWholeOfAWeightShareACopy) {
  const std::uint32_t before = image.view(weights[7], 100, 50);
  matmul(before);
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_EQ(loads().size(), 6u);
  EXPECT_EQ(operand_address(8, 1), operand_address(7, 1) + 100);
  const std::uint32_t whole = weight(1024);
  matmul(image.view(whole, 200, 50));
  matmul(whole);
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_EQ(loads().size(), 7u);
  EXPECT_EQ(operand_address(9, 1), operand_address(10, 1) + 200);
}

TEST_F(WeightRing, OtherPhasesReadDram) {
  image.add(DIXION_OPCODE_MATMUL, {output, weights[7], kNone, kNone, output}, DIXION_PHASE_ONCE);
  ASSERT_EQ(build(), STATUS_OK);
  const command_list_t& once = list(DIXION_PHASE_ONCE);
  const dixion_command_t& last = once.commands[once.count - 1];
  EXPECT_EQ(schedule.descriptors.entries[last.operands[1]].address, data_address(weights[7]));
}

TEST_F(WeightRing, SmallWeightsStayWithinAnEighth) {
  const std::uint32_t first = weight(256), second = weight(250), third = weight(257);
  for (const std::uint32_t tensor : {first, second, third}) matmul(tensor);
  ASSERT_EQ(build(), STATUS_OK);
  EXPECT_EQ(address(first), DIXION_GLOBAL_BUFFER_BASE);
  EXPECT_EQ(address(second), DIXION_GLOBAL_BUFFER_BASE + 256);
  EXPECT_EQ(operand_address(1, 1) - DIXION_GLOBAL_BUFFER_BASE, 512u) << "the ring begins behind them";
}

}  // namespace
}  // namespace dixion::test
