// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/conmerge_timing.h"

#include <vector>

#include <gtest/gtest.h>

#include "models/sparsity/greedy_rule.h"
#include "models/sparsity/random_mask.h"

namespace dixion {
namespace {

// By hand: 3 x 16 needed columns of one lane each merge into one block: 64 classified, 1 block begun, 2 candidates
// tried.
TEST(GeneratorTime, CountsColumnsBlocksAndCandidates) {
  std::vector<std::uint16_t> columns(48, 1);
  columns.resize(64);
  const TileSchedule schedule = schedule_tile(columns, GreedyRule());
  EXPECT_EQ(generator_cycles(schedule), 64U + 3U * 16U);
  EXPECT_EQ(record_bytes(schedule), 256U);
  EXPECT_EQ(mask_bytes(schedule, 16), 16U * 8U);
}

// Full blocks: every candidate is refused. 4 blocks wait behind the first: 2 tries; then 2, 1, 0.
TEST(GeneratorTime, RefusedCandidatesTakeTimeToo) {
  const TileSchedule schedule = schedule_tile(std::vector<std::uint16_t>(4 * 16, 0xffff), GreedyRule());
  EXPECT_EQ(schedule.refusals, 2U + 2U + 1U);
  EXPECT_EQ(generator_cycles(schedule), 64U + (4U + 5U) * 16U);
}

TEST(GeneratorTime, AnEmptyTileIsClassifiedAndNothingElse) {
  EXPECT_EQ(generator_cycles(schedule_tile(std::vector<std::uint16_t>(100, 0), GreedyRule())), 100U);
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
      EXPECT_GT(generator_cycles(all), 3 * generator_cycles(two)) << density;
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
  const std::vector<TileTime> tiles(4, {10, 100});
  EXPECT_EQ(exposed_generator_cycles(tiles), 10U);
}

// The array ends 7 after the generator, which runs 4 x 100.
TEST(ExposedTime, IsTheGeneratorsRestWhenTheArrayIsFaster) {
  const std::vector<TileTime> tiles(4, {100, 7});
  EXPECT_EQ(exposed_generator_cycles(tiles), 4U * 100 + 7 - 4 * 7);
}

TEST(ExposedTime, ALongTileHidesTheNextOnes) {
  const std::vector<TileTime> tiles{{10, 50}, {40, 5}, {5, 5}, {100, 1}};
  // Array: 10-60, 60-65, 65-70; the fourth schedule is there at 155.
  EXPECT_EQ(exposed_generator_cycles(tiles), 156U - 61U);
}

TEST(ExposedTime, SchedulesMadeBeforeCostNothing) {
  const std::vector<TileTime> tiles(3, {0, 5});
  EXPECT_EQ(exposed_generator_cycles(tiles), 0U);
}

}  // namespace
}  // namespace dixion
