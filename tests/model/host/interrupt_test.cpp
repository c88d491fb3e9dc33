// SPDX-License-Identifier: Apache-2.0
// Interrupts arrive at the exact instruction, whatever the quantum.
#include <algorithm>

#include <gtest/gtest.h>

#include "models/abi/generated/clint_registers.h"
#include "models/abi/generated/plic_registers.h"
#include "tests/model/host/host_bench.h"

namespace dixion::host {
namespace {

using namespace assembler;  // NOLINT: the tests are written in it

/// Counts instructions in a0 forever; the handler stores a0 and mepc and finishes.
Code counting_loop(Word enabled_interrupts) {
  Code code;
  li(code, t0, HostBench::kHandler);
  code.push_back(csrw(csr::mtvec, t0));
  li(code, t0, enabled_interrupts);
  code.push_back(csrw(csr::mie, t0));
  return code;
}
void start_counting(Code& code) {
  code.push_back(addi(a0, zero, 0));
  code.push_back(csrrsi(zero, csr::mstatus, 8));
  code.push_back(addi(a0, a0, 1));  // an odd number of cycles: any misplacement shows in mepc
  code.push_back(addi(a0, a0, 1));
  code.push_back(jal(zero, -8));
}
Code storing_handler() {
  Code code;
  li(code, t5, HostBench::kData);
  code.push_back(sd(a0, t5, 0));
  code.push_back(csrr(t6, csr::mepc));
  code.push_back(sd(t6, t5, 8));
  code.push_back(csrr(t6, csr::mcause));
  code.push_back(sd(t6, t5, 16));
  code.push_back(csrr(t6, csr::mcycle));
  code.push_back(sd(t6, t5, 24));
  finish_passed(code);
  return code;
}

struct Seen {
  std::uint64_t count, pc, cause, cycle;
  bool operator==(const Seen&) const = default;
};
Seen seen(const HostBench& bench) {
  return {bench.get<std::uint64_t>(HostBench::kData), bench.get<std::uint64_t>(HostBench::kData + 8),
          bench.get<std::uint64_t>(HostBench::kData + 16), bench.get<std::uint64_t>(HostBench::kData + 24)};
}

class Quantum : public testing::TestWithParam<Ticks> {};
INSTANTIATE_TEST_SUITE_P(FromOneInstructionToForever, Quantum,
                         testing::Values(1, kNanosecond, 1000 * kNanosecond, 1'000'000 * kNanosecond));

TEST_P(Quantum, DoesNotMoveATimerInterrupt) {
  HostBench bench({.quantum_ticks = GetParam()});
  Code code = counting_loop(1U << 7);
  // mtime counts at 10 MHz: 12 is 1200 ns, in which 1200 instructions have started.
  store_word(code, TestBus::kClint + DIXION_CLINT_MTIMECMP_LO(0), 12);
  store_word(code, TestBus::kClint + DIXION_CLINT_MTIMECMP_HI(0), 0);
  start_counting(code);
  bench.load(code);
  bench.load(storing_handler(), HostBench::kHandler);
  bench.run();
  ASSERT_TRUE(bench.finish.has_value());

  // Instruction n starts at n ns. Counting begins after the code in front of the loop.
  const std::uint64_t loop_start = code.size() - 3;
  const std::uint64_t in_loop = 1200 - loop_start;
  const std::uint64_t expected_count = in_loop / 3 * 2 + std::min<std::uint64_t>(in_loop % 3, 2);
  const Seen result = seen(bench);
  EXPECT_EQ(result.count, expected_count);
  EXPECT_EQ(result.pc, TestBus::kDram + 4 * (loop_start + in_loop % 3));
  EXPECT_EQ(result.cause, (1ULL << 63) | 7);
  EXPECT_EQ(result.cycle, 1200 + 18);  // the csrr is the handler's 19th instruction
  EXPECT_TRUE(bench.recorder.errors.empty());
}

/// A device that raises its line some time, and some deltas, after a store to it.
class Doorbell final : public sc_core::sc_module {
 public:
  Doorbell(const sc_core::sc_module_name& name, HostBench& bench) : sc_module(name), bench_(bench) {
    SC_HAS_PROCESS(Doorbell);
    SC_THREAD(work);
    bench.bus.on_store = [this](const TestBus::Store& store) {
      latency_ = sc_core::sc_time(static_cast<double>(store.value), sc_core::SC_NS);
      ring_.notify();
    };
  }
  void work() {
    for (;;) {
      wait(ring_);
      if (latency_ != sc_core::SC_ZERO_TIME) wait(latency_);
      for (int delta = 0; delta < 3; ++delta) wait(sc_core::SC_ZERO_TIME);
      bench_.host->interrupts().set_level(64, true);
    }
  }

 private:
  HostBench& bench_;
  sc_core::sc_event ring_;
  sc_core::sc_time latency_;
};

Code doorbell_program(std::uint64_t latency_ns) {
  Code code = counting_loop(1U << 11);
  store_word(code, TestBus::kPlic + DIXION_PLIC_PRIORITY(64), 1);
  store_word(code, TestBus::kPlic + DIXION_PLIC_ENABLE2(0), 1);  // source 64
  li(code, t5, TestBus::kScripted);
  li(code, t6, latency_ns);
  code.push_back(addi(a0, zero, 0));
  code.push_back(csrrsi(zero, csr::mstatus, 8));
  code.push_back(sw(t6, t5, 0));
  code.push_back(addi(a0, a0, 1));
  code.push_back(jal(zero, -4));
  return code;
}

TEST_P(Quantum, DoesNotMoveADeviceInterrupt) {
  HostBench bench({.quantum_ticks = GetParam()});
  Doorbell doorbell("doorbell", bench);
  const Code code = doorbell_program(333);
  bench.load(code);
  bench.load(storing_handler(), HostBench::kHandler);
  bench.run();
  ASSERT_TRUE(bench.finish.has_value());
  ASSERT_EQ(bench.bus.stores.size(), 1U);
  // The store starts at its own cycle; the line rises 333 ns later; the loop counts every other cycle.
  const std::uint64_t store_cycle = code.size() - 3;
  EXPECT_EQ(bench.bus.stores[0].ticks, store_cycle * kNanosecond);
  EXPECT_EQ(seen(bench).count, 333 / 2);  // cycles store + 1 ... store + 332
  EXPECT_EQ(seen(bench).cause, (1ULL << 63) | 11);
}

TEST_P(Quantum, ShowsAnInterruptRaisedAtOnceToTheNextInstruction) {
  HostBench bench({.quantum_ticks = GetParam()});
  Doorbell doorbell("doorbell", bench);
  const Code code = doorbell_program(0);
  bench.load(code);
  bench.load(storing_handler(), HostBench::kHandler);
  bench.run();
  ASSERT_TRUE(bench.finish.has_value());
  EXPECT_EQ(seen(bench).count, 0U);
  EXPECT_EQ(seen(bench).pc, TestBus::kDram + 4 * (code.size() - 2));
}

TEST_P(Quantum, DoesNotMoveTheEndOfWfi) {
  HostBench bench({.clock_hz = 300'000'000, .quantum_ticks = GetParam()});
  Doorbell doorbell("doorbell", bench);
  Code code = counting_loop(1U << 11);
  store_word(code, TestBus::kPlic + DIXION_PLIC_PRIORITY(64), 1);
  store_word(code, TestBus::kPlic + DIXION_PLIC_ENABLE2(0), 1);
  store_word(code, TestBus::kScripted, 1001);  // between two edges
  const std::uint64_t store_cycle = code.size() - 1;
  code.push_back(wfi);  // mstatus.MIE is 0: execution goes on behind it
  code.push_back(csrr(a1, csr::mcycle));
  li(code, t5, HostBench::kData);
  code.push_back(sd(a1, t5, 0));
  finish_passed(code);
  bench.load(code);
  bench.run();
  ASSERT_TRUE(bench.finish.has_value());
  // Edge n of 300 MHz lies at ceil(n * 10000 / 3) ps; the hart resumes at the first edge at or after the line's rise.
  const Ticks rise = (store_cycle * 10'000 + 2) / 3 + 1001 * kNanosecond;
  const std::uint64_t resumes = (rise * 3 + 9'999) / 10'000;
  EXPECT_EQ(bench.get<std::uint64_t>(HostBench::kData), resumes);
  EXPECT_EQ(bench.statistic("host.hart0.sleep_cycles"), resumes - (store_cycle + 2));
  EXPECT_EQ(bench.idle_calls, 1U);
}

TEST(Wfi, DoesNotSleepWhenAnInterruptIsPending) {
  HostBench bench;
  Code code = counting_loop(1U << 3);
  store_word(code, TestBus::kClint + DIXION_CLINT_MSIP(0), 1);
  code.push_back(wfi);
  finish_passed(code);
  bench.load(code);
  bench.run();
  ASSERT_TRUE(bench.finish.has_value());
  EXPECT_EQ(bench.statistic("host.hart0.sleep_cycles"), 0U);
}

TEST(Timer, ThatMovesBackFiresOnceAtTheNewTime) {
  HostBench bench;
  Code code = counting_loop(1U << 7);
  store_word(code, TestBus::kClint + DIXION_CLINT_MTIMECMP_HI(0), 0);
  store_word(code, TestBus::kClint + DIXION_CLINT_MTIMECMP_LO(0), 3);
  store_word(code, TestBus::kClint + DIXION_CLINT_MTIMECMP_LO(0), 20);
  code.push_back(csrrsi(zero, csr::mstatus, 8));
  code.push_back(wfi);
  code.push_back(jal(zero, 0));
  bench.load(code);
  bench.load(storing_handler(), HostBench::kHandler);
  bench.run();
  ASSERT_TRUE(bench.finish.has_value());
  EXPECT_EQ(seen(bench).cycle, 2000U + 18);
}

}  // namespace
}  // namespace dixion::host
