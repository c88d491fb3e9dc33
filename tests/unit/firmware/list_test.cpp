// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/driver/native_port.h"
#include "tests/unit/firmware/list_order.h"

namespace dixion::test {
namespace {

struct CommandList : testing::Test {
  Arena arena{0x8000'0000, 1 << 16};
  MemoryOnlyPort port{arena};
  bump_t memory{};
  command_list_t list{};
  std::uint32_t need[LIST_UNITS] = {};

  void SetUp() override {
    bump_init(&memory, arena.data(), arena.data() + arena.size());
    ASSERT_EQ(list_init(&list, &memory, 32), STATUS_OK);
  }
  status_t append(dixion_opcode opcode, std::uint32_t unit) {
    dixion_command_t command = command_make(opcode, 5);
    if (unit >= LIST_UNIT_DMA0) command.core_first = static_cast<std::uint8_t>(unit - LIST_UNIT_DMA0);
    const status_t status = list_append(&list, &command, unit, need);
    for (auto& count : need) count = 0;
    return status;
  }
};

TEST_F(CommandList, IndependentCommandsWaitForNothing) {
  ASSERT_EQ(append(DIXION_OPCODE_MATMUL, LIST_UNIT_MATRIX), STATUS_OK);
  ASSERT_EQ(append(DIXION_OPCODE_GELU, LIST_UNIT_VECTOR), STATUS_OK);
  EXPECT_EQ(list.commands[1].wait_semaphore[0], 0);
  EXPECT_EQ(list.commands[0].signal_semaphore, LIST_SEMAPHORE(LIST_UNIT_MATRIX));
}

TEST_F(CommandList, WaitIsNotRepeatedOnTheSameUnit) {
  ASSERT_EQ(append(DIXION_OPCODE_MATMUL, LIST_UNIT_MATRIX), STATUS_OK);
  need[LIST_UNIT_MATRIX] = 1;
  ASSERT_EQ(append(DIXION_OPCODE_GELU, LIST_UNIT_VECTOR), STATUS_OK);
  need[LIST_UNIT_MATRIX] = 1;
  ASSERT_EQ(append(DIXION_OPCODE_SILU, LIST_UNIT_VECTOR), STATUS_OK);
  EXPECT_EQ(list.commands[1].wait_semaphore[0], LIST_SEMAPHORE(LIST_UNIT_MATRIX));
  EXPECT_EQ(list.commands[1].wait_value[0], 1u);
  EXPECT_EQ(list.commands[2].wait_semaphore[0], 0);
}

TEST_F(CommandList, MoreThanTwoWaitsGoThroughNops) {
  constexpr std::uint32_t kChannels = 4;
  for (int round = 0; round < 2; ++round) {  // the second time control commands already stand in the list
    ASSERT_EQ(append(DIXION_OPCODE_MATMUL, LIST_UNIT_MATRIX), STATUS_OK);
    ASSERT_EQ(append(DIXION_OPCODE_PREDICT, LIST_UNIT_PREDICTION), STATUS_OK);
    ASSERT_EQ(append(DIXION_OPCODE_CONMERGE_BUILD, LIST_UNIT_SPARSITY), STATUS_OK);
    for (std::uint32_t c = 0; c < kChannels; ++c)
      ASSERT_EQ(append(DIXION_OPCODE_DMA_FILL, LIST_UNIT_DMA0 + c), STATUS_OK);
    for (auto& count : need) count = static_cast<std::uint32_t>(round) + 1;
    for (std::uint32_t unit = LIST_UNIT_DMA0 + kChannels; unit < LIST_UNITS; ++unit) need[unit] = 0;
    const std::uint32_t before = list.count;
    ASSERT_EQ(append(DIXION_OPCODE_GELU, LIST_UNIT_VECTOR), STATUS_OK);
    EXPECT_LE(list.count - before, list_worst_case(kChannels));
    const ListOrder order(list);
    for (std::size_t i = 0; i < before; ++i) EXPECT_TRUE(order.ordered(i, list.count - 1)) << i;
  }
}

TEST_F(CommandList, ControlCommandsAreCountedOneAfterTheOther) {
  ASSERT_EQ(append(DIXION_OPCODE_TIMESTAMP, LIST_UNIT_CONTROL), STATUS_OK);
  ASSERT_EQ(append(DIXION_OPCODE_TIMESTAMP, LIST_UNIT_CONTROL), STATUS_OK);
  const ListOrder order(list);
  EXPECT_TRUE(order.ordered(0, 1));
}

TEST_F(CommandList, FullListIsToldAndUnharmed) {
  for (int i = 0; i < 32; ++i) ASSERT_EQ(append(DIXION_OPCODE_GELU, LIST_UNIT_VECTOR), STATUS_OK);
  EXPECT_EQ(append(DIXION_OPCODE_GELU, LIST_UNIT_VECTOR), STATUS_NO_MEMORY);
  EXPECT_EQ(list.count, 32u);
}

TEST_F(CommandList, TakesWhatMemoryThereIsAndGivesBackTheRest) {
  bump_init(&memory, arena.data(), arena.data() + 3 * sizeof(dixion_command_t) + 1);
  ASSERT_EQ(list_init(&list, &memory, 32), STATUS_OK);
  for (int i = 0; i < 2; ++i) ASSERT_EQ(append(DIXION_OPCODE_GELU, LIST_UNIT_VECTOR), STATUS_OK);
  list_finish(&list, &memory);
  EXPECT_EQ(bump_left(&memory), sizeof(dixion_command_t) + 1);
  EXPECT_EQ(append(DIXION_OPCODE_GELU, LIST_UNIT_VECTOR), STATUS_NO_MEMORY);
}

TEST_F(CommandList, NoRoomForTheFirstCommandIsTold) {
  bump_init(&memory, arena.data(), arena.data() + sizeof(dixion_command_t) - 1);
  EXPECT_EQ(list_init(&list, &memory, 1), STATUS_NO_MEMORY);
  EXPECT_EQ(list_init(&list, &memory, 0), STATUS_OK);
}

}  // namespace
}  // namespace dixion::test
