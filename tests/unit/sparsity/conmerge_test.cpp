// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/conmerge.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "models/common/check.h"
#include "models/sparsity/first_fit_rule.h"
#include "models/sparsity/greedy_rule.h"
#include "models/sparsity/random_mask.h"

namespace dixion {
namespace {

std::vector<TileSchedule> schedules(const RandomMaskShape& shape, const MergeRule& rule, std::uint64_t seed = 1) {
  const auto order = tile_order(TileOrder::kRows, shape.rows, 0);
  return schedule_mask(random_mask(shape, seed), cut_tiles(order), rule);
}

TEST(Condense, DropsWhatNoLaneNeedsAndKeepsTheOrder) {
  const std::vector<std::uint16_t> columns{0, 5, 0, 0, 0x8000};
  const auto kept = condense(columns);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[0].number, 1U);
  EXPECT_EQ(kept[1].number, 4U);
  EXPECT_EQ(kept[1].lanes, 0x8000);
}

TEST(Condense, CutsBlocksOfSixteen) {
  const std::vector<std::uint16_t> columns(17, 0b11);
  const auto blocks = cut_blocks(condense(columns));
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(blocks[0].population, 32U);
  EXPECT_EQ(blocks[0].need[1], 0xffff);
  EXPECT_EQ(blocks[0].need[2], 0);
  EXPECT_EQ(blocks[1].count, 1U);
  EXPECT_EQ(blocks[1].need[0], 1);
}

// Two full columns of one lane each: no conflict if the lanes differ, one moved output if they are the same.
std::vector<std::uint16_t> two_blocks(std::uint16_t first, std::uint16_t second) {
  std::vector<std::uint16_t> columns(16, first);
  columns.resize(32, second);
  return columns;
}

TEST(Merge, BlocksOfDifferentLanesShareTheArrayWithoutForeignRows) {
  const auto schedule = schedule_tile(two_blocks(0x00ff, 0xff00), GreedyRule());
  ASSERT_EQ(schedule.blocks.size(), 1U);
  EXPECT_EQ(schedule.blocks[0].sources(), 2U);
  EXPECT_EQ(schedule.blocks[0].population(), 256U);
  for (unsigned lane = 0; lane < kLanes; ++lane) EXPECT_FALSE(schedule.blocks[0].foreign_row(lane)) << lane;
}

TEST(Merge, AConflictGoesToTheLowestLaneThatTakesItAll) {
  const auto schedule = schedule_tile(two_blocks(0b1, 0b1), GreedyRule());
  ASSERT_EQ(schedule.blocks.size(), 1U);
  const MergedBlock& block = schedule.blocks[0];
  EXPECT_EQ(block.cells(0, 0), 0xffff);
  EXPECT_EQ(block.foreign_row(1), 0U);
  EXPECT_EQ(block.cells(1, 1), 0xffff);
  EXPECT_EQ(block.foreign_cells(1), 0xffff);
  EXPECT_FALSE(block.foreign_row(2));
}

// Eight lanes conflict, eight are free: every free lane takes one foreign row.
TEST(Merge, AsManyConflictingRowsAsFreeLanesFit) {
  EXPECT_EQ(schedule_tile(two_blocks(0x00ff, 0x00ff), GreedyRule()).blocks.size(), 1U);
  EXPECT_EQ(schedule_tile(two_blocks(0x01ff, 0x00ff), GreedyRule()).blocks.size(), 2U);
}

// Free units abound, but lane 0 is the only one conflicting rows could go to, and it takes one row only.
TEST(Merge, ALaneReceivesOneForeignRow) {
  std::vector<std::uint16_t> columns(32);
  // First block: all lanes but lane 0 busy everywhere. Second: rows 1 and 2 need one column each.
  for (unsigned c = 0; c < 16; ++c) columns[c] = 0xfffe;
  columns[16] = 0b010;
  EXPECT_EQ(schedule_tile(columns, GreedyRule()).blocks.size(), 1U);
  columns[17] = 0b100;
  EXPECT_EQ(schedule_tile(columns, GreedyRule()).blocks.size(), 2U);
}

TEST(Merge, ThreeSourcesAreTheLimit) {
  const auto blocks_for = [](std::size_t blocks) {
    return schedule_tile(std::vector<std::uint16_t>(16 * blocks, 0b1), GreedyRule()).blocks;
  };
  ASSERT_EQ(blocks_for(3).size(), 1U);
  EXPECT_EQ(blocks_for(3)[0].sources(), 3U);
  ASSERT_EQ(blocks_for(4).size(), 2U);
  EXPECT_EQ(blocks_for(4)[1].sources(), 1U);
}

TEST(Merge, FullAndEmptyMasksAreTheEnds) {
  const auto full = schedule_tile(std::vector<std::uint16_t>(64, 0xffff), GreedyRule());
  EXPECT_EQ(full.blocks.size(), 4U);
  EXPECT_EQ(full.merges, 0U);
  EXPECT_EQ(count({&full, 1}).utilisation(), 1.0);
  const auto empty = schedule_tile(std::vector<std::uint16_t>(64, 0), GreedyRule());
  EXPECT_TRUE(empty.blocks.empty());
  EXPECT_EQ(count({&empty, 1}).dense_blocks, 4U);
  EXPECT_EQ(count({&empty, 1}).utilisation(), 0.0);
}

TEST(Merge, GreedySortsDensestFirst) {
  std::vector<std::uint16_t> columns(32, 0x0001);
  columns[31] = 0x000f;
  const auto schedule = schedule_tile(columns, GreedyRule());
  EXPECT_EQ(schedule.blocks.at(0).source(0).column[0].number, 31U);
  EXPECT_EQ(schedule.blocks.at(0).source(0).column[1].number, 0U);  // ties: lowest index
}

TEST(Merge, FirstFitTakesColumnsAsTheyCome) {
  const auto schedule = schedule_tile(two_blocks(0x0001, 0x000f), FirstFitRule());
  ASSERT_EQ(schedule.blocks.size(), 1U);
  EXPECT_EQ(schedule.blocks[0].source(0).column[0].number, 0U);
  EXPECT_EQ(schedule.blocks[0].source(1).column[0].number, 16U);
}

TEST(MergedBlock, RefusesTwoOutputsOnAUnitAndTwoForeignRowsOnALane) {
  ColumnBlock one = cut_blocks(condense(std::vector<std::uint16_t>(16, 0b1)))[0];
  MergedBlock block(one);
  block.add_source(one);
  EXPECT_THROW(block.assign(0, 0, 1), DefectError);
  block.assign(1, 0, 1);
  EXPECT_THROW(block.assign(1, 2, 2), DefectError);
  EXPECT_NO_THROW(block.assign(1, 0, 2));
  block.add_source(one);
  EXPECT_THROW(block.add_source(one), DefectError);
}

struct BadOrder final : public MergeRule {
  const char* name() const override { return "bad_order"; }
  std::vector<std::size_t> order(std::span<const Column> columns) const override {
    return std::vector<std::size_t>(columns.size(), 0);
  }
  std::optional<std::size_t> next(const MergedBlock&, std::span<const ColumnBlock>, unsigned) const override {
    return {};
  }
  std::optional<unsigned> lane_for(const MergedBlock&, unsigned, std::uint16_t) const override { return {}; }
};

struct BadLane final : public MergeRule {
  const char* name() const override { return "bad_lane"; }
  std::vector<std::size_t> order(std::span<const Column> columns) const override {
    return FirstFitRule().order(columns);
  }
  std::optional<std::size_t> next(const MergedBlock& b, std::span<const ColumnBlock> w, unsigned r) const override {
    return FirstFitRule().next(b, w, r);
  }
  std::optional<unsigned> lane_for(const MergedBlock&, unsigned row, std::uint16_t) const override { return row; }
};

TEST(Rules, WhatARuleMustNotAnswerIsFound) {
  EXPECT_THROW((void)schedule_tile(two_blocks(1, 1), BadOrder()), DefectError);
  EXPECT_THROW((void)schedule_tile(two_blocks(1, 1), BadLane()), DefectError);
}

TEST(Rules, AreFoundByNameAndGreedyIsTheDefault) {
  EXPECT_STREQ(merge_rules().front()->name(), "greedy");
  EXPECT_STREQ(make_merge_rule("first_fit")->name(), "first_fit");
  try {
    (void)make_merge_rule("gready");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find("'gready'; there are greedy, first_fit"), std::string::npos)
        << error.what();
  }
}

// Closed form: a column of independent draws is empty in a tile of 16 with probability s^16.
TEST(ConMergeStatistics, EmptyColumnsFollowTheClosedForm) {
  for (const double s : {0.70, 0.80, 0.95, 0.97}) {
    const std::size_t rows = 64;
    const auto order = tile_order(TileOrder::kRows, rows, 0);
    const BitMask mask = random_mask({rows, 8192, 1 - s, 0}, 11);
    std::size_t empty = 0;
    const auto tiles = cut_tiles(order);
    for (const TileTokens& tile : tiles) {
      for (const std::uint16_t lanes : tile_columns(mask, tile)) empty += lanes == 0;
    }
    const double draws = static_cast<double>(tiles.size()) * 8192;
    const double expected = std::pow(s, 16);
    EXPECT_NEAR(static_cast<double>(empty) / draws, expected, 4 * std::sqrt(expected * (1 - expected) / draws)) << s;
  }
}

struct Shares {
  double condensed;
  double merged;
  double utilisation;
};

Shares shares(double density, unsigned skew) {
  const ConMergeCounts sum = count(schedules({64, 4096, density, skew}, GreedyRule()));
  const double dense = static_cast<double>(sum.dense_blocks);
  return {100 * static_cast<double>(sum.condensed_blocks) / dense, 100 * static_cast<double>(sum.merged_blocks) / dense,
          100 * sum.utilisation()};
}

// Another model of the same scheme (4096 columns, three sources) gave 57 / 19 %, 98 / 40 %, 100 / 51 %; both must agree
// within 1.5 points, which is what another choice of candidates changes.
TEST(ConMergeStatistics, IndependentMasksMergeAsInTheEarlierModel) {
  const Shares s95 = shares(0.05, 0);
  EXPECT_NEAR(s95.condensed, 57, 1.5);
  EXPECT_NEAR(s95.merged, 19, 1.5);
  EXPECT_NEAR(s95.utilisation, 26, 1.5);
  const Shares s80 = shares(0.20, 0);
  EXPECT_NEAR(s80.condensed, 98, 1.5);
  EXPECT_NEAR(s80.merged, 40, 1.5);
  const Shares s70 = shares(0.30, 0);
  EXPECT_NEAR(s70.condensed, 100, 1.5);
  EXPECT_NEAR(s70.merged, 51, 1.5);
}

// The earlier model's law of skew is not known. Skew 12 condenses like it (23 %, 35 %). At s = 0.95 it merges like it
// too (9 %); at 0.80 no schedule can reach its 19 %, because 20 % of the outputs are needed.
TEST(ConMergeStatistics, SkewedMasksCondenseAsInTheEarlierModel) {
  const Shares s95 = shares(0.05, 12);
  EXPECT_NEAR(s95.condensed, 23, 2);
  EXPECT_NEAR(s95.merged, 9, 1);
  const Shares s80 = shares(0.20, 12);
  EXPECT_NEAR(s80.condensed, 35, 2);
  EXPECT_GE(s80.merged, 20 - 0.2);
  EXPECT_LE(s80.merged, 25);
  EXPECT_GE(s80.utilisation, 80);
}

TEST(ConMergeStatistics, SortingBeatsFirstFit) {
  for (const double density : {0.05, 0.2}) {
    const auto greedy = count(schedules({64, 4096, density, 12}, GreedyRule()));
    const auto simple = count(schedules({64, 4096, density, 12}, FirstFitRule()));
    EXPECT_LT(greedy.merged_blocks, simple.merged_blocks) << density;
    EXPECT_EQ(greedy.outputs, simple.outputs);
    EXPECT_EQ(greedy.dense_blocks, simple.dense_blocks);
  }
}

}  // namespace
}  // namespace dixion
