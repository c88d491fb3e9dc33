// SPDX-License-Identifier: Apache-2.0
// What free lanes wait for: two queues, matrix and vector engine with 4 cores, 2 DMA channels.
#include "models/command_processor/waiting_lanes.h"

#include <gtest/gtest.h>

namespace dixion {
namespace {

struct WaitingLanesTest : testing::Test {
  /// Into queue 0 unless told otherwise; waits for `semaphore` to reach 1.
  CommandWindow::Entry& push(dixion_opcode opcode, CoreMask cores, std::uint8_t semaphore = 0, unsigned queue = 0) {
    DecodedCommand decoded;
    decoded.opcode = static_cast<std::uint8_t>(opcode);
    decoded.command.info = opcode_info(decoded.opcode);
    decoded.command.queue = static_cast<std::uint8_t>(queue);
    decoded.command.id = next_id++;
    decoded.command.cores = cores;
    decoded.waits[0] = {semaphore, 1};
    return windows[queue].push(decoded, {}, 0);
  }
  void run(CommandWindow::Entry& entry) {
    entry.running = true;
    scoreboard.begin(entry.decoded.command);
  }
  WaitingLanes lanes(abi::Unit unit) {
    const CommandWindow::Machine machine{semaphores, scoreboard, {true, true, true, true, true, true}};
    const std::vector<QueueView> views{{&windows[0], held, fetching}, {&windows[1], false, false}};
    return waiting_lanes(views, machine, {0, 2, 4, 4, 4, 4})[static_cast<std::size_t>(unit)];
  }
  static WaitingLanes waiting(StallReason reason, std::uint8_t count) {
    WaitingLanes result;
    result.for_reason[index_of(reason)] = count;
    return result;
  }
  static WaitingLanes fetch(std::uint8_t count) {
    WaitingLanes result;
    result.fetching = count;
    return result;
  }

  std::array<CommandWindow, 2> windows;
  Semaphores semaphores;
  Scoreboard scoreboard;
  std::uint32_t next_id = 0;
  bool held = false;
  bool fetching = false;
};

TEST_F(WaitingLanesTest, WithoutCommandsThereIsNothingToWaitFor) {
  EXPECT_EQ(lanes(abi::Unit::kMatrix), WaitingLanes{});
  fetching = true;
  EXPECT_EQ(lanes(abi::Unit::kMatrix), fetch(4));
  EXPECT_EQ(lanes(abi::Unit::kDma), fetch(2));
  run(push(DIXION_OPCODE_MATMUL, 0b0001));
  EXPECT_EQ(lanes(abi::Unit::kMatrix), fetch(3));
}

TEST_F(WaitingLanesTest, ACommandThatMayStartWaitsForItsDispatch) {
  push(DIXION_OPCODE_MATMUL, 0b0011);
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kCommandFetch, 2));
  EXPECT_EQ(lanes(abi::Unit::kVector), WaitingLanes{});
}

TEST_F(WaitingLanesTest, ASemaphoreCountsForWhoSignalsIt) {
  push(DIXION_OPCODE_MATMUL, 0b1111, 5);
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kSemaphore, 4));
  CommandWindow::Entry& copy = push(DIXION_OPCODE_DMA_COPY, 0b1, 0, 1);
  copy.decoded.signal = {5, 1};
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kDma, 4));
  run(copy);
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kDma, 4));
  semaphores.signal({5, 1});
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kCommandFetch, 4));
}

TEST_F(WaitingLanesTest, DmaComesBeforeOtherSemaphores) {
  push(DIXION_OPCODE_GELU, 0b1111).decoded.signal = {6, 1};
  push(DIXION_OPCODE_DMA_COPY, 0b1).decoded.signal = {7, 1};
  push(DIXION_OPCODE_MATMUL, 0b1111, 6).decoded.waits[1] = {7, 1};
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kDma, 4));
}

TEST_F(WaitingLanesTest, APredictionIsToldFromOtherSemaphores) {
  push(DIXION_OPCODE_GELU, 0b1111).decoded.signal = {6, 1};
  push(DIXION_OPCODE_PREDICT, 0b1111).decoded.signal = {7, 1};
  push(DIXION_OPCODE_MATMUL, 0b1111, 6).decoded.waits[1] = {7, 1};
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kPrediction, 4));
}

TEST_F(WaitingLanesTest, SchedulesAndOtherCommandsOfTheSparsityControllerAreToldApart) {
  push(DIXION_OPCODE_GELU, 0b1111).decoded.signal = {6, 1};
  push(DIXION_OPCODE_CONMERGE_BUILD, 0b1111).decoded.signal = {7, 1};
  push(DIXION_OPCODE_MASK_THRESHOLD, 0b1111, 0, 1).decoded.signal = {8, 1};
  push(DIXION_OPCODE_MATMUL, 0b0011, 6).decoded.waits[1] = {7, 1};
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kSchedule, 2));
  push(DIXION_OPCODE_MATMUL, 0b1111, 8, 1);
  EXPECT_EQ(lanes(abi::Unit::kMatrix).for_reason[index_of(StallReason::kSparsity)], 2U);
}

TEST_F(WaitingLanesTest, AMaskHeldUpByAScheduleCountsForTheSchedule) {
  CommandWindow::Entry& build = push(DIXION_OPCODE_CONMERGE_BUILD, 0b1111);
  build.decoded.signal = {7, 1};
  run(build);
  push(DIXION_OPCODE_MASK_THRESHOLD, 0b1111).decoded.signal = {7, 1};
  push(DIXION_OPCODE_MATMUL, 0b1111, 7).decoded.waits[0] = {7, 2};
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kSchedule, 4));
}

TEST_F(WaitingLanesTest, AScheduleThatHasNotBegunStandsForWhatItWaitsFor) {
  push(DIXION_OPCODE_PREDICT, 0b1111).decoded.signal = {6, 1};
  push(DIXION_OPCODE_CONMERGE_BUILD, 0b1111, 6).decoded.signal = {7, 1};
  push(DIXION_OPCODE_MATMUL, 0b1111, 7);
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kPrediction, 4));
  semaphores.signal({6, 1});
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kSchedule, 4));
}

TEST_F(WaitingLanesTest, WhatFollowsACallWaitsForTheSchedulesThatHoldItsFence) {
  run(push(DIXION_OPCODE_CALL, 0));
  run(push(DIXION_OPCODE_CONMERGE_BUILD, 0b1111));
  EXPECT_EQ(lanes(abi::Unit::kMatrix), WaitingLanes{});
  push(DIXION_OPCODE_CALL, 0).decoded.fence = true;
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kSchedule, 4));
  EXPECT_EQ(lanes(abi::Unit::kSparsity), WaitingLanes{}) << "it builds";
}

TEST_F(WaitingLanesTest, ACallWithoutFenceIsNotHeldBySchedules) {
  run(push(DIXION_OPCODE_CONMERGE_BUILD, 0b1111));
  push(DIXION_OPCODE_CALL, 0);
  EXPECT_EQ(lanes(abi::Unit::kMatrix), WaitingLanes{});
}

TEST_F(WaitingLanesTest, NothingIsHeldBySchedulesWhileOtherWorkIsToBeDone) {
  run(push(DIXION_OPCODE_GELU, 0b1111));
  run(push(DIXION_OPCODE_CONMERGE_BUILD, 0b1111));
  push(DIXION_OPCODE_CALL, 0).decoded.fence = true;
  EXPECT_EQ(lanes(abi::Unit::kMatrix), WaitingLanes{});
}

TEST_F(WaitingLanesTest, APredictionThatHasNotBegunStandsForWhatItWaitsFor) {
  push(DIXION_OPCODE_GELU, 0b1111).decoded.signal = {6, 1};
  CommandWindow::Entry& predict = push(DIXION_OPCODE_PREDICT, 0b1111, 6);
  predict.decoded.signal = {7, 1};
  push(DIXION_OPCODE_MATMUL, 0b1111, 7);
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kSemaphore, 4));
  semaphores.signal({6, 1});
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kPrediction, 4));
  run(predict);
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kPrediction, 4));
}

TEST_F(WaitingLanesTest, ANopStandsForWhatItWaitsFor) {
  push(DIXION_OPCODE_PREDICT, 0b1111).decoded.signal = {7, 1};
  push(DIXION_OPCODE_NOP, 0, 7).decoded.signal = {1, 1};
  push(DIXION_OPCODE_MATMUL, 0b1111, 1);
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kPrediction, 4));
  semaphores.signal({7, 1});
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kSemaphore, 4));
}

TEST_F(WaitingLanesTest, LanesThatTheNextCommandCannotHaveYetWaitForCores) {
  run(push(DIXION_OPCODE_MATMUL, 0b0011));
  push(DIXION_OPCODE_MATMUL, 0b0111);
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kCores, 1));
}

TEST_F(WaitingLanesTest, ACommandBehindAnotherOfItsUnitSharesItsReason) {
  push(DIXION_OPCODE_MATMUL, 0b0001, 5);
  push(DIXION_OPCODE_MATMUL, 0b0110);
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kSemaphore, 3));
}

TEST_F(WaitingLanesTest, AChannelDoesNotWaitForTheOther) {
  push(DIXION_OPCODE_DMA_COPY, 0b01, 5);
  push(DIXION_OPCODE_DMA_COPY, 0b10);
  WaitingLanes expected = waiting(StallReason::kSemaphore, 1);
  expected.for_reason[index_of(StallReason::kCommandFetch)] = 1;
  EXPECT_EQ(lanes(abi::Unit::kDma), expected);
}

TEST_F(WaitingLanesTest, BehindAFenceEveryUnitWaitsForWhatItWaitsFor) {
  run(push(DIXION_OPCODE_DMA_COPY, 0b01));
  push(DIXION_OPCODE_GELU, 0b1111).decoded.fence = true;
  push(DIXION_OPCODE_MATMUL, 0b1111);
  EXPECT_EQ(lanes(abi::Unit::kVector), waiting(StallReason::kDma, 4));
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kDma, 4));
}

TEST_F(WaitingLanesTest, NothingOfAHeldQueueStarts) {
  push(DIXION_OPCODE_MATMUL, 0b1111, 5);
  held = true;
  EXPECT_EQ(lanes(abi::Unit::kMatrix), waiting(StallReason::kCompletion, 4));
}

TEST_F(WaitingLanesTest, BetweenQueuesTheFirstReasonOfTheOrderWins) {
  push(DIXION_OPCODE_MATMUL, 0b0011, 5);
  push(DIXION_OPCODE_MATMUL, 0b0110, 0, 1);
  WaitingLanes expected = waiting(StallReason::kSemaphore, 1);
  expected.for_reason[index_of(StallReason::kCommandFetch)] = 2;
  EXPECT_EQ(lanes(abi::Unit::kMatrix), expected);
}

}  // namespace
}  // namespace dixion
