// SPDX-License-Identifier: Apache-2.0
/// List mode of the matrix engine, cycle by cycle, and its bounds.
#include "models/engines/matrix/list_array.h"

#include <random>

#include <gtest/gtest.h>

namespace dixion::test {
namespace {

ListRun run(const ListArray& array, const std::vector<BankList>& lists) {
  const ListRun result = run_lists(array, lists);
  const ListBounds bounds = list_bounds(array, lists);
  EXPECT_GE(result.cycles, bounds.lower);
  EXPECT_LE(result.cycles, bounds.upper);
  return result;
}

TEST(ListArray, AWordIsTakenTheCycleAfterItIsAskedFor) {
  EXPECT_EQ(run({1, 1, 4, 2}, {{0}}).cycles, 2U);
  EXPECT_EQ(run({1, 1, 4, 2}, {{0, 1, 2, 3, 0, 1}}).cycles, 7U);
  EXPECT_EQ(run({1, 1, 4, 2}, {}).cycles, 0U);
  EXPECT_EQ(run({1, 1, 4, 2}, {{}, {3}, {}}).cycles, 2U);
}

TEST(ListArray, DistinctBanksServeAllGroupsAtOnce) {
  const ListRun result = run({4, 1, 4, 1}, {{0, 1, 2, 3}, {1, 2, 3, 0}, {2, 3, 0, 1}, {3, 0, 1, 2}});
  EXPECT_EQ(result.cycles, 5U);
  EXPECT_EQ(result.words, 16U);
  EXPECT_EQ(result.stalls, 0U);
}

TEST(ListArray, OneBankServesOneWordPerCycleAndFullFifosStallTheirGroups) {
  // Two requests wait, so that of four groups two or three stand still until the lists end.
  const ListRun result = run({4, 1, 4, 2}, {{0, 0}, {0, 0}, {0, 0}, {0, 0}});
  EXPECT_EQ(result.cycles, 9U);
  EXPECT_GT(result.stalls, 8U);
  EXPECT_EQ(run({4, 1, 4, 8}, {{0, 0}, {0, 0}, {0, 0}, {0, 0}}).stalls, 0U);
}

TEST(ListArray, AGroupTakesNoMoreThanItsWidth) {
  // Four words from four banks for one group.
  EXPECT_EQ(run({1, 4, 4, 4}, {{0, 1, 2, 3}}).cycles, 2U);
  EXPECT_EQ(run({1, 2, 4, 4}, {{0, 1, 2, 3}}).cycles, 3U);
}

TEST(ListArray, AFreeGroupTakesTheNextList) {
  // One long list and three short ones on two groups: the short ones share the other group.
  EXPECT_EQ(run({2, 1, 2, 4}, {{0, 0, 0, 0, 0, 0}, {1, 1}, {1, 1}, {1, 1}}).cycles, 7U);
}

TEST(ListArray, EveryWordIsTakenWithinTheBounds) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    ListArray array{1 + static_cast<unsigned>(random() % 20), 1 + static_cast<unsigned>(random() % 4),
                    1U << random() % 6, 1 + static_cast<unsigned>(random() % 8)};
    std::vector<BankList> lists(random() % 40);
    std::uint64_t words = 0;
    for (BankList& list : lists) {
      list.resize(random() % 60);
      words += list.size();
      // Clustered or spread banks.
      const unsigned spread = random() % 2 == 0 ? array.banks : 1 + static_cast<unsigned>(random() % array.banks);
      for (std::uint16_t& bank : list) bank = static_cast<std::uint16_t>(random() % spread);
    }
    EXPECT_EQ(run(array, lists).words, words);
  }
}

TEST(ListArray, TheLowerBoundIsReachedByOneGroupAndTheUpperByOneBank) {
  const std::vector<BankList> lists{{0, 1, 2, 3, 1, 2}, {3, 2, 1}};
  EXPECT_EQ(run({1, 1, 4, 2}, lists).cycles, list_bounds({1, 1, 4, 2}, lists).lower);
  const std::vector<BankList> one{{0, 0, 0}, {0, 0}};
  EXPECT_EQ(run({2, 2, 1, 1}, one).cycles, list_bounds({2, 2, 1, 1}, one).upper);
}

}  // namespace
}  // namespace dixion::test
