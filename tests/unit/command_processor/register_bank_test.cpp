// SPDX-License-Identifier: Apache-2.0
#include "models/common/register_bank.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace dixion {
namespace {

constexpr abi::FieldInfo kFields[] = {{"LOW", 3, 0, ""}, {"TOP", 31, 31, ""}};
constexpr abi::RegisterInfo kRegisters[] = {
    {"PLAIN", 0x0, abi::Access::kRw, 7, 1, 4, "", {}},      {"FIELDS", 0x4, abi::Access::kRw, 0, 1, 4, "", kFields},
    {"CLEAR", 0x8, abi::Access::kRw1c, 0xff, 1, 4, "", {}}, {"SET", 0xc, abi::Access::kRw1s, 1, 1, 4, "", {}},
    {"ONCE", 0x10, abi::Access::kRc, 5, 1, 4, "", {}},      {"MANY", 0x20, abi::Access::kRw, 0, 3, 8, "", {}},
};
constexpr abi::BlockInfo kBlock{"test", 0x100, kRegisters};

struct Bank : testing::Test {
  std::uint32_t read(std::uint32_t offset) {
    std::uint32_t value = 0;
    EXPECT_EQ(bank.read(offset, 4, value), RegisterBank::Response::kOk);
    return value;
  }
  void write(std::uint32_t offset, std::uint32_t value) {
    EXPECT_EQ(bank.write(offset, 4, value), RegisterBank::Response::kOk);
  }
  std::vector<std::string> reports;
  RegisterBank bank{kBlock, "T.", [this](const std::string& subject, std::uint64_t, const std::string& expected) {
                      reports.push_back(subject + ": " + expected);
                    }};
};

TEST_F(Bank, WriteOneToClearSetAndReadToClear) {
  write(0x8, 0x0f);
  EXPECT_EQ(read(0x8), 0xf0U);
  write(0xc, 0x10);
  EXPECT_EQ(read(0xc), 0x11U);
  std::uint32_t value = 0;
  EXPECT_TRUE(bank.peek(0x10, value));
  EXPECT_EQ(value, 5U);
  EXPECT_EQ(read(0x10), 5U);
  EXPECT_EQ(read(0x10), 0U);
}

TEST_F(Bank, BitsOutsideFieldsStayZeroAndAreReported) {
  write(0x4, 0xffffffff);
  EXPECT_EQ(read(0x4), 0x8000000fU);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0], "T.FIELDS: reserved bits 0, writable are 0x8000000f");
}

TEST_F(Bank, ArraysAnswerAtTheirStrideOnly) {
  write(0x28, 9);
  EXPECT_EQ(read(0x28), 9U);
  EXPECT_EQ(read(0x20), 0U);
  EXPECT_EQ(bank.name_of(0x28), "MANY[1]");
  std::uint32_t value = 0;
  EXPECT_EQ(bank.read(0x24, 4, value), RegisterBank::Response::kUnmapped);
  EXPECT_EQ(bank.read(0x38, 4, value), RegisterBank::Response::kUnmapped);
  EXPECT_EQ(bank.read(0x100, 4, value), RegisterBank::Response::kUnmapped);
}

TEST_F(Bank, OnlyAlignedWordsAreAccesses) {
  std::uint32_t value = 0;
  EXPECT_EQ(bank.read(0x2, 4, value), RegisterBank::Response::kBadAccess);
  EXPECT_EQ(bank.write(0x0, 2, 1), RegisterBank::Response::kBadAccess);
  EXPECT_EQ(read(0x0), 7U);
  EXPECT_EQ(reports.size(), 2U);
}

TEST_F(Bank, HooksSeeOldAndNewValueAndMayStoreAnother) {
  std::vector<std::uint32_t> seen;
  bank.on_write(0x20, [&](unsigned index, std::uint32_t old_value, std::uint32_t value) {
    seen = {index, old_value, value};
    bank.set(0x30, old_value);
  });
  bank.set(0x30, 4);
  write(0x30, 6);
  EXPECT_EQ(seen, (std::vector<std::uint32_t>{2, 4, 6}));
  EXPECT_EQ(read(0x30), 4U);
}

TEST_F(Bank, DebugWritesTouchNothingButTheStoredValue) {
  bool called = false;
  bank.on_write(0x0, [&](unsigned, std::uint32_t, std::uint32_t) { called = true; });
  EXPECT_TRUE(bank.poke(0x0, 3));
  EXPECT_FALSE(called);
  EXPECT_EQ(read(0x0), 3U);
  EXPECT_FALSE(bank.poke(0x14, 3));
}

TEST_F(Bank, ResetRestoresAllValues) {
  write(0x0, 1);
  write(0x28, 1);
  bank.reset();
  EXPECT_EQ(read(0x0), 7U);
  EXPECT_EQ(read(0x28), 0U);
}

}  // namespace
}  // namespace dixion
