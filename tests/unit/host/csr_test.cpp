// SPDX-License-Identifier: Apache-2.0
// Control and status registers: what may be read, what a write leaves.
#include <gtest/gtest.h>

#include "tests/unit/host/flat_bus.h"

namespace dixion::host {
namespace {

using namespace assembler;  // NOLINT: the tests are written in it

class Csr : public testing::Test {
 protected:
  bool trapped(Word word) {
    const std::uint64_t before = bench.iss.state().traps;
    bench.execute(word);
    return bench.iss.state().traps != before;
  }
  std::uint64_t write_then_read(Word number, std::uint64_t value) {
    bench.x(a1) = value;
    bench.execute(csrw(number, a1));
    bench.execute(csrr(a0, number));
    return bench.x(a0);
  }
  HartBench bench;
};

TEST_F(Csr, FieldsThatCannotHoldAValueKeepTheirs) {
  EXPECT_EQ(write_then_read(csr::mstatus, ~0ULL), 0x1888U) << "MIE, MPIE; MPP is always machine";
  EXPECT_EQ(write_then_read(csr::mstatus, 0), 0x1800U);
  EXPECT_EQ(write_then_read(csr::mie, ~0ULL), 0x888U);
  EXPECT_EQ(write_then_read(csr::mip, ~0ULL), 0U) << "every bit is a line";
  EXPECT_EQ(write_then_read(csr::mtvec, 0x8000'0101), 0x8000'0101U);
  EXPECT_EQ(write_then_read(csr::mtvec, 0x9000'0002), 0x8000'0101U) << "reserved mode";
  EXPECT_EQ(write_then_read(csr::mepc, ~0ULL), ~1ULL);
  EXPECT_EQ(write_then_read(csr::mscratch, 0x0123'4567'89AB'CDEF), 0x0123'4567'89AB'CDEFU);
  EXPECT_EQ(write_then_read(csr::mcause, 11), 11U);
  EXPECT_EQ(write_then_read(csr::mtval, 77), 77U);
  EXPECT_EQ(write_then_read(csr::misa, 0), 0x8000'0000'0000'1105U) << "RV64 A C I M";
  EXPECT_EQ(write_then_read(0x3A0, ~0ULL), 0U) << "no physical memory protection";
  EXPECT_EQ(bench.iss.state().traps, 0U);
}

TEST_F(Csr, WritesToReadOnlyRegistersAreIllegal) {
  for (const Word number : {0xC00U, 0xC01U, 0xC02U, 0xF11U, 0xF12U, 0xF13U, 0xF14U}) {
    EXPECT_TRUE(trapped(csrrw(zero, number, zero))) << std::hex << number;
    EXPECT_TRUE(trapped(csrrsi(a0, number, 1))) << std::hex << number;
    EXPECT_FALSE(trapped(csrrs(a0, number, zero))) << std::hex << number << ": no operand, no write";
    EXPECT_FALSE(trapped(csrrsi(a0, number, 0))) << std::hex << number;
  }
}

TEST_F(Csr, ThatDoNotExistAreIllegal) {
  // Floating point, supervisor mode, delegation, environment configuration, odd pmpcfg, debug triggers.
  for (const Word number :
       {0x001U, 0x003U, 0x100U, 0x180U, 0x302U, 0x303U, 0x30AU, 0x3A1U, 0x7A0U, 0x7B0U, 0x800U, 0xB01U}) {
    EXPECT_TRUE(trapped(csrr(a0, number))) << std::hex << number;
    EXPECT_EQ(bench.iss.state().mcause, 2U);
    EXPECT_EQ(bench.iss.state().mtval, csrr(a0, number));
  }
}

TEST_F(Csr, AnIllegalAccessChangesNoRegister) {
  bench.x(a0) = 5;
  bench.execute(csrrw(a0, csr::cycle, a0));
  EXPECT_EQ(bench.x(a0), 5U);
}

TEST_F(Csr, SetAndClearChangeTheirBitsOnly) {
  bench.iss.state().mscratch = 0b1100;
  bench.x(a1) = 0b1010;
  bench.execute(csrrs(a0, csr::mscratch, a1));
  EXPECT_EQ(bench.x(a0), 0b1100U);
  EXPECT_EQ(bench.iss.state().mscratch, 0b1110U);
  bench.execute(csrrc(a0, csr::mscratch, a1));
  EXPECT_EQ(bench.x(a0), 0b1110U);
  EXPECT_EQ(bench.iss.state().mscratch, 0b0100U);
  bench.execute(csrrwi(a0, csr::mscratch, 31));
  EXPECT_EQ(bench.iss.state().mscratch, 31U);
}

TEST_F(Csr, ReadAndWriteOfTheSameRegisterSwap) {
  bench.iss.state().mscratch = 3;
  bench.x(a0) = 4;
  bench.execute(csrrw(a0, csr::mscratch, a0));
  EXPECT_EQ(bench.x(a0), 3U);
  EXPECT_EQ(bench.iss.state().mscratch, 4U);
}

TEST_F(Csr, CountersShowWhatWasBeforeTheInstruction) {
  bench.load({nop, nop, csrr(a0, csr::minstret), csrr(a1, csr::mcycle), csrr(a2, csr::time)});
  bench.iss.stall(1000, true);
  bench.step(5);
  EXPECT_EQ(bench.x(a0), 2U);
  EXPECT_EQ(bench.x(a1), 1003U);
  EXPECT_EQ(bench.x(a2), 10U) << "the bench's mtime counts every 100 cycles";
}

TEST_F(Csr, WrittenCountersGoOnFromTheValue) {
  bench.load({csrw(csr::minstret, a1), csrr(a0, csr::minstret), csrw(csr::mcycle, a1), nop, csrr(a2, csr::mcycle)});
  bench.x(a1) = 500;
  bench.step(5);
  EXPECT_EQ(bench.x(a0), 500U);
  EXPECT_EQ(bench.x(a2), 501U);
}

TEST_F(Csr, HartIdIsTheHartsOwn) {
  bench.iss.state().reset(3, HartBench::kStart);
  bench.execute(csrr(a0, csr::mhartid));
  EXPECT_EQ(bench.x(a0), 3U);
}

}  // namespace
}  // namespace dixion::host
