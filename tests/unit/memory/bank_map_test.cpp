// SPDX-License-Identifier: Apache-2.0
#include "models/memory/bank_map.h"

#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "models/common/check.h"

namespace dixion {
namespace {

std::vector<unsigned> banks_of(BankMapKind kind, unsigned banks, const std::vector<std::uint64_t>& words) {
  const auto map = make_bank_map(kind, banks);
  std::vector<unsigned> result;
  for (const std::uint64_t word : words) result.push_back(map->bank_of(word));
  return result;
}

const std::vector<std::uint64_t> kWords = {0, 1, 15, 16, 17, 32, 100, 255, 256, 4096, 65535, 123456, 1000000};

// By hand: the last hexadecimal digit.
TEST(BankMap, InterleaveTakesTheLowBits) {
  EXPECT_EQ(banks_of(BankMapKind::kInterleave, 16, kWords),
            (std::vector<unsigned>{0, 1, 15, 0, 1, 0, 4, 15, 0, 0, 15, 0, 0}));
}

// By hand: the xor of all hexadecimal digits; 123456 = 0x1e240, 1000000 = 0xf4240.
TEST(BankMap, XorFoldsAllDigits) {
  EXPECT_EQ(banks_of(BankMapKind::kXor, 16, kWords),
            (std::vector<unsigned>{0, 1, 15, 1, 0, 2, 2, 0, 1, 1, 0, 0x1 ^ 0xe ^ 0x2 ^ 0x4, 0xf ^ 0x4 ^ 0x2 ^ 0x4}));
}

// Published for all XOR-based maps of this kind (Rau 1991): aligned strides of 2^n are conflict-free.
TEST(BankMap, XorSpreadsPowersOfTwoOverAllBanks) {
  for (const unsigned banks : {4U, 16U, 64U}) {
    const auto map = make_bank_map(BankMapKind::kXor, banks);
    for (std::uint64_t stride = 1; stride <= std::uint64_t{banks} * banks; stride *= 2) {
      if (stride > 1 && stride < banks) continue;  // these wrap into the next digit: at most two words per bank
      std::set<unsigned> used;
      for (unsigned i = 0; i < banks; ++i) used.insert(map->bank_of(i * stride));
      EXPECT_EQ(used.size(), banks) << "stride " << stride << ", banks " << banks;
    }
  }
}

TEST(BankMap, OneBankIsAlwaysBankZero) {
  EXPECT_EQ(make_bank_map(BankMapKind::kXor, 1)->bank_of(12345), 0U);
  EXPECT_EQ(make_bank_map(BankMapKind::kInterleave, 1)->bank_of(12345), 0U);
}

TEST(BankMap, OnlyPowersOfTwoUpTo65536AreBanks) {
  EXPECT_NO_THROW(make_bank_map(BankMapKind::kXor, 65536));
  EXPECT_THROW(make_bank_map(BankMapKind::kXor, 131072), ConfigError);
  EXPECT_THROW(make_bank_map(BankMapKind::kXor, 0), ConfigError);
  EXPECT_THROW(make_bank_map(BankMapKind::kInterleave, 12), ConfigError);
}

}  // namespace
}  // namespace dixion
