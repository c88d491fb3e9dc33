// SPDX-License-Identifier: Apache-2.0
/// Graphs of the size of published networks: building stays within what a hart can do in a moment.
#include <algorithm>

#include "tests/unit/firmware/list_order.h"
#include "tests/unit/firmware/schedule_bench.h"

namespace dixion::test {
namespace {

struct LargeSchedule : ScheduleBench {
  static constexpr std::uint32_t kTokens = 640;  ///< bytes of an activation
  std::uint32_t output = 0;

  std::uint32_t weight(std::uint64_t bytes) {
    const std::uint32_t tensor = image.tensor(DIXION_LIFETIME_DATA, bytes);
    image.tensors[tensor].resident = 1;
    return tensor;
  }
  std::uint32_t scratch(std::uint64_t bytes) { return image.tensor(DIXION_LIFETIME_STEP, bytes); }
  std::uint32_t linear(std::uint32_t from, std::uint64_t bytes, std::uint64_t weight_bytes) {
    const std::uint32_t to = scratch(bytes);
    image.add(DIXION_OPCODE_MATMUL, {from, weight(weight_bytes), weight(40), weight(80), to});
    return to;
  }
  /// Eight operators.
  std::uint32_t block(std::uint32_t x) {
    const std::uint32_t norm = scratch(kTokens);
    image.add(DIXION_OPCODE_GELU, {x, norm});
    const std::uint32_t qkv = linear(norm, 3 * kTokens, 300);
    const std::uint32_t heads = scratch(kTokens);
    image.add(DIXION_OPCODE_ATTENTION, {image.view(qkv, 0, kTokens), image.view(qkv, kTokens, kTokens),
                                        image.view(qkv, 2 * kTokens, kTokens), heads});
    const std::uint32_t projected = linear(heads, kTokens, 100);
    const std::uint32_t sum = scratch(kTokens);
    image.add(DIXION_OPCODE_ADD, {x, projected, sum});
    const std::uint32_t hidden = linear(sum, 4 * kTokens, 400);
    const std::uint32_t active = scratch(4 * kTokens);
    image.add(DIXION_OPCODE_GELU, {hidden, active});
    const std::uint32_t result = scratch(kTokens);
    image.add(DIXION_OPCODE_ADD, {sum, linear(active, kTokens, 400), result});
    return result;
  }
  /// `blocks` blocks; the results of the first `skips` are added again in the last ones, as a U-Net does.
  void network(std::uint32_t blocks, std::uint32_t skips) {
    output = image.tensor(DIXION_LIFETIME_OUTPUT, kTokens);
    std::uint32_t x = scratch(kTokens);
    image.add(DIXION_OPCODE_NOISE, {x});
    std::vector<std::uint32_t> kept;
    for (std::uint32_t i = 0; i < blocks; ++i) {
      x = block(x);
      if (i < skips) kept.push_back(x);
      if (i + skips < blocks || kept.empty()) continue;
      const std::uint32_t sum = scratch(kTokens);
      image.add(DIXION_OPCODE_ADD, {x, kept.back(), sum});
      kept.pop_back();
      x = sum;
    }
    image.add(DIXION_OPCODE_DMA_COPY, {x, output});
  }
};

TEST_F(LargeSchedule, FourThousandOperatorsShareTheMemoryOfAFew) {
  capabilities.dma_channels = 4;
  capabilities.global_buffer_bytes = 8192;
  network(440, 0);
  ASSERT_GT(image.operators.size(), 3900u);
  ASSERT_GT(image.tensors.size(), 9000u);
  ASSERT_EQ(build(6 << 20), STATUS_OK) << problem.what;
  EXPECT_LE(schedule.dram_bytes + schedule.activation_bytes, 12u * kTokens + 8192u)
      << "an operator's hidden layers and the residual are all that lives at a time";
  EXPECT_GT(schedule.unshared_bytes, 440u * 17 * kTokens);
  EXPECT_LE(schedule.most_accesses, 48u);
  EXPECT_GT(schedule.ring_bytes, 0u);
}

TEST_F(LargeSchedule, SkipConnectionsLiveAsLongAsTheyAreNeeded) {
  capabilities.dma_channels = 2;
  capabilities.global_buffer_bytes = 1024;
  network(240, 20);
  ASSERT_EQ(build(6 << 20), STATUS_OK) << problem.what;
  EXPECT_LE(schedule.dram_bytes, (20u + 14u) * kTokens);
  EXPECT_GE(schedule.dram_bytes, 20u * kTokens);
  EXPECT_LE(schedule.most_accesses, 48u + 2 * 20u);
}

TEST_F(LargeSchedule, AlternativesTakeTurnsInTheRingLikeOneOperator) {
  capabilities.global_buffer_bytes = 8192;
  network(20, 0);
  image.steps = 3;
  const auto opcodes = [this](std::uint32_t step) {
    std::vector<unsigned> sequence;
    const command_list_t& commands = *schedule_list(&schedule, DIXION_PHASE_STEP, step);
    for (std::uint32_t i = 0; i < commands.count; ++i) {
      if (commands.commands[i].opcode != DIXION_OPCODE_NOP) sequence.push_back(commands.commands[i].opcode);
    }
    return sequence;
  };
  ASSERT_EQ(build(6 << 20), STATUS_OK) << problem.what;
  ASSERT_GT(schedule.ring_bytes, 0u);
  const std::vector<unsigned> plain = opcodes(0);
  ASSERT_GT(std::count(plain.begin(), plain.end(), unsigned{DIXION_OPCODE_DMA_COPY}), 40);

  const std::uint32_t list = image.tensor(DIXION_LIFETIME_RUN, 64);
  image.ctr.first_steps = 1;
  std::vector<dixion_image_operator_t> alternatives;
  for (dixion_image_operator_t entry : image.operators) {
    const bool doubled = entry.opcode == DIXION_OPCODE_MATMUL;
    if (doubled) entry.step_kinds = 0x33;
    alternatives.push_back(entry);
    if (!doubled) continue;
    entry.step_kinds = 0xcc;
    entry.operands[11] = list;
    alternatives.push_back(entry);
  }
  image.operators = alternatives;
  ASSERT_EQ(build(6 << 20), STATUS_OK) << problem.what;
  EXPECT_EQ(opcodes(0), plain);
  EXPECT_EQ(opcodes(1), plain);
}

}  // namespace
}  // namespace dixion::test
