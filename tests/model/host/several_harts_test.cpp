// SPDX-License-Identifier: Apache-2.0
// Several harts share one thread: all get on, each has its own registers and interrupts, runs repeat exactly.
#include <gtest/gtest.h>

#include "models/abi/generated/clint_registers.h"
#include "tests/model/host/host_bench.h"

namespace dixion::host {
namespace {

using namespace assembler;  // NOLINT: the tests are written in it

/// Each hart adds 1 a hundred times with lr/sc to one word and reports in; hart 0 waits for all and finishes.
Code counting_program(unsigned harts) {
  Code code;
  li(code, a0, HostBench::kData);
  code.push_back(addi(a1, zero, 100));
  code.push_back(lr_w(a2, a0));
  code.push_back(addi(a2, a2, 1));
  code.push_back(sc_w(a3, a2, a0));
  code.push_back(bne(a3, zero, -12));
  code.push_back(addi(a1, a1, -1));
  code.push_back(bne(a1, zero, -20));
  code.push_back(addi(a4, a0, 8));
  code.push_back(addi(a5, zero, 1));
  code.push_back(amo(0, false, zero, a5, a4));
  code.push_back(csrr(a6, csr::mhartid));
  code.push_back(beq(a6, zero, 12));
  code.push_back(wfi);
  code.push_back(jal(zero, -4));
  code.push_back(lw(a7, a4, 0));
  code.push_back(addi(a7, a7, -static_cast<std::int32_t>(harts)));
  code.push_back(bne(a7, zero, -8));
  finish_passed(code);
  return code;
}

class SeveralHarts : public testing::TestWithParam<Ticks> {};
INSTANTIATE_TEST_SUITE_P(Quanta, SeveralHarts, testing::Values(1000, 7000, 100'000'000));

TEST_P(SeveralHarts, LoseNoUpdateOfSharedMemory) {
  HostBench bench({.harts = 4, .quantum_ticks = GetParam()});
  bench.load(counting_program(4));
  bench.run();
  ASSERT_TRUE(bench.finish.has_value());
  EXPECT_EQ(bench.get<std::uint32_t>(HostBench::kData), 400U);
}

TEST_P(SeveralHarts, WakeEachOtherAndAccessDevicesInTimeOrder) {
  HostBench bench({.harts = 2, .quantum_ticks = GetParam()});
  Code code;
  li(code, t0, 1U << 3);
  code.push_back(csrw(csr::mie, t0));
  code.push_back(csrr(a6, csr::mhartid));
  code.push_back(bne(a6, zero, 4 * 29));  // behind hart 0's part
  store_word(code, TestBus::kScripted, 1);
  code.push_back(nop);
  store_word(code, TestBus::kClint + DIXION_CLINT_MSIP(1), 1);
  ASSERT_EQ(code.size(), 13U + 2 + 1 + 27 + 1 + 27);
  code[15] = bne(a6, zero, 4 * (static_cast<std::int32_t>(code.size()) + 1 - 15));
  code.push_back(wfi);
  // Hart 1 starts here: sleeps, then tells.
  code.push_back(wfi);
  store_word(code, TestBus::kScripted + 4, 2);
  finish_passed(code);
  bench.load(code);
  bench.run();
  ASSERT_TRUE(bench.finish.has_value());
  ASSERT_EQ(bench.bus.stores.size(), 2U);
  EXPECT_EQ(bench.bus.stores[0].value, 1U);
  EXPECT_EQ(bench.bus.stores[1].value, 2U);
  // Hart 0 stores msip in cycle 70; hart 1 resumes with the next edge and stores 26 instructions later.
  EXPECT_GE(bench.bus.stores[1].ticks, (70U + 26) * 1000);
  EXPECT_LE(bench.bus.stores[1].ticks, (70U + 28) * 1000);
}

}  // namespace
}  // namespace dixion::host
