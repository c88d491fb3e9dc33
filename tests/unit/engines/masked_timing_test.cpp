// SPDX-License-Identifier: Apache-2.0
/// accel_cycles of attention under a mask, worked out by hand from docs/timing.md.
#include "models/engines/matrix/masked_timing.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace dixion::test {
namespace {

Cycles dense(const AcceleratorConfig& config, const AttentionShape& shape, dixion_split split, unsigned cores) {
  OperandDelivery delivery(config);
  return attention_timing(config, delivery, shape, split, cores).compute;
}

/// Row i keeps the keys that `keep(i, j)` says.
class RuleMask final : public MaskSource {
 public:
  explicit RuleMask(bool (*keep)(std::uint64_t, std::uint64_t)) : keep_(keep) {}
  void row(std::uint64_t number, std::size_t keys, std::uint32_t* words) const override {
    for (std::size_t i = 0; i < mask_words(keys); ++i) words[i] = 0;
    for (std::size_t j = 0; j < keys; ++j) {
      if (keep_(number, j)) words[j / 32] |= std::uint32_t{1} << j % 32;
    }
  }

 private:
  bool (*keep_)(std::uint64_t, std::uint64_t);
};

const RuleMask kAll([](std::uint64_t, std::uint64_t) { return true; });
const RuleMask kFirstQuarter([](std::uint64_t, std::uint64_t j) { return j < 64; });
const RuleMask kOwnKey([](std::uint64_t i, std::uint64_t j) { return j == i % 256; });

constexpr AttentionShape kShape{8, 256, 256, 32};  // heads, Tq, Tk, D

AcceleratorConfig disc_like() {
  AcceleratorConfig config;
  config.array_rows = config.list_groups = 64;
  config.array_columns = 9;
  config.dot_length = 8;
  config.core_sram_banks = 64;
  config.core_sram_word_bytes = 144;
  config.vector_lanes = 4096;  // never the slower part
  return config;
}

MaskedTiming timing(const AcceleratorConfig& config, const MaskSource& mask, unsigned cores = 1,
                    dixion_split split = DIXION_SPLIT_HEADS, const AttentionShape& shape = kShape) {
  OperandDelivery delivery(config);
  return masked_attention_timing(config, delivery, shape, split, cores, mask);
}

TEST(MaskedTiming, AMaskThatKeepsEverythingTakesTheTimeOfAttentionWithoutListMode) {
  for (const unsigned cores : {1U, 4U, 3U}) {
    for (const dixion_split split : {DIXION_SPLIT_HEADS, DIXION_SPLIT_ROWS}) {
      const AcceleratorConfig config;
      const MaskedTiming all = timing(config, kAll, cores, split);
      EXPECT_EQ(all.compute, dense(config, kShape, split, cores)) << cores << ' ' << split;
      EXPECT_EQ(all.kept, 8U * 256 * 256);
      EXPECT_EQ(all.macs_exploited, 0U);
    }
  }
}

TEST(MaskedTiming, KeysThatNoQueryOfATileKeepsAreLeftOut) {
  AcceleratorConfig config;
  config.vector_lanes = 4096;
  AttentionShape shorter = kShape;
  shorter.keys = 64;
  EXPECT_EQ(timing(config, kFirstQuarter).compute, dense(config, shorter, DIXION_SPLIT_HEADS, 1));
  EXPECT_EQ(timing(config, kFirstQuarter).macs_exploited, 2U * 8 * 256 * 192 * 32);
  // 16 queries with a key each: 16 of 256 keys are left, 1 in 256 is kept.
  const MaskedTiming own = timing(config, kOwnKey);
  EXPECT_EQ(own.kept, 8U * 256);
  EXPECT_EQ(own.macs_exploited, (240U + 256) * 8 * 256 * 32);  // no scores: the weight of a single key is 1
  // Only the weighted sum is left: 2 x 1 cycles per tile, after a softmax of 16 x 32 elements.
  EXPECT_EQ(own.compute, 8U * 16 * 2 + 1 + 2 * 39);
}

TEST(MaskedTiming, ListModeTakesOneWordPerKeptKeyAndProduct) {
  // 64 groups, 4 queries each: 64 K and 64 V words per query, all groups start at the same banks.
  AcceleratorConfig config = disc_like();
  config.list_fifo_depth = 64;
  const MaskedTiming quarter = timing(config, kFirstQuarter);
  const std::uint64_t ideal = 8U * 4 * 128;
  EXPECT_GE(quarter.list_cycles, ideal);
  EXPECT_LE(quarter.list_cycles, ideal + 8 * 128);  // 64 cycles to get apart at the start, and the end
  EXPECT_EQ(quarter.macs_exploited, 2U * 8 * 256 * 192 * 32);
  EXPECT_GE(quarter.compute, quarter.list_cycles);
  EXPECT_EQ(quarter.list_variance, 0);
  // Twice as deep keys take two words each.
  AttentionShape deep = kShape;
  deep.depth = 73;
  EXPECT_GE(timing(config, kFirstQuarter, 1, DIXION_SPLIT_HEADS, deep).list_cycles, 2 * ideal);
}

TEST(MaskedTiming, TheSampleAgreesWithAllTilesWithinItsStandardError) {
  const AcceleratorConfig config = disc_like();
  const StatisticalMask mask(0.3, 7);
  AttentionShape shape = kShape;
  shape.heads = 64;
  const MaskedTiming sampled = timing(config, mask, 1, DIXION_SPLIT_HEADS, shape);
  ASSERT_GT(sampled.list_variance, 0);
  // All 64 tiles, eight heads at a time.
  std::uint64_t exact = 0, kept = 0;
  class Part final : public MaskSource {
   public:
    Part(const MaskSource& whole, std::uint64_t first) : whole_(whole), first_(first) {}
    void row(std::uint64_t number, std::size_t keys, std::uint32_t* words) const override {
      whole_.row(first_ + number, keys, words);
    }

   private:
    const MaskSource& whole_;
    std::uint64_t first_;
  };
  for (std::uint64_t head = 0; head < 64; head += 8) {
    const MaskedTiming part = timing(config, Part(mask, head * 256));
    EXPECT_EQ(part.list_variance, 0);
    exact += part.list_cycles;
    kept += part.kept;
  }
  const double error = std::abs(static_cast<double>(sampled.list_cycles) - static_cast<double>(exact));
  EXPECT_LE(error, 3 * std::sqrt(sampled.list_variance));
  EXPECT_GT(error, 0);
  EXPECT_NEAR(static_cast<double>(kept) / (64.0 * 256 * 256), 0.3, 0.01);
  EXPECT_NEAR(static_cast<double>(sampled.kept) / static_cast<double>(kept), 1, 0.01);
}

TEST(MaskedTiming, CoresShareTilesAndMoreKeysTakeLonger) {
  const AcceleratorConfig config = disc_like();
  Cycles before = 0;
  for (const double density : {0.05, 0.1, 0.2, 0.5}) {
    const StatisticalMask mask(density, 3);
    const Cycles one = timing(config, mask).compute, four = timing(config, mask, 4).compute;
    EXPECT_GT(one, before) << density;
    EXPECT_LT(four, one / 2) << density;
    before = one;
  }
}

}  // namespace
}  // namespace dixion::test
