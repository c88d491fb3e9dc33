// SPDX-License-Identifier: Apache-2.0
// Which command may start, and which operands overlap.
#include <gtest/gtest.h>

#include "models/command_processor/command_window.h"
#include "models/command_processor/view_overlap.h"

namespace dixion {
namespace {

struct Window : testing::Test {
  CommandWindow::Entry& push(dixion_opcode opcode, bool fence = false, std::uint8_t semaphore = 0,
                             CommandWindow::Sequence call = 0) {
    DecodedCommand decoded;
    decoded.opcode = static_cast<std::uint8_t>(opcode);
    decoded.command.info = opcode_info(decoded.opcode);
    decoded.command.id = next_id++;
    decoded.command.cores = decoded.command.info->unit == abi::Unit::kControl ? 0 : 1;
    decoded.fence = fence;
    decoded.waits[0] = {semaphore, 1};
    return window.push(decoded, {}, call);
  }
  /// Id of the startable command; -1 if there is none.
  int startable() {
    const CommandWindow::Entry* entry = window.startable(machine());
    return entry == nullptr ? -1 : static_cast<int>(entry->decoded.command.id);
  }
  void start() {
    CommandWindow::Entry* entry = window.startable(machine());
    ASSERT_NE(entry, nullptr);
    entry->running = true;
    if (entry->decoded.opcode != DIXION_OPCODE_CALL) scoreboard.begin(entry->decoded.command);
  }
  CommandWindow::Machine machine() { return {semaphores, scoreboard, {true, true, true, true}}; }

  CommandWindow window;
  Semaphores semaphores;
  Scoreboard scoreboard;
  std::uint32_t next_id = 0;
};

TEST_F(Window, UnitsRunAheadOfEachOtherButNotOfThemselves) {
  push(DIXION_OPCODE_MATMUL, false, 5);
  push(DIXION_OPCODE_MATMUL);
  push(DIXION_OPCODE_GELU, false, 6);
  push(DIXION_OPCODE_DMA_COPY);
  EXPECT_EQ(startable(), 3);
  start();
  EXPECT_EQ(startable(), -1);
  semaphores.signal({6, 1});
  EXPECT_EQ(startable(), 2);
  semaphores.signal({5, 1});
  EXPECT_EQ(startable(), 0);
}

TEST_F(Window, ABusyCoreHoldsItsUnitBack) {
  push(DIXION_OPCODE_MATMUL);
  push(DIXION_OPCODE_MATMUL);
  push(DIXION_OPCODE_ATTENTION).decoded.command.cores = 2;
  start();
  EXPECT_EQ(startable(), -1);  // core 0 is taken, and command 2 may not overtake command 1
  scoreboard.end(window.find(1)->decoded.command);
  window.remove(1, false);
  EXPECT_EQ(startable(), 1);
}

TEST_F(Window, DmaChannelsRunAheadOfEachOtherButNotOfThemselves) {
  push(DIXION_OPCODE_DMA_COPY, false, 5).decoded.command.cores = 0b001;
  push(DIXION_OPCODE_DMA_COPY).decoded.command.cores = 0b001;
  push(DIXION_OPCODE_DMA_COPY, false, 6).decoded.command.cores = 0b110;
  push(DIXION_OPCODE_DMA_COPY).decoded.command.cores = 0b011;
  push(DIXION_OPCODE_DMA_COPY).decoded.command.cores = 0b100;
  push(DIXION_OPCODE_DMA_COPY).decoded.command.cores = 0b1000;
  EXPECT_EQ(startable(), 5);  // the only one that shares no channel with an earlier one
  start();
  EXPECT_EQ(startable(), -1);
  semaphores.signal({6, 1});
  EXPECT_EQ(startable(), 2);
  semaphores.signal({5, 1});
  EXPECT_EQ(startable(), 0);
}

TEST_F(Window, ChannelsDoNotPassAFence) {
  push(DIXION_OPCODE_DMA_COPY, false, 5).decoded.command.cores = 0b01;
  push(DIXION_OPCODE_DMA_COPY, true).decoded.command.cores = 0b10;
  push(DIXION_OPCODE_DMA_COPY).decoded.command.cores = 0b100;
  EXPECT_EQ(startable(), -1);
}

TEST_F(Window, NothingPassesAFence) {
  push(DIXION_OPCODE_MATMUL);
  push(DIXION_OPCODE_NOP, true);
  push(DIXION_OPCODE_GELU);
  start();
  EXPECT_EQ(startable(), -1);
  window.remove(1, false);
  EXPECT_EQ(startable(), 1);
  start();
  EXPECT_EQ(startable(), 2);
}

TEST_F(Window, AFenceThatWaitsForASemaphoreStillHoldsBackTheRest) {
  push(DIXION_OPCODE_NOP, true, 5);
  push(DIXION_OPCODE_GELU);
  EXPECT_EQ(startable(), -1);
}

TEST_F(Window, ABadCommandIsDueWhenAllBeforeItHaveStarted) {
  push(DIXION_OPCODE_MATMUL, false, 5);
  push(DIXION_OPCODE_NOP).error = {DIXION_CAUSE_BAD_FORMAT, 0, 0, "x"};
  push(DIXION_OPCODE_GELU);
  EXPECT_EQ(startable(), -1);
  semaphores.signal({5, 1});
  start();
  EXPECT_EQ(startable(), 1);
}

TEST_F(Window, AFailedCommandTakesTheRestOfItsListWithIt) {
  const auto call = push(DIXION_OPCODE_CALL).sequence;
  start();
  const auto first = push(DIXION_OPCODE_MATMUL, false, 0, call).sequence;
  const auto second = push(DIXION_OPCODE_GELU, false, 0, call).sequence;
  push(DIXION_OPCODE_DMA_COPY, false, 9, call);
  const auto outside = push(DIXION_OPCODE_NOP).sequence;
  start();
  start();
  EXPECT_EQ(window.find(call)->unfinished, 3U);
  window.remove(second, true);
  EXPECT_TRUE(window.find(call)->cut);
  EXPECT_EQ(window.find(call)->unfinished, 1U);
  window.remove(first, false);
  EXPECT_EQ(window.find(call)->unfinished, 0U);
  EXPECT_NE(window.find(outside), nullptr);
}

TensorView view(std::uint64_t address, std::vector<std::uint32_t> extents, std::vector<std::uint64_t> strides) {
  TensorView result;
  result.address = address;
  result.format = DIXION_FORMAT_INT8;
  result.rank = static_cast<std::uint8_t>(extents.size());
  std::copy(extents.begin(), extents.end(), result.extent.begin());
  std::copy(strides.begin(), strides.end(), result.stride.begin());
  return result;
}

bool overlap(const TensorView& a, const TensorView& b) {
  EXPECT_EQ(views_overlap(a, b), views_overlap(b, a));
  return views_overlap(a, b);
}

TEST(ViewOverlap, NeighboursDoNotTouchAndOneSharedByteDoes) {
  EXPECT_FALSE(overlap(view(100, {10}, {1}), view(110, {10}, {1})));
  EXPECT_TRUE(overlap(view(100, {11}, {1}), view(110, {10}, {1})));
}

TEST(ViewOverlap, HeadsOfOneBufferInterleaveWithoutTouching) {
  const TensorView first = view(0, {16, 8}, {32, 1});
  EXPECT_FALSE(overlap(first, view(8, {16, 8}, {32, 1})));
  EXPECT_FALSE(overlap(first, view(32 + 24, {15, 8}, {32, 1})));
  EXPECT_TRUE(overlap(first, view(7, {16, 8}, {32, 1})));
  EXPECT_TRUE(overlap(first, view(32, {4, 8}, {32, 1})));
}

TEST(ViewOverlap, ABlockInAGapOfRowsDoesNotTouch) {
  const TensorView rows = view(0, {16, 8}, {32, 1});
  EXPECT_FALSE(overlap(rows, view(8, {24}, {1})));
  EXPECT_TRUE(overlap(rows, view(8, {25}, {1})));
  EXPECT_TRUE(overlap(rows, view(39, {10}, {1})));
  EXPECT_FALSE(overlap(rows, view(15 * 32 + 8, {100}, {1})));
}

TEST(ViewOverlap, AgreesWithLookingAtEveryByte) {
  // All small pairs of a strided and another view, whatever their pitches: never a false alarm, and exact for equal
  // pitch or a contiguous partner.
  for (std::uint64_t start = 0; start < 40; ++start) {
    for (std::uint64_t pitch = 1; pitch <= 9; ++pitch) {
      for (std::uint32_t run = 1; run <= 3; ++run) {
        const TensorView a = view(10, {4, 2}, {7, 1});
        const TensorView b = view(start, {3, run}, {pitch, 1});
        bool shared = false;
        for (std::uint64_t i = 0; i < 8; ++i) {
          for (std::uint64_t j = 0; j < 3 * run; ++j) {
            shared = shared || 10 + i / 2 * 7 + i % 2 == start + j / run * pitch + j % run;
          }
        }
        const bool comparable = pitch == 7 || pitch <= run;
        if (comparable) {
          EXPECT_EQ(overlap(a, b), shared) << start << " " << pitch << " " << run;
        } else {
          EXPECT_LE(overlap(a, b), shared);
        }
      }
    }
  }
}

}  // namespace
}  // namespace dixion
