// SPDX-License-Identifier: Apache-2.0
/// The mask rule of docs/try_your_idea.md, built from the page and run in attention.
#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "models/common/mask_bits.h"
#include "models/engines/matrix/attention_function.h"
#include "models/engines/matrix/mask_rule.h"

namespace dixion {
namespace {

TEST(TryAMaskRule, TheRuleOfThePageKeepsTheKeysWithTheLargestWeights) {
  const auto rule = make_mask_rule("top_k");
  EXPECT_STREQ(mask_rules().front()->name(), "threshold");
  std::mt19937 random(1);
  for (int round = 0; round < 100; ++round) {
    std::vector<std::int16_t> weights(1 + random() % 100);
    for (std::int16_t& weight : weights) weight = static_cast<std::int16_t>(random() % 40);
    const std::size_t k = random() % 120;
    std::vector<std::uint32_t> bits(mask_words(weights.size()), 0);
    KeptKeys kept(bits.data(), 0);
    rule->mark({weights, 1, static_cast<std::uint32_t>(k << 16)}, kept);
    EXPECT_EQ(kept_keys(bits.data(), weights.size()), std::min(k, weights.size()));
    // No key that is left out has a larger weight than one that is kept, nor the same at a lower index.
    std::int32_t least = 1 << 20;
    std::size_t last = 0;
    for_each_kept(bits.data(), weights.size(), [&](std::size_t j) {
      if (weights[j] <= least) {
        least = weights[j];
        last = j;
      }
    });
    for (std::size_t j = 0; j < weights.size(); ++j) {
      if ((bits[j / 32] >> j % 32 & 1) != 0) continue;
      EXPECT_TRUE(weights[j] < least || (weights[j] == least && j > last) || k == 0);
    }
  }
}

TEST(TryAMaskRule, AttentionMarksWithIt) {
  constexpr std::size_t kHeads = 2, kTokens = 50, kDepth = 8;
  std::mt19937 random(2);
  std::vector<std::int16_t> q(kHeads * kTokens * kDepth), k(q.size()), v(q.size()), dst(q.size());
  for (auto* tensor : {&q, &k, &v}) {
    for (std::int16_t& value : *tensor) value = static_cast<std::int16_t>(static_cast<int>(random() % 401) - 200);
  }
  const auto rule = make_mask_rule("top_k");
  AttentionOperands operands;
  operands.heads = kHeads;
  operands.queries = operands.keys = kTokens;
  operands.depth = kDepth;
  operands.q = q.data();
  operands.k = k.data();
  operands.v = v.data();
  operands.score_multiplier = 1 << 30;
  operands.score_shift = 32;
  operands.output_multiplier = 1 << 30;
  operands.output_shift = 30;
  std::vector<std::uint32_t> marks(kHeads * kTokens * mask_words(kTokens), 0);
  operands.marks = marks.data();
  operands.rule = rule.get();
  operands.threshold = 7 << 16;
  attention_function(portable_kernels(), operands, dst.data());
  for (std::size_t row = 0; row < kHeads * kTokens; ++row) {
    EXPECT_EQ(kept_keys(marks.data() + row * mask_words(kTokens), kTokens), 7U);
  }
}

}  // namespace
}  // namespace dixion
