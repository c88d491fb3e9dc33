// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/mask.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "models/common/check.h"
#include "models/sparsity/random_mask.h"

namespace dixion {
namespace {

TEST(BitMask, HoldsEveryBitByItself) {
  // 130 columns: two full words and a part of a third.
  for (const std::size_t column : {0U, 63U, 64U, 127U, 128U, 129U}) {
    BitMask mask(3, 130);
    mask.set(1, column);
    for (std::size_t r = 0; r < 3; ++r) {
      for (std::size_t c = 0; c < 130; ++c) EXPECT_EQ(mask.test(r, c), r == 1 && c == column) << r << ' ' << c;
    }
    EXPECT_EQ(mask.count(), 1U);
    EXPECT_EQ(mask.count_row(1), 1U);
    EXPECT_EQ(mask.count_row(0), 0U);
    mask.set(1, column, false);
    EXPECT_EQ(mask.count(), 0U);
  }
}

TEST(BitMask, CountsWhatWasSetOnce) {
  BitMask mask(2, 70);
  for (std::size_t c = 0; c < 70; ++c) mask.set(0, c);
  mask.set(0, 69);
  EXPECT_EQ(mask.count_row(0), 70U);
  EXPECT_EQ(mask.count(), 70U);
}

TEST(TileOrder, RowsKeepTheirOrder) {
  EXPECT_EQ(tile_order(TileOrder::kRows, 5, 0), (std::vector<std::uint32_t>{0, 1, 2, 3, 4}));
}

// By hand: a picture 8 wide and 4 high has two patches.
TEST(TileOrder, APatchIsFourRowsOfFourNeighbours) {
  const auto order = tile_order(TileOrder::kPatch, 32, 8);
  EXPECT_EQ(std::vector<std::uint32_t>(order.begin(), order.begin() + 16),
            (std::vector<std::uint32_t>{0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27}));
  EXPECT_EQ(order[16], 4U);
  EXPECT_EQ(order[31], 31U);
}

TEST(TileOrder, EveryTokenStandsInItOnce) {
  for (const std::size_t width : {1U, 3U, 4U, 7U, 16U}) {
    for (const std::size_t height : {1U, 4U, 6U}) {
      auto order = tile_order(TileOrder::kPatch, width * height, width);
      std::sort(order.begin(), order.end());
      EXPECT_EQ(order, tile_order(TileOrder::kRows, width * height, 0)) << width << " x " << height;
    }
  }
}

TEST(TileOrder, APictureOfBrokenRowsIsRefused) {
  EXPECT_THROW(tile_order(TileOrder::kPatch, 33, 8), ConfigError);
  EXPECT_THROW(tile_order(TileOrder::kPatch, 32, 0), ConfigError);
}

TEST(Tiles, OnlyTheLastIsShort) {
  const auto order = tile_order(TileOrder::kRows, 35, 0);
  const auto tiles = cut_tiles(order);
  ASSERT_EQ(tiles.size(), 3U);
  EXPECT_EQ(tiles[0].count, 16U);
  EXPECT_EQ(tiles[1].token[15], 31U);
  EXPECT_EQ(tiles[2].count, 3U);
  EXPECT_EQ(tiles[2].token[2], 34U);
  EXPECT_TRUE(cut_tiles({}).empty());
}

TEST(Tiles, ColumnsShowTheLanesThatNeedThem) {
  BitMask mask(20, 70);
  mask.set(3, 0);
  mask.set(19, 69);
  mask.set(2, 69);
  const TileTokens tile{3, {19, 3, 2}};
  const auto columns = tile_columns(mask, tile);
  ASSERT_EQ(columns.size(), 70U);
  EXPECT_EQ(columns[0], 0b010);
  EXPECT_EQ(columns[69], 0b101);
  EXPECT_EQ(std::count(columns.begin(), columns.end(), 0), 68);
}

TEST(RandomMask, HasTheDensityAskedFor) {
  for (const double density : {0.0, 0.05, 0.3, 0.95, 1.0}) {
    for (const unsigned skew : {0U, 1U, 12U}) {
      const BitMask mask = random_mask({64, 4096, density, skew}, 7);
      // Four standard deviations of independent draws; skew only narrows them.
      const double cells = 64.0 * 4096;
      EXPECT_NEAR(static_cast<double>(mask.count()) / cells, density,
                  4 * std::sqrt(density * (1 - density) / cells) + 1e-6)
          << density << ' ' << skew;
    }
  }
}

TEST(RandomMask, SkewGathersBitsInFewerColumns) {
  const auto filled = [](unsigned skew) {
    const BitMask mask = random_mask({16, 4096, 0.05, skew}, 3);
    const auto columns = tile_columns(mask, cut_tiles(tile_order(TileOrder::kRows, 16, 0))[0]);
    return 4096 - std::count(columns.begin(), columns.end(), 0);
  };
  EXPECT_GT(filled(0), filled(4));
  EXPECT_GT(filled(4), filled(12));
}

TEST(RandomMask, DependsOnTheSeedAlone) {
  const RandomMaskShape shape{16, 256, 0.5, 0};
  const auto words = [&](std::uint64_t seed) {
    const BitMask mask = random_mask(shape, seed);
    return std::vector<std::uint64_t>(mask.row_words(5).begin(), mask.row_words(5).end());
  };
  EXPECT_EQ(words(1), words(1));
  EXPECT_NE(words(1), words(2));
}

TEST(RandomMask, RefusesWhatIsNoProbability) {
  EXPECT_THROW(random_mask({16, 16, -0.1, 0}, 1), ConfigError);
  EXPECT_THROW(random_mask({16, 16, 1.1, 0}, 1), ConfigError);
  EXPECT_THROW(random_mask({16, 16, 0.5, 65}, 1), ConfigError);
  EXPECT_NO_THROW(random_mask({16, 16, 0.5, 64}, 1));
}

}  // namespace
}  // namespace dixion
