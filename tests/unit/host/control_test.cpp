// SPDX-License-Identifier: Apache-2.0
// Jumps, branches, traps and returns.
#include <gtest/gtest.h>

#include "tests/unit/host/flat_bus.h"

namespace dixion::host {
namespace {

using namespace assembler;  // NOLINT: the tests are written in it

constexpr std::uint64_t kMie = 1U << 3;
constexpr std::uint64_t kMpie = 1U << 7;
constexpr std::uint64_t kMpp = 3U << 11;

TEST(Branch, GoesWhereItsConditionSays) {
  const std::uint64_t minus_one = ~0ULL;
  struct Case {
    Word funct3;
    std::uint64_t a, b;
    bool taken;
  };
  const Case cases[] = {
      {0, 5, 5, true},          {0, 5, 6, false},         {1, 5, 6, true},          {1, 5, 5, false},
      {4, minus_one, 0, true},  {4, 0, minus_one, false}, {4, 3, 3, false},         {5, 0, minus_one, true},
      {5, minus_one, 0, false}, {5, 3, 3, true},          {6, 0, minus_one, true},  {6, minus_one, 0, false},
      {6, 3, 3, false},         {7, minus_one, 0, true},  {7, 0, minus_one, false}, {7, 3, 3, true},
  };
  for (const Case& test : cases) {
    for (const std::int32_t offset : {4094, -4096, 8}) {
      HartBench bench;
      const std::uint64_t pc = kStart + 0x1000;
      bench.load({b_type(offset, a2, a1, test.funct3)}, pc);
      bench.iss.state().pc = pc;
      bench.x(a1) = test.a;
      bench.x(a2) = test.b;
      bench.step();
      const auto target = pc + static_cast<std::uint64_t>(static_cast<std::int64_t>(offset));
      EXPECT_EQ(bench.iss.state().pc, test.taken ? target : pc + 4) << test.funct3 << ' ' << offset;
    }
  }
}

TEST(Jump, LinksTheNextInstruction) {
  HartBench bench;
  bench.execute(jal(ra, 0x100));
  EXPECT_EQ(bench.iss.state().pc, kStart + 0x100);
  EXPECT_EQ(bench.x(ra), kStart + 4);
}

TEST(JumpThroughRegister, ClearsBitZeroAndMayLinkItsOwnRegister) {
  HartBench bench;
  bench.x(ra) = kStart + 0x201;
  bench.execute(jalr(ra, ra, 0x10));
  EXPECT_EQ(bench.iss.state().pc, kStart + 0x210);
  EXPECT_EQ(bench.x(ra), kStart + 4);
}

TEST(JumpThroughRegister, FollowsATargetThatChanges) {
  HartBench bench;
  bench.load({jalr(zero, a0, 0)});
  for (const std::uint64_t target : {kStart + 0x100, kStart + 0x200, kStart + 0x100}) {
    bench.load({nop, nop}, target);
    bench.iss.state().pc = kStart;
    bench.x(a0) = target;
    bench.step(2);
    EXPECT_EQ(bench.iss.state().pc, target + 4);
  }
}

TEST(Loop, RunsExactlyAsManyInstructionsAsAsked) {
  HartBench bench;
  bench.load({addi(a0, a0, 1), addi(a1, a1, 1), addi(a2, a2, 1), jal(zero, -12)});
  for (std::uint64_t n = 1; n < 40; ++n) {
    bench.step(n % 7);
    const std::uint64_t retired = bench.iss.state().instret;
    EXPECT_EQ(bench.x(a0), (retired + 3) / 4);
    EXPECT_EQ(bench.x(a2), (retired + 1) / 4);
    EXPECT_EQ(bench.iss.state().pc, kStart + 4 * (retired % 4));
  }
  EXPECT_EQ(bench.iss.state().instret, bench.iss.state().cycle());
}

TEST(Exception, SavesStateAndEntersTheHandlerWithoutRetiring) {
  HartBench bench;
  bench.iss.state().mstatus = kMpp | kMie;
  bench.load({nop, ecall});
  bench.step(2);
  const HartState& state = bench.iss.state();
  EXPECT_EQ(state.pc, HartBench::kHandler);
  EXPECT_EQ(state.mepc, kStart + 4);
  EXPECT_EQ(state.mcause, 11U);
  EXPECT_EQ(state.mtval, 0U);
  EXPECT_EQ(state.mstatus, kMpp | kMpie);
  EXPECT_EQ(state.instret, 1U);
  EXPECT_EQ(state.cycle(), 2U);
}

TEST(Exception, OfAnIllegalInstructionTellsItsBits) {
  HartBench bench;
  bench.execute(0xFFFF'FFFF);
  EXPECT_EQ(bench.iss.state().mcause, 2U);
  EXPECT_EQ(bench.iss.state().mtval, 0xFFFF'FFFFU);
  bench.execute(0xABCD'0000);  // the low half alone is the (reserved) instruction
  EXPECT_EQ(bench.iss.state().mtval, 0U);
}

TEST(Exception, IgnoresTheVectorTable) {
  HartBench bench;
  bench.iss.state().mtvec = HartBench::kHandler | 1;
  bench.execute(ebreak);
  EXPECT_EQ(bench.iss.state().pc, HartBench::kHandler);
  EXPECT_EQ(bench.iss.state().mcause, 3U);
}

TEST(Exception, OfAFetchOutsideMemoryNamesTheTarget) {
  HartBench bench;
  bench.load({jalr(zero, zero, 0x40)});
  bench.step(2);
  EXPECT_EQ(bench.iss.state().mcause, 1U);
  EXPECT_EQ(bench.iss.state().mepc, 0x40U);
  EXPECT_EQ(bench.iss.state().mtval, 0x40U);
}

TEST(Exception, AtTheEndOfMemoryHitsTheInstructionThatStraddlesIt) {
  HartBench bench;
  const std::uint64_t end = FlatBus::kMemory + bench.bus.memory.size();
  bench.bus.put<std::uint16_t>(end - 4, 0x0001);  // c.nop
  bench.bus.put<std::uint16_t>(end - 2, 0x0013);  // first half of a nop
  bench.iss.state().pc = end - 4;
  bench.step(2);
  EXPECT_EQ(bench.iss.state().instret, 1U);
  EXPECT_EQ(bench.iss.state().mepc, end - 2);
  EXPECT_EQ(bench.iss.state().mtval, end) << "the half that could not be fetched";
}

TEST(Return, RestoresTheInterruptEnable) {
  HartBench bench;
  bench.iss.state().mepc = kStart + 0x80;
  bench.iss.state().mstatus = kMpp | kMpie;
  bench.execute(mret);
  EXPECT_EQ(bench.iss.state().pc, kStart + 0x80);
  EXPECT_EQ(bench.iss.state().mstatus, kMpp | kMpie | kMie);
  bench.iss.state().mstatus = kMpp | kMie;
  bench.execute(mret);
  EXPECT_EQ(bench.iss.state().mstatus, kMpp | kMpie);
}

class InterruptTaken : public testing::Test {
 protected:
  InterruptTaken() {
    bench.load({nop, nop, nop});
    bench.iss.state().mie = 0x888;
    bench.iss.state().mstatus = kMpp | kMie;
  }
  HartBench bench;
};

TEST_F(InterruptTaken, ExternalGoesBeforeSoftwareBeforeTimer) {
  for (const Interrupt interrupt : {Interrupt::kTimer, Interrupt::kSoftware, Interrupt::kExternal}) {
    bench.iss.set_interrupt(interrupt, true);
    bench.iss.state().mstatus = kMpp | kMie;
    bench.iss.state().pc = kStart;
    bench.step();
    EXPECT_EQ(bench.iss.state().mcause, (1ULL << 63) | static_cast<unsigned>(interrupt));
    EXPECT_EQ(bench.iss.state().mepc, kStart);
    bench.iss.state().waiting = false;
  }
}

TEST_F(InterruptTaken, UsesTheVectorTable) {
  bench.load({nop}, HartBench::kHandler + 4 * 7);
  bench.iss.state().mtvec = HartBench::kHandler | 1;
  bench.iss.set_interrupt(Interrupt::kTimer, true);
  bench.step();
  EXPECT_EQ(bench.iss.state().pc, HartBench::kHandler + 4 * 7 + 4);
}

TEST_F(InterruptTaken, NotWhileMaskedByEitherRegister) {
  bench.iss.set_interrupt(Interrupt::kTimer, true);
  bench.iss.state().mie = 0x808;
  bench.step();
  bench.iss.state().mie = 0x888;
  bench.iss.state().mstatus = kMpp;
  bench.step();
  EXPECT_EQ(bench.iss.state().traps, 0U);
  EXPECT_EQ(bench.iss.state().pc, kStart + 8);
}

TEST_F(InterruptTaken, RightBehindTheInstructionThatEnablesIt) {
  bench.iss.set_interrupt(Interrupt::kTimer, true);
  bench.iss.state().mstatus = kMpp;
  bench.load({nop, csrrsi(zero, csr::mstatus, 8), nop});
  bench.step(3);
  EXPECT_EQ(bench.iss.state().mepc, kStart + 8);
}

}  // namespace
}  // namespace dixion::host
