// SPDX-License-Identifier: Apache-2.0
/// List mode of the matrix engine, cycle by cycle, and its bounds.
#include "models/engines/matrix/list_array.h"

#include <algorithm>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

namespace dixion::test {
namespace {

constexpr bool kUnicast = false, kMulticast = true;

/// Word n of K and of V lies in bank n mod banks; a query keeps a key per word, and results have one element.
ListTile tile_of(unsigned banks, const std::vector<std::vector<std::uint32_t>>& queries, std::uint32_t words = 64) {
  ListTile tile;
  for (std::uint32_t word = 0; word < words; ++word) {
    tile.key_banks.push_back(static_cast<std::uint16_t>(word % banks));
    tile.value_banks.push_back(static_cast<std::uint16_t>(word % banks));
  }
  for (const auto& query : queries) tile.queries.push_back({query, query.size()});
  return tile;
}

ListRun run(const ListArray& array, const ListTile& tile) {
  const ListRun result = run_lists(array, tile);
  const ListBounds bounds = list_bounds(array, tile);
  EXPECT_GE(result.cycles, bounds.lower);
  EXPECT_LE(result.cycles, bounds.upper);
  std::uint64_t words = 0;
  for (const ListQuery& query : tile.queries) words += 2 * query.words.size();
  EXPECT_EQ(result.words, words);
  EXPECT_LE(result.reads, words);
  EXPECT_EQ(array.multicast || result.reads == words, true);
  return result;
}

TEST(ListArray, AQueryTakesItsKeysItsSoftmaxItsValuesAndItsQuotients) {
  // Asked for; then a cycle each: a word of K, its exponential, a word of V, the quotient.
  EXPECT_EQ(run({1, 1, 4, 2, kUnicast, 8}, tile_of(4, {{0}})).cycles, 5U);
  EXPECT_EQ(run({1, 1, 4, 2, kUnicast, 8}, tile_of(4, {{0, 1, 2, 3, 4, 5}})).cycles, 1U + 6 + 1 + 6 + 1);
  // Six exponentials on two lanes, three quotients on two.
  ListTile deep = tile_of(4, {{0, 1, 2, 3, 4, 5}});
  deep.depth = 3;
  EXPECT_EQ(run({1, 1, 4, 2, kUnicast, 2}, deep).cycles, 1U + 6 + 3 + 6 + 2);
  EXPECT_EQ(run({1, 1, 4, 2, kUnicast, 8}, tile_of(4, {})).cycles, 0U);
}

TEST(ListArray, ScoresOfTheNextQueryAreMadeDuringTheSoftmax) {
  // Both queries' keys, one after the other; then the first one's values, whose softmax is through by then.
  const ListTile two = tile_of(4, {{0, 1, 2, 3}, {0, 1, 2, 3}});
  const ListRun result = run({1, 1, 4, 4, kUnicast, 2}, two);
  EXPECT_EQ(result.cycles, 1U + 4 + 4 + 4 + 4 + 1);
  EXPECT_EQ(result.waits, 0U);
  // Five keys to exponentiate take one accel_cycle longer than four words, for both queries.
  ListTile slow = two;
  slow.queries[0].kept = slow.queries[1].kept = 5;
  EXPECT_EQ(run({1, 1, 4, 4, kUnicast, 1}, slow).waits, 2U);
}

TEST(ListArray, DistinctBanksServeAllGroupsAtOnce) {
  const ListRun result =
      run({4, 1, 4, 1, kUnicast, 16}, tile_of(4, {{0, 1, 2, 3}, {1, 2, 3, 0}, {2, 3, 0, 1}, {3, 0, 1, 2}}));
  EXPECT_EQ(result.cycles, 1U + 4 + 1 + 4 + 1);
  EXPECT_EQ(result.words, 32U);
  EXPECT_EQ(result.stalls, 0U);
}

TEST(ListArray, OneBankServesOneWordPerCycleAndFullFifosStallTheirGroups) {
  // Words 0 and 4 lie in bank 0 of four; two requests wait, so that of four groups two or three stand still.
  const ListTile four = tile_of(4, {{0, 4}, {0, 4}, {0, 4}, {0, 4}});
  const ListRun narrow = run({4, 1, 4, 2, kUnicast, 64}, four);
  EXPECT_GE(narrow.cycles, 1U + 16);
  EXPECT_GT(narrow.stalls, 8U);
  EXPECT_EQ(run({4, 1, 4, 8, kUnicast, 64}, four).stalls, 0U);
}

TEST(ListArray, MulticastReadsAWordOnceForAllGroupsThatWaitForIt) {
  const ListTile four = tile_of(4, {{0, 4}, {0, 4}, {0, 4}, {0, 4}});
  const ListRun result = run({4, 1, 4, 2, kMulticast, 64}, four);
  EXPECT_EQ(result.cycles, 1U + 2 + 1 + 2 + 1);
  EXPECT_EQ(result.reads, 4U);
  EXPECT_EQ(result.words, 16U);
  EXPECT_EQ(result.stalls, 0U);
  // A group that takes no more words in a cycle gets its copy later: the word is read again for it.
  const ListRun late = run({2, 1, 2, 4, kMulticast, 64}, tile_of(2, {{0, 1}, {1, 0}}));
  EXPECT_EQ(late.words, 8U);
  EXPECT_GE(late.reads, 4U);
}

TEST(ListArray, AGroupTakesNoMoreThanItsWidth) {
  // Four words from four banks for one group.
  EXPECT_EQ(run({1, 4, 4, 4, kUnicast, 8}, tile_of(4, {{0, 1, 2, 3}})).cycles, 5U);
  EXPECT_EQ(run({1, 2, 4, 4, kUnicast, 8}, tile_of(4, {{0, 1, 2, 3}})).cycles, 7U);
}

TEST(ListArray, AFreeGroupTakesTheNextQuery) {
  // One long list and two short ones on two groups: the short ones share the other group.
  const ListTile tile = tile_of(2, {{0, 2, 4, 6, 8, 10, 12, 14}, {1, 3}, {5, 7}});
  EXPECT_EQ(run({2, 1, 2, 4, kUnicast, 64}, tile).cycles, 1U + 8 + 1 + 8 + 1);
}

TEST(ListArray, TheVectorEngineCanBeTheSlowest) {
  const ListTile tile = tile_of(4, {{0, 1, 2, 3}, {0, 1, 2, 3}, {0, 1, 2, 3}, {0, 1, 2, 3}});
  const ListRun result = run({4, 4, 4, 4, kMulticast, 1}, tile);
  EXPECT_GE(result.cycles, 4U * (4 + 1));
  EXPECT_GT(result.waits, 0U);
}

TEST(ListArray, EveryWordIsTakenWithinTheBounds) {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    const unsigned banks = 1U << random() % 6;
    const ListArray array{1 + static_cast<unsigned>(random() % 20),
                          1 + static_cast<unsigned>(random() % 4),
                          banks,
                          1 + static_cast<unsigned>(random() % 8),
                          random() % 2 == 0,
                          1 + static_cast<unsigned>(random() % 16)};
    std::vector<std::vector<std::uint32_t>> queries(random() % 40);
    for (auto& query : queries) {
      std::vector<std::uint32_t> words(60);
      std::iota(words.begin(), words.end(), 0U);
      // In order or not, from all words or from a few.
      if (random() % 2 == 0) std::shuffle(words.begin(), words.end(), random);
      words.resize(1 + random() % (random() % 2 == 0 ? 60 : 5));
      query = words;
    }
    ListTile tile = tile_of(banks, queries);
    tile.depth = 1 + random() % 50;
    run(array, tile);
  }
}

TEST(ListArray, BothBoundsAreReached) {
  const ListTile one = tile_of(4, {{0, 1, 2, 3}});
  EXPECT_EQ(run({1, 1, 4, 2, kUnicast, 4}, one).cycles, list_bounds({1, 1, 4, 2, kUnicast, 4}, one).lower);
  EXPECT_EQ(run({1, 1, 4, 2, kUnicast, 4}, one).cycles, list_bounds({1, 1, 4, 2, kUnicast, 4}, one).upper);
}

}  // namespace
}  // namespace dixion::test
