// SPDX-License-Identifier: Apache-2.0
// wfi, trap loops, saved state: what the shell relies on.
#include <gtest/gtest.h>

#include "tests/unit/host/flat_bus.h"

namespace dixion::host {
namespace {

using namespace assembler;  // NOLINT: the tests are written in it

TEST(Wfi, RetiresAndWaitsForAnEnabledInterrupt) {
  HartBench bench;
  bench.load({wfi, addi(a0, a0, 1), wfi});
  EXPECT_EQ(bench.iss.run(100), RunExit::kWaiting);
  EXPECT_EQ(bench.iss.state().instret, 1U);
  bench.iss.set_interrupt(Interrupt::kTimer, true);
  EXPECT_EQ(bench.iss.run(100), RunExit::kWaiting) << "not enabled in mie";
  bench.iss.state().mie = 1U << 7;
  EXPECT_EQ(bench.iss.run(100), RunExit::kLimit) << "mstatus.MIE does not matter to wfi";
  EXPECT_EQ(bench.x(a0), 1U);
}

TEST(EqualTraps, AreCountedWhenTheHandlerReturnsToTheFaultAtOnce) {
  HartBench bench;
  bench.load({nop, lw(a0, zero, 0), nop});
  bench.load({addi(a1, a1, 1), mret}, HartBench::kHandler);
  bench.iss.run(4 * 2000);
  EXPECT_GE(bench.iss.state().equal_traps, 2000U);
}

TEST(EqualTraps, AreCountedWhenTheHandlerCannotBeFetched) {
  HartBench bench;
  bench.iss.state().mtvec = 0x100;
  bench.load({ecall});
  bench.iss.run(1000);
  EXPECT_EQ(bench.iss.state().mepc, 0x100U);
  EXPECT_GE(bench.iss.state().equal_traps, 990U);
}

TEST(EqualTraps, AreCountedWhenTheHandlerFaultsItself) {
  HartBench bench;
  bench.load({ecall});
  bench.load({addi(a1, a1, 1), lw(a0, zero, 0)}, HartBench::kHandler);
  bench.iss.run(2000);
  EXPECT_GE(bench.iss.state().equal_traps, 900U);
}

TEST(EqualTraps, AreNotCountedWhileTheProgramGetsOn) {
  HartBench bench;
  // A loop of system calls, and one that is interrupted at the same place again and again.
  bench.load({ecall, jal(zero, -4)});
  bench.load({csrr(a0, csr::mepc), addi(a0, a0, 4), csrw(csr::mepc, a0), mret}, HartBench::kHandler);
  bench.iss.run(10'000);
  EXPECT_GT(bench.iss.state().traps, 1000U);
  EXPECT_LE(bench.iss.state().equal_traps, 1U);
}

TEST(State, CanBeSavedAndRestored) {
  HartBench bench;
  bench.load({addi(a0, a0, 1), addi(a1, a1, 2), jal(zero, -8)});
  bench.step(100);
  const HartState saved = bench.iss.state();
  bench.step(77);
  const std::uint64_t then = bench.x(a0);
  bench.iss.state() = saved;
  bench.step(77);
  EXPECT_EQ(bench.x(a0), then);
  EXPECT_EQ(bench.iss.state().cycle(), 177U);
}

TEST(State, AfterResetKeepsTimeAndStartsCountersAtZero) {
  HartBench bench;
  bench.step(50);
  bench.iss.state().reset(0, kStart, 1000);
  EXPECT_EQ(bench.iss.state().cycle(), 1000U);
  bench.execute(csrr(a0, csr::mcycle));
  EXPECT_EQ(bench.x(a0), 0U);
}

TEST(WithdrawnDirectMemory, IsNotUsedAgain) {
  HartBench bench;
  bench.x(a1) = HartBench::kData;
  bench.load({lw(a0, a1, 0), jal(zero, -4)});
  bench.step(10);
  std::vector<std::uint8_t> moved = bench.bus.memory;
  std::vector<std::uint8_t> old(moved.size());
  old.swap(bench.bus.memory);
  bench.bus.memory = moved;
  bench.bus.put<std::uint32_t>(HartBench::kData, 9);
  bench.iss.drop_direct_memory();
  bench.step(2);
  EXPECT_EQ(bench.x(a0), 9U);
}

// A device whose read withdraws direct memory and moves the bytes elsewhere.
class MovingBus final : public HartBus {
 public:
  FlatBus flat;
  Iss* iss = nullptr;
  std::vector<std::uint8_t> old;

  bool direct(std::uint64_t address, AccessKind kind, DirectMemory& region) override {
    return flat.direct(address, kind, region);
  }
  BusStatus read(std::uint64_t address, std::span<std::uint8_t> bytes, AccessKind kind) override {
    old = flat.memory;
    old.swap(flat.memory);
    flat.put<std::uint32_t>(HartBench::kData, 9);
    iss->drop_direct_memory();
    return flat.read(address, bytes, kind);
  }
  BusStatus write(std::uint64_t address, std::span<const std::uint8_t> bytes) override {
    return flat.write(address, bytes);
  }
  [[nodiscard]] bool is_memory(std::uint64_t address, std::uint64_t length) const override {
    return flat.is_memory(address, length);
  }
  void rejected(std::uint64_t, std::uint64_t, AccessKind, const char*) override {}
  [[nodiscard]] std::uint64_t mtime(Cycles) const override { return 0; }
  void trap_taken() override {}
};

TEST(WithdrawnDirectMemory, IsNotUsedByTheRestOfTheBlockEither) {
  MovingBus bus;
  Iss iss(bus);
  bus.iss = &iss;
  iss.state().reset(0, HartBench::kStart);
  iss.state().x[a1] = HartBench::kData;
  iss.state().x[a2] = FlatBus::kDevice;
  std::uint64_t address = HartBench::kStart;
  for (const Word word : {lw(a0, a1, 0), sw(a1, a1, 4), lw(a3, a2, 0), lw(a0, a1, 0), sw(a2, a1, 4), wfi}) {
    bus.flat.put(address, word);
    address += 4;
  }
  EXPECT_EQ(iss.run(100), RunExit::kWaiting);
  EXPECT_EQ(iss.state().x[a0], 9U);
  EXPECT_EQ(bus.flat.get<std::uint32_t>(HartBench::kData + 4), FlatBus::kDevice) << "the store goes there too";
  std::uint32_t stale = 0;
  std::memcpy(&stale, &bus.old[HartBench::kData + 4 - FlatBus::kMemory], sizeof stale);
  EXPECT_EQ(stale, static_cast<std::uint32_t>(HartBench::kData)) << "not to where memory was";
}

}  // namespace
}  // namespace dixion::host
