// SPDX-License-Identifier: Apache-2.0
/// Waits are found by address, and the list of accesses stays short.
#include <gtest/gtest.h>

#include "tests/driver/native_port.h"
extern "C" {
#include "firmware/runtime/dependencies.h"
}

namespace dixion::test {
namespace {

struct Dependencies : testing::Test {
  Arena arena{0x8000'0000, 1 << 20};
  dependencies_t dependencies{};
  std::uint32_t signals[LIST_UNITS] = {};

  void SetUp() override {
    bump_t memory;
    bump_init(&memory, arena.data(), arena.data() + arena.size());
    ASSERT_EQ(dependencies_init(&dependencies, &memory, 8192), STATUS_OK);
  }
  void touch(std::uint64_t begin, std::uint64_t end, bool write, std::uint32_t unit) {
    const span_t span{begin, end};
    ASSERT_EQ(dependencies_note(&dependencies, &span, write, unit, ++signals[unit]), STATUS_OK);
  }
  void read(std::uint64_t begin, std::uint64_t end, std::uint32_t unit) { touch(begin, end, false, unit); }
  void write(std::uint64_t begin, std::uint64_t end, std::uint32_t unit) { touch(begin, end, true, unit); }
  /// What an access would wait for of `unit`.
  std::uint32_t need(std::uint64_t begin, std::uint64_t end, bool write, std::uint32_t unit) {
    std::uint32_t needs[LIST_UNITS] = {};
    const span_t span{begin, end};
    dependencies_need(&dependencies, &span, write, needs);
    return needs[unit];
  }
};

TEST_F(Dependencies, ReaderWaitsForWriterOfAnyByte) {
  write(100, 200, LIST_UNIT_MATRIX);
  EXPECT_EQ(need(199, 300, false, LIST_UNIT_MATRIX), 1u);
  EXPECT_EQ(need(0, 101, false, LIST_UNIT_MATRIX), 1u);
  EXPECT_EQ(need(200, 300, false, LIST_UNIT_MATRIX), 0u);
  EXPECT_EQ(need(0, 100, false, LIST_UNIT_MATRIX), 0u);
}

TEST_F(Dependencies, ReadersWaitForWritersOnly) {
  read(100, 200, LIST_UNIT_MATRIX);
  EXPECT_EQ(need(100, 200, false, LIST_UNIT_MATRIX), 0u);
  EXPECT_EQ(need(100, 200, true, LIST_UNIT_MATRIX), 1u);
}

TEST_F(Dependencies, AddressesBeyond32BitsAreToldApart) {
  write(0x100, 0x200, LIST_UNIT_MATRIX);
  EXPECT_EQ(need(0x1'0000'0100, 0x1'0000'0200, true, LIST_UNIT_MATRIX), 0u);
}

TEST_F(Dependencies, WriteStandsForWhatItCovers) {
  write(100, 200, LIST_UNIT_MATRIX);
  read(120, 180, LIST_UNIT_VECTOR);
  write(100, 200, LIST_UNIT_DMA0);
  EXPECT_EQ(dependencies.count, 1u);
  EXPECT_EQ(need(100, 200, true, LIST_UNIT_DMA0), 1u);
}

TEST_F(Dependencies, PartsOutsideTheNewWriteAreKept) {
  write(100, 200, LIST_UNIT_MATRIX);
  write(150, 300, LIST_UNIT_VECTOR);
  EXPECT_EQ(need(149, 150, false, LIST_UNIT_MATRIX), 1u);
  EXPECT_EQ(need(150, 200, false, LIST_UNIT_MATRIX), 0u) << "the vector unit's write has waited for it";
  EXPECT_EQ(need(150, 200, false, LIST_UNIT_VECTOR), 1u);
  write(50, 120, LIST_UNIT_DMA0);
  EXPECT_EQ(need(120, 121, false, LIST_UNIT_MATRIX), 1u);
  EXPECT_EQ(need(119, 120, false, LIST_UNIT_MATRIX), 0u);
}

TEST_F(Dependencies, WriteInTheMiddleKeepsBothEnds) {
  write(100, 200, LIST_UNIT_MATRIX);
  write(140, 160, LIST_UNIT_VECTOR);
  EXPECT_EQ(need(100, 101, false, LIST_UNIT_MATRIX), 1u);
  EXPECT_EQ(need(199, 200, false, LIST_UNIT_MATRIX), 1u);
}

TEST_F(Dependencies, ReadStandsForOlderReadsOfItsUnitOnly) {
  read(100, 200, LIST_UNIT_MATRIX);
  read(100, 200, LIST_UNIT_VECTOR);
  EXPECT_EQ(dependencies.count, 2u);
  read(100, 200, LIST_UNIT_MATRIX);
  EXPECT_EQ(dependencies.count, 2u);
  EXPECT_EQ(need(100, 200, true, LIST_UNIT_MATRIX), 2u);
  EXPECT_EQ(need(100, 200, true, LIST_UNIT_VECTOR), 1u);
}

TEST_F(Dependencies, ReadDoesNotHideTheWriteBeforeIt) {
  write(100, 200, LIST_UNIT_MATRIX);
  read(100, 200, LIST_UNIT_VECTOR);
  EXPECT_EQ(need(100, 200, false, LIST_UNIT_MATRIX), 1u);
}

TEST_F(Dependencies, ClearForgetsAll) {
  write(100, 200, LIST_UNIT_MATRIX);
  dependencies_clear(&dependencies);
  EXPECT_EQ(need(100, 200, true, LIST_UNIT_MATRIX), 0u);
}

TEST_F(Dependencies, ListStaysNearTheNumberOfBuffersNotOfCommands) {
  constexpr std::uint64_t kBuffers = 10;
  for (std::uint32_t i = 0; i < 4000; ++i) {
    const std::uint64_t from = i % kBuffers * 1000;
    const std::uint64_t to = (i + 1) % kBuffers * 1000;
    const std::uint32_t unit = i % 2 == 0 ? LIST_UNIT_MATRIX : LIST_UNIT_VECTOR;
    read(from, from + 1000, unit);
    write(to, to + 1000, unit);
  }
  EXPECT_LE(dependencies.most, 2 * kBuffers);
}

TEST_F(Dependencies, FullListIsTold) {
  bump_t memory;
  bump_init(&memory, arena.data(), arena.data() + arena.size());
  ASSERT_EQ(dependencies_init(&dependencies, &memory, 1), STATUS_OK);
  const span_t first{0, 1};
  const span_t second{1, 2};
  EXPECT_EQ(dependencies_note(&dependencies, &first, true, LIST_UNIT_MATRIX, 1), STATUS_OK);
  EXPECT_EQ(dependencies_note(&dependencies, &second, true, LIST_UNIT_MATRIX, 2), STATUS_NO_MEMORY);
}

}  // namespace
}  // namespace dixion::test
