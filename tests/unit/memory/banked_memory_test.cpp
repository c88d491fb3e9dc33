// SPDX-License-Identifier: Apache-2.0
#include "models/memory/banked_memory.h"

#include <array>

#include <gtest/gtest.h>

#include "models/common/check.h"

namespace dixion {
namespace {

/// 16 banks of 32-byte words.
BankedArray array(const char* map = "interleave", std::uint64_t capacity = 64 * 1024) {
  return {"test", capacity, 16, 32, map};
}

StreamShape rows(std::uint64_t count, std::uint64_t run_bytes, std::uint64_t stride) {
  StreamShape shape;
  shape.run_bytes = run_bytes;
  shape.rank = 1;
  shape.count[0] = count;
  shape.stride[0] = stride;
  return shape;
}

StreamShape run(std::uint64_t bytes) {
  StreamShape shape;
  shape.run_bytes = bytes;
  return shape;
}

TEST(BankedArray, ContiguousStreamTakesAllBanksEveryCycle) {
  EXPECT_EQ(array().stream_cost(0, run(512)).cycles, 1U);
  EXPECT_EQ(array().stream_cost(0, run(513)).cycles, 2U);
  EXPECT_EQ(array().stream_cost(0, run(5120)).cycles, 10U);
  // 512 bytes that do not start at a word touch 17 words.
  EXPECT_EQ(array().stream_cost(1, run(512)).cycles, 2U);
}

// Words 512 bytes apart all lie in bank 0 when interleaved: one per cycle. Folded, each group of 16 takes 16 banks.
TEST(BankedArray, StrideOfOneRowConflictsUnlessFolded) {
  EXPECT_EQ(array().stream_cost(0, rows(64, 32, 512)).cycles, 64U);
  EXPECT_EQ(array("xor").stream_cost(0, rows(64, 32, 512)).cycles, 4U);
}

// Every other word: 16 words fall on 8 banks, two each.
TEST(BankedArray, StrideOfTwoWordsHalvesTheRate) { EXPECT_EQ(array().stream_cost(0, rows(32, 32, 64)).cycles, 4U); }

TEST(BankedArray, OddStrideInWordsIsConflictFree) { EXPECT_EQ(array().stream_cost(0, rows(48, 32, 96)).cycles, 3U); }

// Four runs of 8 bytes lie in one word: 64 runs are 16 words, one access each.
TEST(BankedArray, NeighbouringRunsInOneWordAreOneAccess) {
  EXPECT_EQ(array().stream_cost(0, rows(64, 4, 8)).cycles, 1U);
}

TEST(BankedArray, IdealIsBytesOverAllBanks) {
  EXPECT_EQ(array().ideal_cycles(0, rows(64, 32, 512)), 4U);
  EXPECT_EQ(array().bytes_per_cycle(), 512U);
}

TEST(BankedArray, BadGeometryIsRefused) {
  EXPECT_THROW(BankedArray("test", 1024, 3, 32, "interleave"), ConfigError);
  EXPECT_THROW(BankedArray("test", 1024, 4, 0, "interleave"), ConfigError);
  EXPECT_THROW(BankedArray("test", 0, 4, 32, "interleave"), ConfigError);
  EXPECT_THROW(BankedArray("test", 1000, 4, 32, "interleave"), ConfigError);
  EXPECT_NO_THROW(BankedArray("test", 128, 4, 32, "interleave"));
}

TEST(BankedArray, DefaultsDescribeCoreSramAndGlobalBuffer) {
  const AcceleratorConfig config;
  EXPECT_EQ(core_sram_array(config).bytes_per_cycle(), config.core_sram_banks * config.core_sram_word_bytes);
  EXPECT_EQ(global_buffer_array(config).capacity(), config.global_buffer_bytes);
}

TEST(BankedMemory, StartsAsZerosAndKeepsWhatIsWritten) {
  BankedMemory memory(array());
  std::array<unsigned char, 4> bytes{1, 2, 3, 4};
  ASSERT_TRUE(memory.read(1000, bytes.data(), 4));
  EXPECT_EQ(bytes, (std::array<unsigned char, 4>{0, 0, 0, 0}));
  bytes = {1, 2, 3, 4};
  ASSERT_TRUE(memory.write(1000, bytes.data(), 4));
  std::array<unsigned char, 4> back{};
  ASSERT_TRUE(memory.read(1000, back.data(), 4));
  EXPECT_EQ(back, bytes);
}

TEST(BankedMemory, LinearWhateverTheBankMap) {
  BankedMemory plain(array());
  BankedMemory folded(array("xor"));
  for (std::uint64_t address = 0; address < plain.array().capacity(); address += 32) {
    ASSERT_TRUE(plain.write(address, &address, 8));
    ASSERT_TRUE(folded.write(address, &address, 8));
  }
  EXPECT_TRUE(std::equal(plain.data(), plain.data() + plain.array().capacity(), folded.data()));
}

TEST(BankedMemory, LastByteIsInsideTheNextIsNot) {
  BankedMemory memory(array());
  const std::uint64_t capacity = memory.array().capacity();
  unsigned char byte = 0;
  EXPECT_TRUE(memory.read(capacity - 1, &byte, 1));
  EXPECT_FALSE(memory.read(capacity, &byte, 1));
  std::array<unsigned char, 2> two{};
  EXPECT_FALSE(memory.write(capacity - 1, two.data(), 2));
  EXPECT_FALSE(memory.contains(~std::uint64_t{0}, 2));
}

}  // namespace
}  // namespace dixion
