// SPDX-License-Identifier: Apache-2.0
/// Which tokens are listed (docs/numerics.md section 20), and the list.
#include <numeric>
#include <set>

#include "models/sparsity/ranked_rule.h"
#include "models/sparsity/sparsity_controller.h"
#include "models/sparsity/token_decision_timing.h"
#include "tests/support/engine_bench.h"

namespace dixion::test {
namespace {

using reference::Tensor;

std::vector<std::int32_t> words_at(EngineBench& bench, TensorView view) {
  view.format = DIXION_FORMAT_INT32;
  return bench.fetch(view);
}

Command decision(EngineBench& bench, const Tensor& latent, const Tensor& previous, std::uint32_t branches,
                 std::uint32_t threshold, std::uint32_t share, std::uint32_t generation = 0) {
  const std::size_t rows = latent.extent[1] * latent.extent[2] * branches;
  std::vector<std::uint32_t> words(4 + rows, 77);
  words[2] = generation;
  return bench.command(
      DIXION_OPCODE_TOKEN_DECISION,
      {bench.place(latent, 3, DIXION_FORMAT_INT32), bench.place(previous, 3, DIXION_FORMAT_INT32), bench.place(words)},
      {branches, threshold, share});
}

void equals_the_reference(EngineBench& bench) {
  const auto samples = static_cast<std::size_t>(bench.between(1, 4)),
             tokens = static_cast<std::size_t>(bench.between(1, 50));
  const auto channels = static_cast<std::size_t>(bench.between(1, 20));
  const std::int32_t range = bench.chance(50) ? 3 : 2147483647;  // many equal ones, or differences beyond int32
  const Tensor latent = bench.tensor({samples, tokens, channels}, -range, range);
  const Tensor previous = bench.tensor({samples, tokens, channels}, -range, range);
  const auto branches = static_cast<std::uint32_t>(bench.between(1, 3));
  const std::uint32_t thresholds[] = {0, 1, 40000, 65536, 90000, 0xffffffff};
  const std::uint32_t shares[] = {0, 1, 20000, 32768, 65535, 65536};
  const std::uint32_t threshold = thresholds[bench.between(0, 5)], share = shares[bench.between(0, 5)];
  const Command command = decision(bench, latent, previous, branches, threshold, share, 41);
  const Tensor before({4 + samples * tokens * branches}, words_at(bench, command.operands[2]));
  SparsityController controller{AcceleratorConfig{}};
  bench.run(controller, command);
  EXPECT_EQ(words_at(bench, command.operands[2]),
            reference::token_decision(latent, previous, before, branches, threshold, share).values);
}

TEST(TokenDecision, EqualsTheReference) { over_seeds(80, equals_the_reference); }

std::vector<bool> ranked(std::vector<std::uint64_t> change, std::uint32_t threshold, std::uint32_t share) {
  return RankedRule().active(change, {threshold, share});
}
using Active = std::vector<bool>;

TEST(RankedRule, TheThresholdIsAStrictBoundOnTheChangeOverTheMean) {
  const std::vector<std::uint64_t> change{1, 2, 3, 6};  // mean 3
  EXPECT_EQ(ranked(change, 65536, 0), (Active{false, false, false, true}));
  EXPECT_EQ(ranked(change, 65535, 0), (Active{false, false, true, true}));
  EXPECT_EQ(ranked(change, 2 * 65536, 0), (Active{false, false, false, false}));
  EXPECT_EQ(ranked({0, 0, 0}, 1, 0), (Active{false, false, false}));
}

TEST(RankedRule, TheShareIsRoundedUpAndEqualOnesCountByIndex) {
  const std::vector<std::uint64_t> change{5, 9, 5, 5};
  EXPECT_EQ(ranked(change, 0, 1), (Active{false, true, false, false}));
  EXPECT_EQ(ranked(change, 0, 16384), (Active{false, true, false, false}));
  EXPECT_EQ(ranked(change, 0, 16385), (Active{true, true, false, false}));
  EXPECT_EQ(ranked(change, 0, 49152), (Active{true, true, true, false}));
  EXPECT_EQ(ranked(change, 0, 65536), (Active{true, true, true, true}));
}

TEST(RankedRule, BothMustHoldAndNeitherListsAll) {
  const std::vector<std::uint64_t> change{1, 2, 3, 6};
  EXPECT_EQ(ranked(change, 65535, 16384), (Active{false, false, false, true}));
  EXPECT_EQ(ranked(change, 65536, 65536), (Active{false, false, false, true}));
  EXPECT_EQ(ranked(change, 0, 0), (Active{true, true, true, true}));
}

TEST(RankedRule, SumsBeyond64BitsAreExact) {
  const std::uint64_t large = (std::uint64_t{1} << 45) - 1;
  std::vector<std::uint64_t> change(4096, large);
  EXPECT_EQ(ranked(change, 65536, 0), Active(4096, false));
  EXPECT_EQ(ranked(change, 65535, 0), Active(4096, true));
}

TEST(TokenDecision, WhatDoesNotFitIsNamed) {
  EngineBench bench(1);
  SparsityController controller{AcceleratorConfig{}};
  const Tensor latent({1, 2, 4, 3});
  const Command right = decision(bench, latent, latent, 2, 0, 65536);
  EXPECT_FALSE(controller.check(right));
  Command wrong = right;
  wrong.operands[2].extent[0] -= 1;
  EXPECT_EQ(controller.check(wrong).expected, "at least 20 words: the header and all tokens of all branches");
  wrong = right;
  wrong.immediates[2] = 65537;
  EXPECT_EQ(controller.check(wrong).cause, DIXION_CAUSE_BAD_IMMEDIATE);
  wrong = right;
  wrong.immediates[0] = 0;
  EXPECT_EQ(controller.check(wrong).field, DIXION_FIELD_IMMEDIATE0);
  wrong = right;
  wrong.operands[1].extent[1] = 3;
  EXPECT_EQ(controller.check(wrong).cause, DIXION_CAUSE_BAD_SHAPE);
}

TEST(TokenDecision, TakesAPassOverTheLatentAndPassesOverTokens) {
  AcceleratorConfig config;  // 64 lanes
  EXPECT_EQ(token_decision_cycles(config, 1, 256, 4, false, 1), 16U + 4 + 12);
  EXPECT_EQ(token_decision_cycles(config, 1, 256, 4, true, 1), 16U + 7 * 4 + 12);
  EXPECT_EQ(token_decision_cycles(config, 2, 257, 4, false, 2), 17U + 5 + 12);
}

// Timing mode.

/// Lists of the decisions number 1 to `count`.
std::vector<std::set<std::int32_t>> planned(const AcceleratorConfig& config, std::uint32_t threshold,
                                            std::uint32_t share, int count) {
  EngineBench bench(1);
  SparsityController controller(config);
  const Tensor latent({1, 1, 1024, 4});
  const Command command = decision(bench, latent, latent, 2, threshold, share);
  std::vector<std::set<std::int32_t>> lists;
  for (int i = 0; i < count; ++i) {
    Result result;
    EXPECT_FALSE(controller.plan(command, bench.memory, result));
    for (const Result::Tensor& tensor : result.tensors) EXPECT_TRUE(store(tensor, bench.memory));
    const std::vector<std::int32_t> words = words_at(bench, command.operands[2]);
    EXPECT_EQ(words[2], i + 1);
    lists.emplace_back(words.begin() + 4, words.begin() + 4 + words[0]);
    EXPECT_EQ(lists.back().size(), static_cast<std::size_t>(words[0]));
  }
  return lists;
}

TEST(MadeUpTokens, AreAsManyAsAskedForAndTheSameForAllBranches) {
  const auto lists = planned({}, 0, 19661, 3);
  for (const auto& list : lists) {
    EXPECT_EQ(list.size(), 2 * 308U);
    for (const std::int32_t row : list) EXPECT_TRUE(list.contains(row < 1024 ? row + 1024 : row - 1024));
  }
  AcceleratorConfig config;
  config.token_share = 0.5;
  EXPECT_EQ(planned(config, 65536, 0, 1)[0].size(), 1024U);
}

TEST(MadeUpTokens, LieTogetherStayForAWhileAndFollowTheSeed) {
  const auto lists = planned({}, 0, 19661, 40);
  std::size_t neighbours = 0, stay = 0, return_later = 0;
  for (const std::int32_t row : lists[0]) {
    neighbours += lists[0].contains(row + 1) ? 1U : 0U;
    stay += lists[1].contains(row) ? 1U : 0U;
    return_later += lists[39].contains(row) ? 1U : 0U;
  }
  const auto all = static_cast<double>(lists[0].size());
  EXPECT_GT(static_cast<double>(neighbours) / all, 0.55);  // 0.3 if they did not
  EXPECT_GT(static_cast<double>(stay) / all, 0.8);
  EXPECT_LT(static_cast<double>(return_later) / all, 0.5);
  EXPECT_EQ(planned({}, 0, 19661, 40), lists);
  AcceleratorConfig other;
  other.mask_seed = 2;
  EXPECT_NE(planned(other, 0, 19661, 1)[0], lists[0]);
}

TEST(MadeUpTokens, AThresholdMeetsTheMadeUpChanges) {
  const double above = static_cast<double>(planned({}, 65536, 0, 1)[0].size()) / 2048;
  EXPECT_GT(above, 0.35);
  EXPECT_LT(above, 0.65);
}

}  // namespace
}  // namespace dixion::test
