// SPDX-License-Identifier: Apache-2.0
/// accel_cycles of attention under a mask, worked out by hand from docs/timing.md.
#include "models/engines/matrix/masked_timing.h"

#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "models/common/mask_bits.h"
#include "models/common/statistical_mask.h"
#include "tests/support/cycle_reference/attention_comparison.h"
#include "tests/support/cycle_reference/attention_reference.h"
#include "tests/support/rule_mask.h"

namespace dixion::test::masked_timing {
namespace {

Cycles dense(const AcceleratorConfig& config, const AttentionShape& shape, dixion_split split, unsigned cores) {
  OperandDelivery delivery(config);
  return attention_timing(config, delivery, shape, split, cores).compute;
}

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
  // Only the weighted sum is left, 2 x 1 cycles per tile, and the last division, of 16 x 32 elements. The array's depth
  // is passed once.
  EXPECT_EQ(own.compute, 8U * 16 * 2 + 39 + 1);
}

// Queries of tile t keep the first kWidths[t] keys, where that is 0 one of their own.
constexpr std::array<std::uint64_t, 16> kWidths{256, 3, 0, 200, 16, 16, 1, 256, 256, 17, 90, 0, 0, 5, 256, 40};

TEST(MaskedTiming, TilesThatKeepUnequallyManyKeysTakeWhatTheCycleSteppedReferenceTakes) {
  constexpr std::uint64_t kQueries = 60;  // the array of EXION: four tiles a head, the last not full
  const RuleMask mask([](std::uint64_t number, std::uint64_t j) {
    const std::uint64_t width = kWidths[number / kQueries * 4 + number % kQueries / 16];
    return width == 0 ? j == number % kQueries : j < width;
  });
  for (const ComparedArray& array : attention_arrays()) {
    if (array.config.array_rows != 16) continue;
    AcceleratorConfig config = array.config;
    config.list_groups = 0;
    for (const unsigned lanes : {16U, 64U}) {
      config.vector_lanes = lanes;
      for (const std::uint64_t depth : {16U, 72U}) {
        std::vector<ReferenceTile> tiles;
        for (std::size_t t = 0; t < kWidths.size(); ++t) {
          const std::uint64_t rows = t % 4 == 3 ? kQueries % 16 : 16;
          tiles.push_back({rows, kWidths[t] == 1 ? 0 : kWidths[t], kWidths[t] == 0 ? rows : kWidths[t]});
        }
        const AttentionShape shape{4, kQueries, 256, depth};
        EXPECT_EQ(timing(config, mask, 1, DIXION_SPLIT_HEADS, shape).compute,
                  run_attention(config, tiles, depth, 1).compute)
            << array.name << ", " << lanes << " lanes, " << depth;
      }
    }
  }
}

TEST(MaskedTiming, OfTilesThatAreAllLookedAtTheSlowestCoreDecides) {
  const RuleMask mask([](std::uint64_t number, std::uint64_t j) { return number / 64 == 2 || j == 0; });
  const AttentionShape shape{4, 64, 256, 32}, head{1, 64, 256, 32};
  const AcceleratorConfig config;
  EXPECT_EQ(timing(config, mask, 4, DIXION_SPLIT_HEADS, shape).compute,
            timing(config, kAll, 1, DIXION_SPLIT_HEADS, head).compute);
}

// Heads of a quarter keep as many keys as the others of their quarter: whatever is drawn, each is a quarter of the
// sample.
constexpr std::array<std::uint64_t, 4> kQuarters{256, 16, 100, 200};
const RuleMask kByQuarter([](std::uint64_t number, std::uint64_t j) { return j < kQuarters[number / 16 / 8]; });
const RuleMask kByQuarterOf256([](std::uint64_t number, std::uint64_t j) { return j < kQuarters[number / 16 / 64]; });

TEST(MaskedTiming, TilesOfASampleStandForAllInEqualShares) {
  const AcceleratorConfig config;
  std::vector<ReferenceTile> all;
  Cycles alone = 0;  // a tile of each kind
  for (const std::uint64_t keys : kQuarters) {
    for (unsigned i = 0; i < 64; ++i) all.push_back({16, keys, keys});
    alone += run_attention(config, {{16, keys, keys}}, 64, 1).compute;
  }
  const auto exact = static_cast<double>(run_attention(config, all, 64, 1).compute);
  const AttentionShape long_heads{32, 128, 256, 64}, short_heads{32, 16, 256, 64};
  const auto sampled = static_cast<double>(timing(config, kByQuarterOf256, 1, DIXION_SPLIT_HEADS, long_heads).compute);
  EXPECT_NEAR(sampled / exact, 1, 0.03);
  // A core per tile: the mean of all kinds.
  EXPECT_EQ(timing(config, kByQuarter, 32, DIXION_SPLIT_HEADS, short_heads).compute, (alone + 3) / 4);
}

TEST(MaskedTiming, ListsOfFewerQueriesThanWereLookedAtTakeTheirShare) {
  AttentionShape shape{1, 1280, 256, 72};  // four cores of 320 queries, tiles of 256
  const AcceleratorConfig config = disc_like();
  const auto shared = static_cast<double>(timing(config, kFirstQuarter, 4, DIXION_SPLIT_ROWS, shape).compute);
  shape.queries = 320;
  const auto own = static_cast<double>(timing(config, kFirstQuarter, 1, DIXION_SPLIT_ROWS, shape).compute);
  EXPECT_NEAR(shared / own, 1, 0.05);
}

TEST(MaskedTiming, ListModeTakesOneWordPerKeptKeyAndProduct) {
  // 64 groups, 4 queries each: 64 words of K and of V per query, rows of 72 elements fill a word.
  AttentionShape full_word = kShape;
  full_word.depth = 72;
  const AcceleratorConfig config = disc_like();
  const MaskedTiming quarter = timing(config, kFirstQuarter, 1, DIXION_SPLIT_HEADS, full_word);
  const std::uint64_t ideal = 8U * 4 * 128;
  EXPECT_GE(quarter.list_cycles, ideal);
  EXPECT_LE(quarter.list_cycles, ideal + 8 * 32);  // the first softmax, the last quotients
  EXPECT_EQ(quarter.macs_exploited, 2U * 8 * 256 * 192 * 72);
  EXPECT_EQ(quarter.compute, quarter.list_cycles + 2 * matrix_fill_cycles(config));
  EXPECT_EQ(quarter.list_stalls, 0U);  // all ask for the same words
  EXPECT_EQ(quarter.list_variance, 0);
  // Keys of 73 elements take two words each; of 36, two keys share a word.
  full_word.depth = 73;
  EXPECT_GE(timing(config, kFirstQuarter, 1, DIXION_SPLIT_HEADS, full_word).list_cycles, 2 * ideal);
  full_word.depth = 36;
  EXPECT_GE(timing(config, kFirstQuarter, 1, DIXION_SPLIT_HEADS, full_word).list_cycles, ideal / 2);
  EXPECT_LE(timing(config, kFirstQuarter, 1, DIXION_SPLIT_HEADS, full_word).list_cycles, ideal / 2 + 8 * 32);
}

TEST(MaskedTiming, KeysThatShareAWordAreReadOnceIfAnyOfThemIsKept) {
  AttentionShape half_word = kShape;
  half_word.depth = 36;
  const RuleMask pairs([](std::uint64_t, std::uint64_t j) { return j < 64; });
  const RuleMask halves([](std::uint64_t, std::uint64_t j) { return j < 128 && j % 2 == 0; });
  const AcceleratorConfig config = disc_like();
  const MaskedTiming both = timing(config, pairs, 1, DIXION_SPLIT_HEADS, half_word);
  const MaskedTiming single = timing(config, halves, 1, DIXION_SPLIT_HEADS, half_word);
  EXPECT_EQ(both.kept, single.kept);
  EXPECT_GE(single.list_cycles, 8U * 4 * 128);
  EXPECT_LE(both.list_cycles, 8U * 4 * 64 + 8 * 32);
}

TEST(MaskedTiming, WithoutMulticastGroupsWaitForEachOther) {
  AcceleratorConfig config = disc_like();
  const Cycles multicast = timing(config, kFirstQuarter).list_cycles;
  config.list_multicast = false;
  const MaskedTiming unicast = timing(config, kFirstQuarter);
  EXPECT_GT(unicast.list_cycles, multicast);
  EXPECT_GT(unicast.list_stalls, 0U);
}

TEST(MaskedTiming, TilesOfWhichListsPromiseLittleRunInFull) {
  for (const unsigned cores : {1U, 4U, 3U}) {
    const MaskedTiming all = timing(disc_like(), kAll, cores);
    EXPECT_EQ(all.compute, dense(disc_like(), kShape, DIXION_SPLIT_HEADS, cores)) << cores;
    EXPECT_EQ(all.list_cycles, 0U);
    EXPECT_EQ(all.macs_exploited, 0U);
  }
  // Whatever the density, a mask costs no more than a few percent beyond full attention.
  for (const std::uint64_t depth : {32U, 64U, 72U}) {
    AttentionShape shape = kShape;
    shape.depth = depth;
    const auto full = static_cast<double>(dense(disc_like(), shape, DIXION_SPLIT_HEADS, 1));
    for (const double density : {0.4, 0.6, 0.7, 0.8, 0.9}) {
      const auto masked =
          static_cast<double>(timing(disc_like(), StatisticalMask(density, 3), 1, DIXION_SPLIT_HEADS, shape).compute);
      EXPECT_LE(masked, 1.05 * full) << depth << ' ' << density;
    }
  }
}

TEST(MaskedTiming, ATileOfTheMaskIsTheSameAsItsElements) {
  // 8 heads of 250 queries and 250 keys: the last tile of both is not whole.
  const AttentionShape shape{8, 250, 250, 72};
  const StatisticalMask tiles(0.3, 5);
  class Elements final : public MaskSource {
   public:
    Elements(const MaskSource& whole, const MaskTile& tile) : whole_(whole), tile_(tile) {}
    void row(std::uint64_t number, std::size_t keys, std::uint32_t* words) const override {
      std::vector<std::uint32_t> bits(mask_words(tile_.row_bits(keys)));
      const std::uint64_t head = number / 250, query = number % 250;
      whole_.row(head * tile_.mask_rows(250) + query / tile_.rows, tile_.row_bits(keys), bits.data());
      for (std::size_t i = 0; i < mask_words(keys); ++i) words[i] = 0;
      for_each_kept_key(bits.data(), keys, tile_, [&](std::size_t j) { words[j / 32] |= std::uint32_t{1} << j % 32; });
    }

   private:
    const MaskSource& whole_;
    MaskTile tile_;
  };
  for (const AcceleratorConfig& config : {AcceleratorConfig{}, disc_like()}) {
    for (const MaskTile& tile : {MaskTile{1, 16}, MaskTile{16, 16}}) {
      for (const dixion_split split : {DIXION_SPLIT_HEADS, DIXION_SPLIT_ROWS}) {
        OperandDelivery delivery(config);
        const MaskedTiming by_tile = masked_attention_timing(config, delivery, shape, split, 4, tiles, tile);
        const MaskedTiming by_element = timing(config, Elements(tiles, tile), 4, split, shape);
        EXPECT_EQ(by_tile.compute, by_element.compute);
        EXPECT_EQ(by_tile.kept, by_element.kept);
        EXPECT_EQ(by_tile.macs_exploited, by_element.macs_exploited);
        EXPECT_GT(by_tile.kept, 0U);
      }
    }
  }
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
}  // namespace dixion::test::masked_timing
