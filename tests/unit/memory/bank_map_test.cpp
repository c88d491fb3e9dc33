// SPDX-License-Identifier: Apache-2.0
#include "models/memory/bank_map.h"

#include <algorithm>
#include <bit>
#include <set>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/common/check.h"
#include "models/memory/ipoly_map.h"
#include "models/memory/prime_map.h"

namespace dixion {
namespace {

using Words = std::vector<std::uint64_t>;

std::vector<unsigned> banks_of(const BankMap& map, const Words& words) {
  std::vector<unsigned> result;
  for (const std::uint64_t word : words) result.push_back(map.bank_of(word));
  return result;
}

std::size_t banks_used(const BankMap& map, std::uint64_t base, std::uint64_t stride, unsigned count) {
  std::set<unsigned> used;
  for (unsigned i = 0; i < count; ++i) used.insert(map.bank_of(base + i * stride));
  return used.size();
}

const Words kWords = {0, 1, 16, 17, 32, 64, 100, 255, 256, 1000, 1152, 4096, 4608, 65535, 123456, 1000000};

// By hand: the last hexadecimal digit.
TEST(BankMap, InterleaveTakesTheLowBits) {
  EXPECT_EQ(banks_of(*make_bank_map("interleave", 16), kWords),
            (std::vector<unsigned>{0, 1, 0, 1, 0, 0, 4, 15, 0, 8, 0, 0, 0, 15, 0, 0}));
}

// By hand: the xor of all hexadecimal digits; 1000 = 0x3e8, 1152 = 0x480, 4608 = 0x1200, 123456 = 0x1e240,
// 1000000 = 0xf4240.
TEST(BankMap, XorFoldsAllDigits) {
  EXPECT_EQ(banks_of(*make_bank_map("xor", 16), kWords),
            (std::vector<unsigned>{0, 1, 1, 0, 2, 4, 2, 0, 1, 0x3 ^ 0xe ^ 0x8, 0x4 ^ 0x8, 1, 0x1 ^ 0x2, 0,
                                   0x1 ^ 0xe ^ 0x2 ^ 0x4, 0xf ^ 0x4 ^ 0x2 ^ 0x4}));
}

// Worked out from the equations of GPGPU-Sim and ONNXim (src/Hashing.cc). With 16 banks they stop at bit 16, so that
// 1000000, whose bits 17 to 19 are set, is in bank 13 there; as a polynomial it leaves 2.
TEST(BankMap, IpolyGivesThePublishedBanks) {
  EXPECT_EQ(banks_of(*make_bank_map("ipoly", 16), kWords),
            (std::vector<unsigned>{0, 1, 3, 2, 6, 12, 14, 13, 5, 6, 12, 15, 5, 1, 1, 2}));
  EXPECT_EQ(make_bank_map("ipoly", 16)->bank_of(1000000 & 0x1ffff), 13U);
  EXPECT_EQ(banks_of(*make_bank_map("ipoly", 32), kWords),
            (std::vector<unsigned>{0, 1, 16, 17, 5, 10, 11, 4, 13, 4, 5, 14, 20, 21, 21, 0}));
  EXPECT_EQ(banks_of(*make_bank_map("ipoly", 64), kWords),
            (std::vector<unsigned>{0, 1, 16, 17, 32, 3, 39, 58, 12, 57, 54, 5, 29, 14, 62, 43}));
}

/// Per bit of the bank, the bits of the word number above log2(banks) that GPGPU-Sim and ONNXim mix in.
struct Equations {
  unsigned banks;
  unsigned highest;  ///< word bit
  std::vector<std::vector<unsigned>> bits;
};

const std::vector<Equations> kPublished = {
    {16, 16, {{11, 10, 9, 8, 6, 4, 3, 0}, {12, 8, 7, 6, 5, 3, 1, 0}, {9, 8, 7, 6, 4, 2, 1}, {10, 9, 8, 7, 5, 3, 2}}},
    {32,
     19,
     {{13, 12, 11, 10, 9, 6, 5, 3, 0},
      {14, 13, 12, 11, 10, 7, 6, 4, 1},
      {14, 10, 9, 8, 7, 6, 3, 2, 0},
      {11, 10, 9, 8, 7, 4, 3, 1},
      {12, 11, 10, 9, 8, 5, 4, 2}}},
    {64,
     24,
     {{18, 17, 16, 15, 12, 10, 6, 5, 0},
      {15, 13, 12, 11, 10, 7, 5, 1, 0},
      {16, 14, 13, 12, 11, 8, 6, 2, 1},
      {17, 15, 14, 13, 12, 9, 7, 3, 2},
      {18, 16, 15, 14, 13, 10, 8, 4, 3},
      {17, 16, 15, 14, 11, 9, 5, 4}}}};

TEST(BankMap, IpolyIsThePublishedEquationsAsFarAsTheyReach) {
  for (const Equations& published : kPublished) {
    const auto map = make_bank_map("ipoly", published.banks);
    for (unsigned bit = 0; bit <= published.highest; ++bit) {
      unsigned bank = 0;
      for (unsigned i = 0; i < published.bits.size(); ++i) {
        bool set = bit == i;
        for (const unsigned mixed : published.bits[i]) set |= bit == mixed + published.bits.size();
        bank |= static_cast<unsigned>(set) << i;
      }
      EXPECT_EQ(map->bank_of(std::uint64_t{1} << bit), bank) << "word bit " << bit << ", banks " << published.banks;
    }
  }
}

std::uint64_t polynomial_remainder(std::uint64_t value, std::uint64_t divisor) {
  while (std::bit_width(value) >= std::bit_width(divisor)) {
    value ^= divisor << (std::bit_width(value) - std::bit_width(divisor));
  }
  return value;
}

TEST(BankMap, IpolyPolynomialsHaveNoDivisor) {
  for (unsigned banks = 2; banks <= 65536; banks *= 2) {
    const std::uint64_t polynomial = IpolyMap::polynomial(banks);
    EXPECT_EQ(std::bit_width(polynomial), std::bit_width(banks));
    for (std::uint64_t divisor = 2; divisor * divisor < 2 * polynomial; ++divisor) {
      if (std::bit_width(divisor) == std::bit_width(polynomial)) break;
      ASSERT_NE(polynomial_remainder(polynomial, divisor), 0U) << polynomial << " by " << divisor;
    }
  }
}

TEST(BankMap, IpolyIsTheRemainderOfAllBits) {
  for (const unsigned banks : {2U, 8U, 128U, 65536U}) {
    const auto map = make_bank_map("ipoly", banks);
    for (std::uint64_t word = 1; word < (std::uint64_t{1} << 62); word = word * 5 + 3) {
      ASSERT_EQ(map->bank_of(word), polynomial_remainder(word, IpolyMap::polynomial(banks))) << word;
    }
  }
}

// Rau 1991: aligned strides of 2^n are conflict-free. With folding only those that do not wrap into the next digit.
TEST(BankMap, AlignedPowersOfTwoAreConflictFree) {
  for (const unsigned banks : {4U, 16U, 32U, 64U}) {
    for (const char* const kind : {"xor", "ipoly"}) {
      const auto map = make_bank_map(kind, banks);
      for (std::uint64_t stride = 1; stride < (std::uint64_t{1} << 40); stride *= 2) {
        for (const std::uint64_t base : {std::uint64_t{0}, stride * banks, stride * banks * 37}) {
          EXPECT_EQ(banks_used(*map, base, stride, banks), banks) << map->name() << banks << ", stride " << stride;
        }
      }
    }
  }
}

TEST(BankMap, EveryAlignedRowIsABijection) {
  for (const unsigned banks : {2U, 16U, 64U, 1024U}) {
    for (const char* const kind : {"interleave", "xor", "ipoly", "prime"}) {
      const auto map = make_bank_map(kind, banks);
      EXPECT_TRUE(map->spreads_rows());
      for (std::uint64_t row = 0; row < 5000; row = row * 3 + 1) {
        ASSERT_EQ(banks_used(*map, row * banks, 1, banks), banks) << map->name() << banks << ", row " << row;
      }
    }
  }
}

TEST(BankMap, PrimeTakesTheNextPrimeOfBanks) {
  const auto banks = [](unsigned configured) { return make_bank_map("prime", configured)->banks(); };
  EXPECT_EQ(banks(1), 1U);
  EXPECT_EQ(banks(2), 2U);
  EXPECT_EQ(banks(4), 5U);
  EXPECT_EQ(banks(16), 17U);
  EXPECT_EQ(banks(32), 37U);
  EXPECT_EQ(banks(64), 67U);
  EXPECT_EQ(banks(1024), 1031U);
  EXPECT_EQ(banks(65536), 65537U);
  const auto map = make_bank_map("prime", 16);
  for (std::uint64_t stride = 1; stride < 2000; ++stride) {
    EXPECT_EQ(banks_used(*map, 12345, stride, 16), stride % 17 == 0 ? 1U : 16U) << stride;
  }
}

// Interleave, fold and polynomial as matrices.
TEST(BankMap, AnyMatrixIsAMap) {
  const auto interleave = make_bank_map("matrix", 16, {1, 2, 4, 8});
  const auto fold = make_bank_map("matrix", 4, {0x5555555555555555, 0xaaaaaaaaaaaaaaaa});
  const auto swapped = make_bank_map("matrix", 4, {0x10, 0x3});
  for (std::uint64_t word = 0; word < 5000; ++word) {
    EXPECT_EQ(interleave->bank_of(word), word % 16);
    EXPECT_EQ(fold->bank_of(word), make_bank_map("xor", 4)->bank_of(word));
    EXPECT_EQ(swapped->bank_of(word), (word >> 4 & 1) | ((word ^ word >> 1) & 1) << 1);
  }
  EXPECT_TRUE(interleave->spreads_rows());
  EXPECT_FALSE(swapped->spreads_rows());
}

std::string mistake(unsigned banks, const Words& masks, const char* kind = "matrix") {
  return bank_masks_mistake(kind, banks, masks);
}

TEST(BankMap, MatricesThatLeaveBanksUnusedAreRefused) {
  EXPECT_EQ(mistake(16, {1, 2, 4, 8}), "");
  EXPECT_EQ(mistake(1, {}), "");
  EXPECT_THAT(mistake(16, {1, 2, 4}), testing::HasSubstr("16 banks need 4 masks"));
  EXPECT_THAT(mistake(4, {1, 2, 4}), testing::HasSubstr("4 banks need 2 masks"));
  EXPECT_THAT(mistake(8, {1, 0, 4}), testing::HasSubstr("mask 1 is 0"));
  EXPECT_THAT(mistake(8, {0x11, 0x106, 0x117}), testing::HasSubstr("mask 2 is the xor of masks before it"));
  EXPECT_THAT(mistake(16, {1, 2, 4, 8}, "xor"), testing::HasSubstr("'matrix' only"));
  EXPECT_THROW((void)make_bank_map("matrix", 8, {1, 1, 4}), ConfigError);
}

TEST(BankMap, OneBankIsAlwaysBankZero) {
  for (const char* const kind : {"interleave", "xor", "ipoly", "prime", "matrix"}) {
    EXPECT_EQ(make_bank_map(kind, 1)->bank_of(12345), 0U);
  }
}

TEST(BankMap, OnlyPowersOfTwoUpTo65536AreBanks) {
  EXPECT_NO_THROW((void)make_bank_map("xor", 65536));
  EXPECT_THROW((void)make_bank_map("xor", 131072), ConfigError);
  EXPECT_THROW((void)make_bank_map("xor", 0), ConfigError);
  EXPECT_THROW((void)make_bank_map("interleave", 12), ConfigError);
}

}  // namespace
}  // namespace dixion
