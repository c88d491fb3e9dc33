// SPDX-License-Identifier: Apache-2.0
// What leaves the host's socket, when, and what an error answer does to the firmware.
#include <gtest/gtest.h>

#include "tests/model/host/host_bench.h"

namespace dixion::host {
namespace {

using namespace assembler;  // NOLINT: the tests are written in it

/// Sets the trap vector to a handler that finishes at once.
void finish_on_trap(HostBench& bench, Code& code) {
  li(code, t0, HostBench::kHandler);
  code.push_back(csrw(csr::mtvec, t0));
  Code handler;
  finish_passed(handler);
  bench.load(handler, HostBench::kHandler);
}

TEST(Boot, StartsInTheBootRomWhereTheBusHasIt) {
  // lui t0, 0x80000 would sign-extend: shift 1 up instead.
  const Code rom = {addi(t0, zero, 1), slli(t0, t0, 31), csrr(a0, csr::mhartid), jalr(zero, t0, 0)};
  std::vector<std::uint8_t> bytes(rom.size() * sizeof(Word));
  std::memcpy(bytes.data(), rom.data(), bytes.size());
  HostBench bench({.boot_rom = bytes});
  Code code;
  finish_passed(code);
  bench.load(code);
  bench.run();
  EXPECT_TRUE(bench.finish.has_value());
}

TEST(DeviceStore, CarriesItsBytesAtTheCycleOfItsInstruction) {
  HostBench bench;
  Code code;
  li(code, a0, TestBus::kScripted);
  li(code, a1, 0x1122'3344'5566'7788);
  const std::uint64_t cycle = code.size();
  for (const Word store : {sb(a1, a0, 1), sh(a1, a0, 2), sw(a1, a0, 4), sd(a1, a0, 8)}) code.push_back(store);
  finish_passed(code);
  bench.load(code);
  bench.run();
  const std::vector<TestBus::Store> expected = {{1, 0x88, cycle * kNanosecond},
                                                {2, 0x7788, (cycle + 1) * kNanosecond},
                                                {4, 0x5566'7788, (cycle + 2) * kNanosecond},
                                                {8, 0x1122'3344'5566'7788, (cycle + 3) * kNanosecond}};
  EXPECT_EQ(bench.bus.stores, expected);
  ASSERT_GE(bench.recorder.events.size(), 4U);
  EXPECT_EQ(bench.recorder.events[2],
            (Recorder::Event{Stage::kHostStore, (cycle + 2) * kNanosecond, TestBus::kScripted + 4}));
}

class DeviceLoadTime : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(AnnotatedOrWaiting, DeviceLoadTime, testing::Bool());

TEST_P(DeviceLoadTime, TakesAsLongAsTheTargetSaysRoundedUpToTheClock) {
  HostBench bench;
  bench.bus.answer = 0xFFFF'FFFF'8000'0000;
  bench.bus.answer_waits = GetParam();
  bench.bus.answer_delay = sc_core::sc_time(24'500, sc_core::SC_PS);
  Code code;
  li(code, a0, TestBus::kScripted);
  const std::uint64_t cycle = code.size();
  code.push_back(lw(a1, a0, 0));
  code.push_back(csrr(a2, csr::mcycle));
  li(code, a3, HostBench::kData);
  code.push_back(sd(a1, a3, 0));
  code.push_back(sd(a2, a3, 8));
  finish_passed(code);
  bench.load(code);
  bench.run();
  EXPECT_EQ(bench.get<std::uint64_t>(HostBench::kData), 0xFFFF'FFFF'8000'0000U);
  EXPECT_EQ(bench.get<std::uint64_t>(HostBench::kData + 8), cycle + 25);
  EXPECT_EQ(bench.statistic("host.hart0.stall_cycles"), 24U) << "the instruction's own cycle is not a stall";
}

TEST(DeviceLoad, SeesEverythingThatHappensAtItsTime) {
  HostBench bench;
  Code code;
  li(code, a0, TestBus::kScripted);
  const std::uint64_t cycle = code.size();
  code.push_back(lw(a1, a0, 0));
  li(code, a2, HostBench::kData);
  code.push_back(sd(a1, a2, 0));
  finish_passed(code);
  bench.load(code);
  struct Device final : sc_core::sc_module {
    Device(const sc_core::sc_module_name& name, TestBus& target, const sc_core::sc_time& when)
        : sc_module(name), bus(target), time(when) {
      SC_HAS_PROCESS(Device);
      SC_THREAD(change);
    }
    void change() {
      wait(time);
      for (int delta = 0; delta < 5; ++delta) wait(sc_core::SC_ZERO_TIME);
      bus.answer = 7;
    }
    TestBus& bus;
    sc_core::sc_time time;
  } device("device", bench.bus, sc_core::sc_time(static_cast<double>(cycle), sc_core::SC_NS));
  bench.run();
  EXPECT_EQ(bench.get<std::uint64_t>(HostBench::kData), 7U) << "the change comes five deltas into that moment";
}

TEST(AccessFault, IsTakenPreciselyAndReportedOnce) {
  HostBench bench;
  Code code;
  finish_on_trap(bench, code);
  li(code, a0, 0x0700'0000);
  const std::uint64_t pc = TestBus::kDram + 4 * code.size();
  code.push_back(sw(a1, a0, 8));
  bench.load(code);
  bench.run();
  ASSERT_TRUE(bench.finish.has_value());
  ASSERT_EQ(bench.recorder.errors.size(), 1U);
  const GuestError& error = bench.recorder.errors[0];
  EXPECT_EQ(error.where, "host.hart0");
  EXPECT_EQ(error.subject, "store of 4 bytes at");
  EXPECT_EQ(error.value, 0x0700'0008U);
  EXPECT_EQ(error.expected, "an address where a device or memory answers");
  EXPECT_EQ(bench.statistic("host.hart0.access_faults"), 1U);
  const Recorder::Event& trap = bench.recorder.events.at(1);  // behind the store that was tried
  EXPECT_EQ(trap.stage, Stage::kTrap);
  EXPECT_EQ(trap.id, 7U);
  EXPECT_EQ(trap.ticks, ((pc - TestBus::kDram) / 4 + 1) * kNanosecond);
}

TEST(AccessFault, OfAMisalignedDeviceAccessNeverReachesTheBus) {
  HostBench bench;
  Code code;
  finish_on_trap(bench, code);
  li(code, a0, TestBus::kScripted + 2);
  code.push_back(sw(a1, a0, 0));
  bench.load(code);
  bench.run();
  ASSERT_TRUE(bench.finish.has_value());
  EXPECT_TRUE(bench.bus.stores.empty());
  ASSERT_EQ(bench.recorder.errors.size(), 1U);
  EXPECT_EQ(bench.recorder.errors[0].expected, "a naturally aligned address");
}

TEST(CurrentPc, IsThatOfTheAccessingInstruction) {
  HostBench bench;
  std::uint64_t seen = 0;
  bench.bus.on_store = [&](const TestBus::Store&) { seen = bench.host->current_pc(); };
  Code code;
  li(code, a0, TestBus::kScripted);
  code.push_back(nop);
  const std::uint64_t pc = TestBus::kDram + 4 * code.size();
  code.push_back(sw(a1, a0, 0));
  finish_passed(code);
  bench.load(code);
  bench.run();
  EXPECT_EQ(seen, pc);
}

// Sums 64 words, one of them misaligned, and keeps the sum in memory.
Code summing_program() {
  Code code;
  li(code, a0, HostBench::kData);
  code.push_back(addi(a1, zero, 64));
  code.push_back(sw(a1, a0, 0));  // loop: store, load back, add
  code.push_back(lw(a2, a0, 0));
  code.push_back(add(a3, a3, a2));
  code.push_back(addi(a0, a0, 5));
  code.push_back(addi(a1, a1, -1));
  code.push_back(bne(a1, zero, -20));
  li(code, a0, HostBench::kData + 1024);
  code.push_back(amo(0, true, a4, a3, a0));
  finish_passed(code);
  return code;
}
constexpr std::uint64_t kSum = 64 * 65 / 2;

TEST(Memory, WithoutDirectAccessGivesTheSameResultInTheSameTime) {
  HostBench bench;
  bench.bus.grant_dmi = false;
  bench.load(summing_program());
  bench.run();
  ASSERT_TRUE(bench.finish.has_value());
  EXPECT_EQ(bench.get<std::uint64_t>(HostBench::kData + 1024), kSum);
  EXPECT_GT(bench.bus.dram_transactions, 128U);
  EXPECT_EQ(bench.statistic("host.hart0.stall_cycles"), 0U);
  EXPECT_TRUE(bench.recorder.errors.empty());
}

TEST(Memory, ExactSendsDataOverTheBusAndFetchesDirectly) {
  HostBench bench({.dmi_data = false});
  bench.load(summing_program());
  bench.run();
  EXPECT_EQ(bench.get<std::uint64_t>(HostBench::kData + 1024), kSum);
  EXPECT_GE(bench.bus.dram_transactions, 130U);
}

TEST(Memory, WithDirectAccessNeedsNoTransaction) {
  HostBench bench;
  bench.load(summing_program());
  bench.run();
  EXPECT_EQ(bench.get<std::uint64_t>(HostBench::kData + 1024), kSum);
  EXPECT_EQ(bench.bus.dram_transactions, 0U);
}

TEST(Memory, WhoseStoresAreWatchedGetsThemAsTransactionsFromInvalidationOn) {
  HostBench bench;
  Code code;
  li(code, a0, HostBench::kData);
  li(code, a1, TestBus::kScripted);
  code.push_back(sw(a1, a0, 0));
  code.push_back(sw(a1, a1, 0));  // the device withdraws direct stores now
  code.push_back(sw(a1, a0, 4));
  code.push_back(lw(a2, a0, 4));
  finish_passed(code);
  bench.load(code);
  bench.bus.on_store = [&](const TestBus::Store&) {
    EXPECT_EQ(bench.bus.dram_transactions, 0U);
    bench.bus.no_store_dmi_below = HostBench::kData + 4096;
    bench.bus.from_host->invalidate_direct_mem_ptr(HostBench::kData, HostBench::kData + 4095);
  };
  bench.run();
  ASSERT_TRUE(bench.finish.has_value());
  EXPECT_EQ(bench.bus.dram_transactions, 1U);
  EXPECT_EQ(bench.get<std::uint32_t>(HostBench::kData + 4), TestBus::kScripted);
}

}  // namespace
}  // namespace dixion::host
