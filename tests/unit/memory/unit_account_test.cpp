// SPDX-License-Identifier: Apache-2.0
#include "models/engines/unit_account.h"

#include <gtest/gtest.h>

#include "models/common/check.h"
#include "models/engines/command_books.h"

namespace dixion {
namespace {

std::uint64_t value(const StatisticsList& list, const std::string& name) {
  for (const Statistic& statistic : list) {
    if (statistic.name == name) return statistic.value;
  }
  ADD_FAILURE() << "no statistic " << name;
  return 0;
}

/// A command that computed for `busy` accel_cycles from its begin on and waited for DRAM for the rest.
CommandCost cost(Cycles start, Cycles end, unsigned lanes, Cycles busy) {
  CommandCost result;
  result.start_cycle = start;
  result.end_cycle = end;
  result.lanes = lanes;
  CommandBooks books(start, lanes, result);
  books.compute(start + busy, 0);
  books.stall(end, StallReason::kDram);
  return result;
}

WaitingLanes waiting(StallReason reason, std::uint8_t lanes) {
  WaitingLanes result;
  result.for_reason[index_of(reason)] = lanes;
  return result;
}

WaitingLanes fetching(std::uint8_t lanes) {
  WaitingLanes result;
  result.fetching = lanes;
  return result;
}

std::uint64_t waited(const Stalls& stalls, StallReason reason) { return stalls[index_of(reason)]; }

// 4 lanes: one command on 2 lanes in [10, 30) with 15 cycles of computing, one on 1 lane in [20, 25) that only waits.
TEST(UnitAccount, EveryLaneCycleHasOneReason) {
  UnitAccount account(4);
  EXPECT_EQ(account.begin(10, 2), Stalls{});
  EXPECT_EQ(account.begin(20, 1), Stalls{});
  account.end(cost(20, 25, 1, 0), true);
  account.end(cost(10, 30, 2, 15), false);
  const StatisticsList list = account.statistics("unit", 40);
  EXPECT_EQ(value(list, "unit.busy"), 30U);
  EXPECT_EQ(value(list, "unit.stall.dram"), 2 * 5 + 5U);
  EXPECT_EQ(value(list, "unit.idle"), 160 - 40 - 5U);
  EXPECT_EQ(value(list, "unit.unfinished"), 0U);
  EXPECT_EQ(value(list, "unit.total"), 160U);
  EXPECT_EQ(value(list, "unit.commands"), 2U);
  EXPECT_EQ(value(list, "unit.failed"), 1U);
}

TEST(UnitAccount, RunningCommandsAreUnfinished) {
  UnitAccount account(2);
  EXPECT_EQ(account.begin(5, 1), Stalls{});
  const StatisticsList list = account.statistics("unit", 12);
  EXPECT_EQ(value(list, "unit.unfinished"), 7U);
  EXPECT_EQ(value(list, "unit.idle"), 17U);
}

TEST(UnitAccount, FreeLanesWaitForWhatTheUnitWasTold) {
  UnitAccount account(4);
  account.waits_for(10, waiting(StallReason::kSemaphore, 3));
  account.waits_for(16, waiting(StallReason::kDma, 2));
  const Stalls before = account.begin(20, 4);
  account.waits_for(20, {});
  account.end(cost(20, 30, 4, 10), false);
  EXPECT_EQ(waited(before, StallReason::kSemaphore), 18U);
  EXPECT_EQ(waited(before, StallReason::kDma), 8U);
  const StatisticsList list = account.statistics("unit", 35);
  EXPECT_EQ(value(list, "unit.stall.semaphore"), 18U);
  EXPECT_EQ(value(list, "unit.stall.dma"), 8U);
  EXPECT_EQ(value(list, "unit.busy"), 40U);
  EXPECT_EQ(value(list, "unit.idle"), 40 + 6 * 1 + 4 * 2 + 20U);
}

TEST(UnitAccount, WhatOneCommandWaitedForIsNotTheNextOnesShare) {
  UnitAccount account(1);
  account.waits_for(0, waiting(StallReason::kSemaphore, 1));
  EXPECT_EQ(waited(account.begin(7, 1), StallReason::kSemaphore), 7U);
  account.waits_for(7, {});
  account.end(cost(7, 9, 1, 2), false);
  EXPECT_EQ(waited(account.begin(12, 1), StallReason::kSemaphore), 0U);
}

TEST(UnitAccount, AFetchCountsOnlyIfItBringsACommand) {
  UnitAccount account(1);
  account.waits_for(0, fetching(1));
  account.waits_for(5, {});  // nothing for this unit
  account.waits_for(8, fetching(1));
  account.waits_for(20, waiting(StallReason::kCommandFetch, 1));  // here it is, to be dispatched
  EXPECT_EQ(waited(account.begin(24, 1), StallReason::kCommandFetch), 16U);
  account.waits_for(24, {});
  account.end(cost(24, 25, 1, 1), false);
  account.waits_for(25, fetching(1));
  const StatisticsList list = account.statistics("unit", 30);
  EXPECT_EQ(value(list, "unit.stall.command_fetch"), 16U);
  EXPECT_EQ(value(list, "unit.idle"), 5 + 3 + 5U);
}

TEST(UnitAccount, OverlappingCommandsAreADefect) {
  UnitAccount account(2);
  EXPECT_EQ(account.begin(0, 2), Stalls{});
  EXPECT_THROW(static_cast<void>(account.begin(0, 1)), DefectError);
}

TEST(UnitAccount, CyclesOfACommandThatDoNotCloseAreADefect) {
  UnitAccount account(1);
  static_cast<void>(account.begin(0, 1));
  CommandCost wrong = cost(0, 10, 1, 5);
  ++wrong.busy_cycles;
  EXPECT_THROW(account.end(wrong, false), DefectError);
}

TEST(UnitAccount, ABusyLaneThatWaitsIsADefect) {
  UnitAccount account(2);
  account.waits_for(0, waiting(StallReason::kDma, 2));
  static_cast<void>(account.begin(3, 1));
  EXPECT_THROW(static_cast<void>(account.statistics("unit", 4)), DefectError);
}

TEST(CommandBooks, TakeEachCycleOnce) {
  CommandCost result;
  CommandBooks books(100, 3, result);
  books.stall(110, StallReason::kFill);
  books.compute(160, 20);
  books.stall(150, StallReason::kDram);  // through while it computed
  books.stall(170, StallReason::kGlobalBuffer);
  books.stall(175, StallReason::kOutput);
  books.stall(177, StallReason::kDrain);
  EXPECT_EQ(result.busy_cycles, 3 * 30U);
  EXPECT_EQ(waited(result.stalls, StallReason::kFill), 3 * 10U);
  EXPECT_EQ(waited(result.stalls, StallReason::kOperandBank), 3 * 20U);
  EXPECT_EQ(waited(result.stalls, StallReason::kDram), 0U);
  EXPECT_EQ(waited(result.stalls, StallReason::kGlobalBuffer), 3 * 10U);
  EXPECT_EQ(waited(result.stalls, StallReason::kOutput), 3 * 5U);
  EXPECT_EQ(waited(result.stalls, StallReason::kDrain), 3 * 2U);
}

TEST(CommandBooks, BankStallsAreAtMostTheComputing) {
  CommandCost result;
  CommandBooks books(0, 1, result);
  books.compute(10, 99);
  EXPECT_EQ(result.busy_cycles, 0U);
  EXPECT_EQ(waited(result.stalls, StallReason::kOperandBank), 10U);
}

}  // namespace
}  // namespace dixion
