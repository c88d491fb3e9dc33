// SPDX-License-Identifier: Apache-2.0
// Loads and stores: widths, sign extension, misalignment, devices, faults.
#include <gtest/gtest.h>

#include "tests/unit/host/flat_bus.h"

namespace dixion::host {
namespace {

using namespace assembler;  // NOLINT: the tests are written in it

TEST(Load, ExtendsAsItsNameSays) {
  HartBench bench;
  bench.bus.put<std::uint64_t>(kData, 0x8182'8384'8586'8788);
  bench.x(a1) = kData + 16;
  const auto load = [&](Word funct3) {
    bench.execute(i_type(-16, a1, funct3, a0, 0x03));
    return bench.x(a0);
  };
  EXPECT_EQ(load(0), 0xFFFF'FFFF'FFFF'FF88U);
  EXPECT_EQ(load(1), 0xFFFF'FFFF'FFFF'8788U);
  EXPECT_EQ(load(2), 0xFFFF'FFFF'8586'8788U);
  EXPECT_EQ(load(3), 0x8182'8384'8586'8788U);
  EXPECT_EQ(load(4), 0x88U);
  EXPECT_EQ(load(5), 0x8788U);
  EXPECT_EQ(load(6), 0x8586'8788U);
}

TEST(Store, WritesItsWidthOnly) {
  for (const Word funct3 : {0U, 1U, 2U, 3U}) {
    HartBench bench;
    bench.bus.put<std::uint64_t>(kData, 0);
    bench.x(a1) = kData;
    bench.x(a2) = ~0ULL;
    bench.execute(s_type(0, a2, a1, funct3, 0x23));
    EXPECT_EQ(bench.bus.get<std::uint64_t>(kData), ~0ULL >> (64 - (8U << funct3)));
  }
}

TEST(MisalignedAccess, WorksInMemoryAtEveryOffsetAndAcrossPages) {
  HartBench bench;
  for (std::uint64_t address = kData + 0x0FF0; address < kData + 0x1010; ++address) {
    bench.x(a1) = address;
    bench.x(a2) = 0x0102'0304'0506'0708 + address;
    bench.execute(sd(a2, a1, 0));
    EXPECT_EQ(bench.bus.get<std::uint64_t>(address), bench.x(a2));
    bench.execute(ld(a0, a1, 0));
    EXPECT_EQ(bench.x(a0), bench.x(a2));
    bench.execute(lw(a0, a1, 0));
    EXPECT_EQ(bench.x(a0), static_cast<std::uint64_t>(static_cast<std::int32_t>(bench.x(a2))));
  }
  EXPECT_EQ(bench.iss.state().traps, 0U);
}

TEST(MisalignedAccess, ToADeviceIsAnAccessFaultAndReported) {
  HartBench bench;
  bench.x(a1) = FlatBus::kDevice + 2;
  bench.execute(lw(a0, a1, 0));
  EXPECT_EQ(bench.iss.state().mcause, 5U);
  EXPECT_EQ(bench.iss.state().mtval, FlatBus::kDevice + 2);
  bench.execute(sw(a0, a1, 0));
  EXPECT_EQ(bench.iss.state().mcause, 7U);
  EXPECT_EQ(bench.bus.rejections.size(), 2U);
}

TEST(AccessAtTheEndOfMemory, WorksUpToTheLastByteAndFaultsBehindIt) {
  HartBench bench;
  const std::uint64_t end = FlatBus::kMemory + bench.bus.memory.size();
  bench.x(a1) = end - 8;
  bench.execute(ld(a0, a1, 0));
  EXPECT_EQ(bench.iss.state().traps, 0U);
  bench.execute(ld(a0, a1, 1));
  EXPECT_EQ(bench.iss.state().mcause, 5U);
  bench.execute(lb(a0, a1, 7));
  EXPECT_EQ(bench.iss.state().traps, 1U);
  bench.execute(lb(a0, a1, 8));
  EXPECT_EQ(bench.iss.state().traps, 2U);
  EXPECT_EQ(bench.iss.state().mtval, end);
}

TEST(Fault, LeavesTheDestinationAndRetiresNothing) {
  HartBench bench;
  bench.x(a0) = 42;
  bench.load({nop, lw(a0, zero, 8)});
  bench.step(2);
  EXPECT_EQ(bench.x(a0), 42U);
  EXPECT_EQ(bench.iss.state().instret, 1U);
  EXPECT_EQ(bench.iss.state().mepc, HartBench::kStart + 4);
}

TEST(DeviceAccess, WaitsUntilTheBusIsGranted) {
  HartBench bench;
  bench.bus.granted = false;
  bench.bus.device = 0x1234;
  bench.x(a1) = FlatBus::kDevice;
  bench.load({nop, nop, lw(a0, a1, 0), nop});
  EXPECT_EQ(bench.iss.run(100), RunExit::kBus);
  EXPECT_EQ(bench.iss.state().instret, 2U);
  EXPECT_EQ(bench.iss.state().pc, HartBench::kStart + 8);
  bench.bus.granted = true;
  EXPECT_EQ(bench.iss.run(3), RunExit::kLimit);
  EXPECT_EQ(bench.x(a0), 0x1234U);
  EXPECT_EQ(bench.iss.state().instret, 3U);
}

TEST(SelfModifiedCode, IsSeenAfterFenceI) {
  HartBench bench;
  // Runs the instruction at +24 once, overwrites it, runs it again behind a fence.i.
  bench.load(
      {addi(a0, zero, 1), jal(ra, 20), sw(a2, a1, 0), fence_i, jal(ra, 8), wfi, addi(a3, a3, 1), jalr(zero, ra, 0)});
  bench.x(a1) = HartBench::kStart + 24;
  bench.x(a2) = addi(a3, a3, 100);
  EXPECT_EQ(bench.iss.run(1000), RunExit::kWaiting);
  EXPECT_EQ(bench.x(a3), 101U);
}

TEST(SelfModifiedCode, IsSeenAfterFenceIBehindALinkBetweenBlocks) {
  HartBench bench;
  // Two blocks that follow each other many times; then the second is overwritten by a third that ends in fence.i.
  bench.load({addi(a0, a0, 1), jal(zero, 12), fence_i, jal(zero, -12), addi(a3, a3, 1), bne(a0, a4, -20), sw(a2, a1, 0),
              addi(a4, a4, 10), jal(zero, -24)});
  bench.x(a1) = HartBench::kStart + 16;
  bench.x(a2) = addi(a3, a3, 100);
  bench.x(a4) = 10;
  bench.step(4 * 9 + 7 + 4);  // nine rounds, the tenth with the store, fence.i, and the way back
  ASSERT_EQ(bench.iss.state().pc, HartBench::kStart + 16);
  EXPECT_EQ(bench.x(a3), 10U);
  bench.step(1);
  EXPECT_EQ(bench.x(a3), 110U);
}

TEST(StoreIntoTheRunningBlock, TakesEffectWithFenceIOnly) {
  HartBench bench;
  bench.load({sw(a2, a1, 0), addi(a3, a3, 1), fence_i, jal(zero, -8)});
  bench.x(a1) = HartBench::kStart + 4;
  bench.x(a2) = addi(a3, a3, 100);
  bench.step(2);
  EXPECT_EQ(bench.x(a3), 1U) << "the block is executed as it was decoded";
  bench.step(3);
  EXPECT_EQ(bench.x(a3), 101U);
}

TEST(ChargedAccess, CostsItsLatencyAndLeavesNoInstructionBehindTheLimit) {
  FlatBus bus;
  Iss iss(bus, 10);
  iss.state().reset(0, HartBench::kStart);
  iss.state().x[a1] = kData;
  bus.put(HartBench::kStart, lw(a0, a1, 0));
  bus.put(HartBench::kStart + 4, addi(a2, a2, 1));
  bus.put(HartBench::kStart + 8, jal(zero, -8));
  iss.run(11);
  EXPECT_EQ(iss.state().instret, 1U) << "the load ends at cycle 11";
  EXPECT_EQ(iss.state().cycle(), 11U);
  iss.run(12);
  EXPECT_EQ(iss.state().x[a2], 1U);
  iss.run(14);
  EXPECT_EQ(iss.state().instret, 4U);
  EXPECT_EQ(iss.state().cycle(), 24U) << "an instruction that has started is completed";
}

}  // namespace
}  // namespace dixion::host
