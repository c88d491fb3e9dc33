// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "tests/driver/native_port.h"
extern "C" {
#include "firmware/lib/bump.h"
#include "firmware/lib/crc32.h"
}

namespace dixion::test {
namespace {

/// The definition, one bit at a time.
std::uint32_t crc32_by_definition(const std::uint8_t* data, std::size_t length) {
  std::uint32_t crc = 0xffffffff;
  for (std::size_t bit = 0; bit < 8 * length; ++bit) {
    const bool out = ((crc ^ (data[bit / 8] >> (bit % 8))) & 1) != 0;
    crc = (crc >> 1) ^ (out ? 0xedb88320 : 0);
  }
  return ~crc;
}

TEST(Crc32, HasTheCheckValueOfItsCatalogueEntry) { EXPECT_EQ(crc32_ieee("123456789", 9), 0xcbf43926u); }

TEST(Crc32, EqualsItsDefinitionForEveryLengthAndAlignment) {
  std::vector<std::uint8_t> data(64);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(37 * i + 11);
  for (std::size_t begin = 0; begin < 9; ++begin) {
    for (std::size_t length = 0; begin + length <= data.size(); ++length) {
      ASSERT_EQ(crc32_ieee(data.data() + begin, length), crc32_by_definition(data.data() + begin, length));
    }
  }
}

struct BumpAllocator : testing::Test {
  Arena arena{0x8000'0000, 256};
  bump_t bump{};
  void* memory = nullptr;
  void SetUp() override { bump_init(&bump, arena.data() + 1, arena.data() + 256); }
};

TEST_F(BumpAllocator, AlignsAndHandsOutTheLastByte) {
  ASSERT_EQ(bump_allocate(&bump, 1, 64, &memory), STATUS_OK);
  EXPECT_EQ(memory, arena.data() + 64);
  EXPECT_EQ(bump_allocate(&bump, 192, 1, &memory), STATUS_NO_MEMORY);
  EXPECT_EQ(memory, arena.data() + 64) << "a refused allocation changes nothing";
  ASSERT_EQ(bump_allocate(&bump, 191, 1, &memory), STATUS_OK);
  EXPECT_EQ(bump_left(&bump), 0u);
  EXPECT_EQ(bump_allocate(&bump, 1, 1, &memory), STATUS_NO_MEMORY);
}

TEST_F(BumpAllocator, RefusesSizesThatWrapAround) {
  EXPECT_EQ(bump_allocate(&bump, SIZE_MAX, 64, &memory), STATUS_NO_MEMORY);
  EXPECT_EQ(bump_allocate(&bump, SIZE_MAX - 70, 1, &memory), STATUS_NO_MEMORY);
}

TEST_F(BumpAllocator, TellsWhatFitsAndWhatDidNot) {
  EXPECT_EQ(bump_left_aligned(&bump, 1), 255u);
  EXPECT_EQ(bump_left_aligned(&bump, 64), 192u);
  EXPECT_EQ(bump_left_aligned(&bump, 1024), 0u) << "beyond the end";
  EXPECT_EQ(bump.refused, 0u);
  EXPECT_EQ(bump_allocate(&bump, 193, 64, &memory), STATUS_NO_MEMORY);
  EXPECT_EQ(bump.refused, 193u);
}

TEST_F(BumpAllocator, TakesBackTheEndOfTheNewestAllocation) {
  ASSERT_EQ(bump_allocate(&bump, 192, 64, &memory), STATUS_OK);
  bump_give_back(&bump, static_cast<std::uint8_t*>(memory) + 64);
  EXPECT_EQ(bump_left(&bump), 128u);
}

TEST_F(BumpAllocator, ZeroesOnRequestOnly) {
  std::memset(arena.data(), 0xee, 256);
  ASSERT_EQ(bump_allocate_zeroed(&bump, 8, 8, &memory), STATUS_OK);
  EXPECT_EQ(*static_cast<std::uint64_t*>(memory), 0u);
  ASSERT_EQ(bump_allocate(&bump, 8, 8, &memory), STATUS_OK);
  EXPECT_EQ(*static_cast<std::uint64_t*>(memory), 0xeeee'eeee'eeee'eeeeu);
}

}  // namespace
}  // namespace dixion::test
