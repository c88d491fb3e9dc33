// SPDX-License-Identifier: Apache-2.0
// What the host knows when nothing moves any more.
#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/abi/generated/clint_registers.h"
#include "models/abi/generated/plic_registers.h"
#include "models/common/check.h"
#include "tests/model/host/host_bench.h"

namespace dixion::host {
namespace {

using namespace assembler;  // NOLINT: the tests are written in it

TEST(TrapLoop, StopsTheHartAndNamesCauseAndPlace) {
  HostBench bench({.trap_loop_threshold = 5000});
  Code code;
  li(code, t0, HostBench::kHandler);
  code.push_back(csrw(csr::mtvec, t0));
  code.push_back(lw(a0, zero, 0x10));
  bench.load(code);
  bench.load({addi(a1, a1, 1), mret}, HostBench::kHandler);
  bench.run();
  ASSERT_EQ(bench.hangs.size(), 1U);
  EXPECT_THAT(bench.hangs[0], testing::HasSubstr("hart 0 trap loop: exception 5 at pc 0x80000038 (mtval 0x10)"));
  EXPECT_EQ(bench.host->status().harts[0].activity, HartActivity::kStopped);
}

TEST(InterruptStorm, IsATrapLoopToo) {
  HostBench bench({.trap_loop_threshold = 5000});
  Code code;
  li(code, t0, HostBench::kHandler);
  code.push_back(csrw(csr::mtvec, t0));
  li(code, t0, 1U << 3);
  code.push_back(csrw(csr::mie, t0));
  store_word(code, TestBus::kClint + DIXION_CLINT_MSIP(0), 1);
  code.push_back(csrrsi(zero, csr::mstatus, 8));
  code.push_back(jal(zero, 0));
  bench.load(code);
  bench.load({mret}, HostBench::kHandler);
  bench.run();
  ASSERT_EQ(bench.hangs.size(), 1U);
  EXPECT_THAT(bench.hangs[0], testing::HasSubstr("hart 0 interrupt storm: interrupt 3"));
}

TEST(Sleep, WithNothingArmedIsVisibleAtOnce) {
  HostBench bench;
  bench.load({nop, nop, wfi});
  bench.run();
  EXPECT_EQ(bench.idle_calls, 1U);
  EXPECT_TRUE(bench.hangs.empty());
  const HostStatus status = bench.host->status();
  EXPECT_TRUE(status.only_devices_can_wake());
  EXPECT_EQ(status.harts[0].activity, HartActivity::kWaiting);
  EXPECT_EQ(status.harts[0].pc, TestBus::kDram + 12);
  EXPECT_EQ(describe(status).at(0),
            "hart 0: waits in wfi at pc 0x8000000c; no interrupt enabled in mie; mstatus.MIE is 0; no timer armed");
}

TEST(Sleep, WithATimerArmedWakesByItself) {
  HostBench bench;
  Code code;
  li(code, t0, 1U << 7);
  code.push_back(csrw(csr::mie, t0));
  store_word(code, TestBus::kClint + DIXION_CLINT_MTIMECMP_LO(0), 500'000);  // 50 ms: behind the run's limit
  store_word(code, TestBus::kClint + DIXION_CLINT_MTIMECMP_HI(0), 0);
  code.push_back(wfi);
  bench.load(code);
  bench.run();
  const HostStatus status = bench.host->status();
  EXPECT_FALSE(status.only_devices_can_wake());
  EXPECT_TRUE(status.harts[0].timer_armed);
  EXPECT_EQ(status.harts[0].timer_ticks, 50'000'000'000U);
}

TEST(Sleep, WithAMaskedInterruptPendingSaysWhatMasksIt) {
  HostBench bench;
  Code code;
  store_word(code, TestBus::kPlic + DIXION_PLIC_PRIORITY(64), 1);
  code.push_back(wfi);
  bench.load(code);
  bench.host->interrupts().set_level(64, true);
  bench.run();
  const HostStatus status = bench.host->status();
  ASSERT_EQ(status.sources.size(), 1U);
  EXPECT_EQ(describe(status).at(1), "interrupt 64: line high, pending at the PLIC, masked: enabled for no hart");
  EXPECT_TRUE(status.only_devices_can_wake());
}

TEST(StopRequest, StopsAnEndlessLoop) {
  std::atomic<bool> stop{false};
  unsigned stops = 0;
  HostConfig config;
  config.stop_request = &stop;
  config.on_stop = [&] {
    ++stops;
    sc_core::sc_stop();
  };
  HostBench bench(config);
  bench.bus.on_store = [&](const TestBus::Store&) { stop = true; };
  Code code;
  store_word(code, TestBus::kScripted, 1);
  code.push_back(jal(zero, 0));
  bench.load(code);
  bench.run();
  EXPECT_EQ(stops, 1U);
  EXPECT_LT(bench.statistic("host.hart0.instructions"), 100U) << "no further slice";
}

TEST(Configuration, OutOfRangeIsRefusedBeforeElaboration) {
  const auto error = [](const HostConfig& config) -> std::string {
    try {
      validate(config);
    } catch (const ConfigError& failure) {
      return failure.what();
    }
    return "";
  };
  EXPECT_EQ(error({}), "");
  EXPECT_EQ(error({.harts = 8}), "");
  EXPECT_EQ(error({.harts = 9}), "soc.host.harts: 9 is not from 1 to 8");
  EXPECT_EQ(error({.harts = 0}), "soc.host.harts: 0 is not from 1 to 8");
  EXPECT_NE(error({.quantum_ticks = 0}), "");
  EXPECT_NE(error({.dram_size = 0}), "");
  EXPECT_NE(error({.dram_base = ~0ULL, .dram_size = 2}), "");
  EXPECT_EQ(error({.dram_base = ~0ULL, .dram_size = 1}), "");
}

}  // namespace
}  // namespace dixion::host
