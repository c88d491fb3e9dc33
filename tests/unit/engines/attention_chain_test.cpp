// SPDX-License-Identifier: Apache-2.0
/// Tiles of attention chained between array and lanes, by hand and against every rule of the order written out.
/// Against cycles stepped one by one: cycle_reference_test.cpp.
#include "models/engines/matrix/attention_chain.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace dixion::test {
namespace {

using Tiles = std::vector<AttentionTile>;

Cycles cycles_of(const Tiles& tiles, Cycles fill, std::uint64_t repeats = 1) {
  return attention_chain_cycles(tiles, repeats, fill);
}

/// End of each job from the ends of those it waits for, job by job.
class Rules {
 public:
  Rules(const Tiles& tiles, Cycles fill) : tiles_(tiles), fill_(fill) {}
  Cycles division(std::size_t i) {
    const Cycles lanes = i + 1 < tiles_.size() ? exponentials(i + 1) : exponentials(i);
    const Cycles before = i == 0 ? 0 : division(i - 1);
    return std::max({lanes, before, values(i) + fill_}) + tiles_[i].division;
  }

 private:
  Cycles scores(std::size_t i) {
    const Cycles array = i == 0 ? 0 : i == 1 ? scores(0) : values(i - 2);
    return array + tiles_[i].scores;
  }
  Cycles exponentials(std::size_t i) {
    if (known_.size() > i) return known_[i];
    const Cycles lanes = i == 0 ? 0 : i == 1 ? exponentials(0) : division(i - 2);
    known_.push_back(std::max(lanes, scores(i) + fill_) + tiles_[i].exponentials);
    return known_[i];
  }
  Cycles values(std::size_t i) {
    if (summed_.size() > i) return summed_[i];
    const Cycles array = i + 1 < tiles_.size() ? scores(i + 1) : scores(i);
    const Cycles before = i == 0 ? 0 : values(i - 1);
    summed_.push_back(std::max({array, before, exponentials(i)}) + tiles_[i].values);
    return summed_[i];
  }

  const Tiles& tiles_;
  Cycles fill_;
  std::vector<Cycles> known_, summed_;
};

class RandomTiles {
 public:
  explicit RandomTiles(std::uint32_t seed) : random_(seed) {}
  Cycles below(Cycles end) { return std::uniform_int_distribution<Cycles>(0, end - 1)(random_); }
  /// Each time from 1 to a limit of its own, so that either side may be the slower one.
  Tiles operator()(std::size_t count) {
    const Cycles scores = 1 + below(60), exponentials = 1 + below(60), values = 1 + below(60), division = 1 + below(20);
    Tiles tiles;
    for (std::size_t i = 0; i < count; ++i)
      tiles.push_back({1 + below(scores), 1 + below(exponentials), 1 + below(values), 1 + below(division)});
    return tiles;
  }

 private:
  std::mt19937 random_;
};

TEST(AttentionChain, OneTileIsAPlainChainThroughTheArrayTwice) {
  EXPECT_EQ(cycles_of({{10, 20, 6, 3}}, 5), 10u + 5 + 20 + 6 + 5 + 3);
  EXPECT_EQ(cycles_of({}, 5), 0u);
  EXPECT_EQ(cycles_of({{10, 20, 6, 3}}, 5, 0), 0u);
}

TEST(AttentionChain, TheNextScoresHideBehindTheExponentials) {
  // Array: scores 0-10, 10-20, sums 35-41, 55-61. Lanes: exponentials 15-35, 35-55, divisions 55-58, 66-69.
  EXPECT_EQ(cycles_of({{10, 20, 6, 3}, {10, 20, 6, 3}}, 5), 69u);
}

TEST(AttentionChain, AThirdTileHasNoRoomForItsScoresBeforeTheFirstIsSummed) {
  // Exponentials of the first end at 109, its sum at 110; only then scores 110-111, exponentials behind those of the
  // second (209) at 309, its sum 309-310.
  EXPECT_EQ(cycles_of({{1, 100, 1, 1}, {1, 100, 1, 1}, {1, 100, 1, 1}}, 8), 1u + 8 + 3 * 100 + 1 + 1 + 8 + 1);
  // With a fill of more than the exponentials, two tiles take turns: scores, fill, exponentials, sum.
  const Cycles three = cycles_of(Tiles(3, {1, 1, 1, 1}), 50), five = cycles_of(Tiles(5, {1, 1, 1, 1}), 50);
  EXPECT_EQ(five - three, 1u + 50 + 1 + 1);
}

TEST(AttentionChain, TilesOfAnyLengthFollowEveryRule) {
  RandomTiles random(1);
  for (unsigned round = 0; round < 300; ++round) {
    const Tiles tiles = random(1 + random.below(12));
    const Cycles fill = random.below(50);
    Rules rules(tiles, fill);
    ASSERT_EQ(cycles_of(tiles, fill), rules.division(tiles.size() - 1)) << round;
  }
}

TEST(AttentionChain, RepetitionsThatAreCountedTakeWhatTheyTakeRun) {
  RandomTiles random(2);
  for (unsigned round = 0; round < 300; ++round) {
    Tiles tiles = random(1 + random.below(5));
    for (AttentionTile& tile : tiles) {
      if (random.below(4) == 0) tile.scores = tile.exponentials = 0;
    }
    const Cycles fill = random.below(50);
    Tiles all;
    for (std::uint64_t times = 1; times <= 70; ++times) {
      all.insert(all.end(), tiles.begin(), tiles.end());
      ASSERT_EQ(cycles_of(tiles, fill, times), cycles_of(all, fill)) << round << ", " << times;
    }
  }
  // Counted, not run: this would take years.
  const Tiles one{{10, 20, 6, 3}};
  const std::uint64_t many = std::uint64_t{1} << 50U;
  EXPECT_EQ(cycles_of(one, 5, many) - cycles_of(one, 5, many - 2), 2u * 23);
}

TEST(AttentionChain, InTheLongRunTheSlowestWayRoundSetsThePace) {
  RandomTiles random(4);
  for (unsigned round = 0; round < 300; ++round) {
    const Tiles one = random(1);
    const auto [scores, exponentials, values, division] = one[0];
    const Cycles fill = random.below(50);
    const Cycles two_tiles = std::max({2 * (scores + values), 2 * (exponentials + division),
                                       scores + fill + exponentials + values, exponentials + values + fill + division});
    ASSERT_EQ(cycles_of(one, fill, 100'002) - cycles_of(one, fill, 100'000), two_tiles) << round;
  }
}

TEST(AttentionChain, MoreOfAnythingNeverTakesLess) {
  RandomTiles random(3);
  for (unsigned round = 0; round < 300; ++round) {
    Tiles tiles = random(1 + random.below(8));
    const Cycles before = cycles_of(tiles, 20);
    AttentionTile& tile = tiles[random.below(tiles.size())];
    Cycles* const parts[] = {&tile.scores, &tile.exponentials, &tile.values, &tile.division};
    *parts[random.below(4)] += 1 + random.below(30);
    ASSERT_GE(cycles_of(tiles, 20), before) << round;
  }
}

TEST(AttentionChain, ATileWithoutScoresPassesTheArrayOnce) {
  EXPECT_EQ(cycles_of({{0, 0, 6, 3}}, 5), 6u + 5 + 3);
  // Its sum still follows the first tile's.
  EXPECT_EQ(cycles_of({{10, 20, 6, 3}, {0, 0, 6, 3}}, 5), 10u + 5 + 20 + 6 + 6 + 5 + 3);
}

TEST(AttentionChain, WhatRunsAloneWaitsForTheSumBeforeItAndIsWaitedFor) {
  AttentionChain chain(5);
  chain.add_alone(100);
  EXPECT_EQ(chain.end(), 100u + 2 * 5);
  chain.add_alone(100);
  EXPECT_EQ(chain.end(), 200u + 2 * 5);
  chain.add({10, 20, 6, 3});
  EXPECT_EQ(chain.end(), 200u + 10 + 5 + 20 + 6 + 5 + 3);
  chain.add_alone(1000);  // the sum has its operands at 241
  EXPECT_EQ(chain.end(), 241u + 1000 + 2 * 5);
}

}  // namespace
}  // namespace dixion::test
