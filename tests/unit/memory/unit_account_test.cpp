// SPDX-License-Identifier: Apache-2.0
#include "models/engines/unit_account.h"

#include <gtest/gtest.h>

#include "models/common/check.h"

namespace dixion {
namespace {

std::uint64_t value(const StatisticsList& list, const std::string& name) {
  for (const Statistic& statistic : list) {
    if (statistic.name == name) return statistic.value;
  }
  ADD_FAILURE() << "no statistic " << name;
  return 0;
}

// 4 lanes: one command on 2 lanes in [10, 30) with 15 cycles of computing, one on 1 lane in [20, 25) that only waits.
TEST(UnitAccount, EveryLaneCycleHasOneReason) {
  UnitAccount account(4);
  account.begin(10, 2);
  account.begin(20, 1);
  account.end(25, 1, 20, 0, true);
  account.end(30, 2, 10, 15, false);
  const StatisticsList list = account.statistics("unit", 40);
  EXPECT_EQ(value(list, "unit.busy"), 30U);
  EXPECT_EQ(value(list, "unit.memory_stall"), 2 * 5 + 5U);
  EXPECT_EQ(value(list, "unit.idle"), 160 - 40 - 5U);
  EXPECT_EQ(value(list, "unit.unfinished"), 0U);
  EXPECT_EQ(value(list, "unit.total"), 160U);
  EXPECT_EQ(value(list, "unit.commands"), 2U);
  EXPECT_EQ(value(list, "unit.failed"), 1U);
}

TEST(UnitAccount, RunningCommandsAreUnfinished) {
  UnitAccount account(2);
  account.begin(5, 1);
  const StatisticsList list = account.statistics("unit", 12);
  EXPECT_EQ(value(list, "unit.unfinished"), 7U);
  EXPECT_EQ(value(list, "unit.idle"), 17U);
}

TEST(UnitAccount, ComputingNeverExceedsTheCommand) {
  UnitAccount account(1);
  account.begin(0, 1);
  account.end(3, 1, 0, 100, true);
  EXPECT_EQ(value(account.statistics("unit", 3), "unit.busy"), 3U);
}

TEST(UnitAccount, OverlappingCommandsAreADefect) {
  UnitAccount account(2);
  account.begin(0, 2);
  EXPECT_THROW(account.begin(0, 1), DefectError);
}

}  // namespace
}  // namespace dixion
