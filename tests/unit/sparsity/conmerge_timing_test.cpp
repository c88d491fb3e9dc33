// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/conmerge_timing.h"

#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "models/sparsity/first_fit_rule.h"
#include "models/sparsity/greedy_rule.h"
#include "models/sparsity/random_mask.h"

namespace dixion {
namespace {

/// One tile by itself.
std::uint64_t alone(const TileSchedule& schedule, const GeneratorRates& rates = {}) {
  const TileStages stages = tile_stages(schedule.columns, generator_loads(schedule), rates);
  return generator_cycles(std::span(&stages, 1), 1);
}

// By hand: 3 x 16 needed columns of one lane each merge into one block: 64 classified, 1 block begun, 2 candidates
// tried.
TEST(GeneratorTime, CountsColumnsBlocksAndCandidates) {
  std::vector<std::uint16_t> columns(48, 1);
  columns.resize(64);
  const TileSchedule schedule = schedule_tile(columns, GreedyRule());
  EXPECT_EQ(alone(schedule), 64U + 3U * 16U);
  EXPECT_EQ(alone(schedule, {16, 5}), 64U / 16U + 3U * 5U);
  EXPECT_EQ(alone(schedule, {48, 0}), 2U) << "rounded up";
  EXPECT_EQ(record_bytes(schedule), 256U);
  EXPECT_EQ(mask_bytes(schedule, 16), 16U * 8U);
}

// As they come, 4 full blocks: the first waiting one is tried and refused behind each of the first three.
TEST(GeneratorTime, RefusedCandidatesTakeTimeToo) {
  const TileSchedule schedule = schedule_tile(std::vector<std::uint16_t>(4 * 16, 0xffff), FirstFitRule());
  EXPECT_EQ(schedule.refusals, 3U);
  EXPECT_EQ(alone(schedule), 64U + (4U + 3U) * 16U);
}

// 9 + 8 outputs in a physical column of 16 units; 8 + 8 fit its counts.
TEST(GeneratorTime, CandidatesThatCountsRuleOutAreNotTried) {
  std::vector<std::uint16_t> columns(32, 0x00ff);
  EXPECT_EQ(generator_loads(schedule_tile(columns, GreedyRule())), 2U);
  columns[0] = 0x01ff;
  const TileSchedule schedule = schedule_tile(columns, GreedyRule());
  EXPECT_EQ(schedule.blocks.size(), 2U);
  EXPECT_EQ(schedule.refusals, 0U);
  EXPECT_EQ(generator_loads(schedule), 2U) << "both begun, none tried";
}

// Tile by hand, 10 to classify, 4 to merge: classified at 10, 20, 30; the last is merged at 34.
TEST(GeneratorTime, ATileIsClassifiedWhileTheOneBeforeIsMerged) {
  EXPECT_EQ(generator_cycles(std::vector<TileStages>(3, {10, 4}), 1), 34U);
  EXPECT_EQ(generator_cycles(std::vector<TileStages>(3, {4, 10}), 1), 34U);
}

// Two sets of bins: merging takes until 101 and 201; the third tile's columns find bins at 101, not at 2.
TEST(GeneratorTime, ClassifiedColumnsWaitInTwoSetsOfBinsAtMost) {
  Generator generator;
  EXPECT_EQ(generator.take({1, 100}), 101U);
  EXPECT_EQ(generator.take({1, 100}), 201U);
  EXPECT_EQ(generator.ready(), 101U);
  EXPECT_EQ(generator.take({150, 1}), 252U);
}

TEST(GeneratorTime, GeneratorsTakeTheNextTileWhenTheyAreReady) {
  EXPECT_EQ(generator_cycles(std::vector<TileStages>{{30, 0}, {10, 0}, {10, 0}, {10, 0}}, 2), 30U);
  EXPECT_EQ(generator_cycles({}, 2), 0U);
}

TEST(GeneratorTime, AnEmptyTileIsClassifiedAndNothingElse) {
  EXPECT_EQ(alone(schedule_tile(std::vector<std::uint16_t>(100, 0), GreedyRule())), 100U);
}

TEST(GeneratorTime, TryingAllBlocksCostsMuchAndSavesLittle) {
  for (const double density : {0.05, 0.2, 0.3, 0.4}) {
    const auto columns =
        tile_columns(random_mask({16, 4096, density, 0}, 5), cut_tiles(tile_order(TileOrder::kRows, 16, 0))[0]);
    const TileSchedule two = schedule_tile(columns, GreedyRule());
    const TileSchedule all = schedule_tile(columns, GreedyRule(256));
    EXPECT_GE(static_cast<double>(all.blocks.size()), 0.9 * static_cast<double>(two.blocks.size())) << density;
    EXPECT_LE(all.blocks.size(), two.blocks.size()) << density;
    if (two.refusals > 0) {
      EXPECT_GT(alone(all), 3 * alone(two)) << density;
    }
  }
}

TEST(ArrayTime, IsBlocksTimesStepsOfTheDotProduct) {
  EXPECT_EQ(array_cycles(10, 1152, 16), 720U);
  EXPECT_EQ(array_cycles(10, 1153, 16), 730U);
  EXPECT_EQ(array_cycles(10, 1, 16), 10U);
  EXPECT_EQ(array_cycles(0, 1152, 16), 0U);
}

TEST(ExposedTime, IsTheFirstTileWhenTheArrayIsSlower) {
  const std::vector<TileTime> tiles(4, {{10, 0}, 100});
  EXPECT_EQ(exposed_generator_cycles(tiles), 10U);
}

// The array ends 7 after the generator, which runs 4 x 100.
TEST(ExposedTime, IsTheGeneratorsRestWhenTheArrayIsFaster) {
  const std::vector<TileTime> tiles(4, {{100, 0}, 7});
  EXPECT_EQ(exposed_generator_cycles(tiles), 4U * 100 + 7 - 4 * 7);
}

TEST(ExposedTime, ALongTileHidesTheNextOnes) {
  const std::vector<TileTime> tiles{{{10, 0}, 50}, {{40, 0}, 5}, {{5, 0}, 5}, {{100, 0}, 1}};
  // Array: 10-60, 60-65, 65-70; the fourth schedule is there at 155.
  EXPECT_EQ(exposed_generator_cycles(tiles), 156U - 61U);
}

TEST(ExposedTime, SchedulesMadeBeforeCostNothing) {
  const std::vector<TileTime> tiles(3, {{0, 0}, 5});
  EXPECT_EQ(exposed_generator_cycles(tiles), 0U);
}

}  // namespace
}  // namespace dixion
