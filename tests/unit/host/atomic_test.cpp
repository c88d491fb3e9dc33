// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include <gtest/gtest.h>

#include "tests/unit/host/flat_bus.h"

namespace dixion::host {
namespace {

using namespace assembler;  // NOLINT: the tests are written in it

struct Amo {
  const char* name;
  Word funct5;
  std::uint64_t expected_word;    // of 0x80000001 and 0x7FFFFFFF
  std::uint64_t expected_double;  // of 0x8000000000000001 and 0x7FFFFFFFFFFFFFFF
};
// Worked out by hand.
const Amo kAmos[] = {
    {"swap", 0x01, 0x7FFF'FFFF, 0x7FFF'FFFF'FFFF'FFFF}, {"add", 0x00, 0x0000'0000, 0x0000'0000'0000'0000},
    {"xor", 0x04, 0xFFFF'FFFE, 0xFFFF'FFFF'FFFF'FFFE},  {"and", 0x0C, 0x0000'0001, 0x0000'0000'0000'0001},
    {"or", 0x08, 0xFFFF'FFFF, 0xFFFF'FFFF'FFFF'FFFF},   {"min", 0x10, 0x8000'0001, 0x8000'0000'0000'0001},
    {"max", 0x14, 0x7FFF'FFFF, 0x7FFF'FFFF'FFFF'FFFF},  {"minu", 0x18, 0x7FFF'FFFF, 0x7FFF'FFFF'FFFF'FFFF},
    {"maxu", 0x1C, 0x8000'0001, 0x8000'0000'0000'0001},
};

TEST(Amo, OnWordsReturnsTheSignExtendedOldValueAndLeavesTheNeighbourAlone) {
  for (const Amo& test : kAmos) {
    SCOPED_TRACE(test.name);
    HartBench bench;
    bench.bus.put<std::uint64_t>(kData, 0xAAAA'AAAA'8000'0001);
    bench.x(a1) = kData;
    bench.x(a2) = 0x5555'5555'7FFF'FFFF;
    bench.execute(amo(test.funct5, false, a0, a2, a1));
    EXPECT_EQ(bench.x(a0), 0xFFFF'FFFF'8000'0001U);
    EXPECT_EQ(bench.bus.get<std::uint64_t>(kData), 0xAAAA'AAAA'0000'0000U | test.expected_word);
  }
}

TEST(Amo, OnDoublesReturnsTheOldValue) {
  for (const Amo& test : kAmos) {
    SCOPED_TRACE(test.name);
    HartBench bench;
    bench.bus.put<std::uint64_t>(kData, 0x8000'0000'0000'0001);
    bench.x(a1) = kData;
    bench.x(a2) = 0x7FFF'FFFF'FFFF'FFFF;
    bench.execute(amo(test.funct5, true, a0, a2, a1));
    EXPECT_EQ(bench.x(a0), 0x8000'0000'0000'0001U);
    EXPECT_EQ(bench.bus.get<std::uint64_t>(kData), test.expected_double);
  }
}

TEST(Amo, MayReadAndWriteTheSameRegister) {
  HartBench bench;
  bench.bus.put<std::uint32_t>(kData, 7);
  bench.x(a1) = kData;
  bench.execute(amo(0x00, false, a1, a1, a1));
  EXPECT_EQ(bench.x(a1), 7U);
  EXPECT_EQ(bench.bus.get<std::uint32_t>(kData), static_cast<std::uint32_t>(kData + 7));
}

TEST(Amo, MisalignedIsAMisalignedStore) {
  HartBench bench;
  bench.x(a1) = kData + 4;
  bench.execute(amo(0x00, true, a0, a2, a1));
  EXPECT_EQ(bench.iss.state().mcause, 6U);
  EXPECT_EQ(bench.iss.state().mtval, kData + 4);
}

TEST(Amo, OnADeviceIsAStoreAccessFaultAndReported) {
  HartBench bench;
  bench.x(a1) = FlatBus::kDevice;
  bench.execute(amo(0x00, false, a0, a2, a1));
  EXPECT_EQ(bench.iss.state().mcause, 7U);
  ASSERT_EQ(bench.bus.rejections.size(), 1U);
}

class LoadReserved : public testing::Test {
 protected:
  LoadReserved() {
    bench.bus.put<std::uint64_t>(kData, 0x1111'2222'8765'4321);
    bench.x(a1) = kData;
    bench.x(a2) = 99;
  }
  HartBench bench;
};

TEST_F(LoadReserved, ThenStoreConditionalSucceedsOnce) {
  bench.execute(lr_w(a0, a1));
  EXPECT_EQ(bench.x(a0), 0xFFFF'FFFF'8765'4321U);
  bench.execute(sc_w(a3, a2, a1));
  EXPECT_EQ(bench.x(a3), 0U);
  EXPECT_EQ(bench.bus.get<std::uint64_t>(kData), 0x1111'2222'0000'0063U);
  bench.execute(sc_w(a3, a2, a1));
  EXPECT_EQ(bench.x(a3), 1U) << "the reservation was used up";
}

TEST_F(LoadReserved, StoreConditionalFailsWithoutIt) {
  bench.execute(sc_d(a3, a2, a1));
  EXPECT_EQ(bench.x(a3), 1U);
  EXPECT_EQ(bench.bus.get<std::uint64_t>(kData), 0x1111'2222'8765'4321U);
}

TEST_F(LoadReserved, StoreConditionalFailsAtAnotherAddress) {
  bench.execute(lr_d(a0, a1));
  bench.x(a1) += 8;
  bench.execute(sc_d(a3, a2, a1));
  EXPECT_EQ(bench.x(a3), 1U);
}

TEST_F(LoadReserved, StoreConditionalFailsWhenMemoryChanged) {
  bench.execute(lr_d(a0, a1));
  bench.bus.put<std::uint64_t>(kData, 5);
  bench.execute(sc_d(a3, a2, a1));
  EXPECT_EQ(bench.x(a3), 1U);
  EXPECT_EQ(bench.bus.get<std::uint64_t>(kData), 5U);
}

TEST_F(LoadReserved, IsLostInATrap) {
  bench.execute(lr_d(a0, a1));
  bench.execute(ecall);
  bench.execute(sc_d(a3, a2, a1));
  EXPECT_EQ(bench.x(a3), 1U);
}

TEST_F(LoadReserved, MisalignedIsAMisalignedLoad) {
  bench.x(a1) = kData + 2;
  bench.execute(lr_w(a0, a1));
  EXPECT_EQ(bench.iss.state().mcause, 4U);
}

}  // namespace
}  // namespace dixion::host
