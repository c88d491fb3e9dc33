// SPDX-License-Identifier: Apache-2.0
// Two instructions in one handler behave as one after the other, wherever the run is cut.
#include <gtest/gtest.h>

#include "host/iss/decode.h"
#include "host/iss/pairs.h"
#include "tests/unit/host/flat_bus.h"

namespace dixion::host {
namespace {

using namespace assembler;  // NOLINT: the tests are written in it

std::size_t number_of(Word first, Word second) {
  return handler_number(decode(first, kStart), decode(second, kStart + 4));
}

TEST(Handler, IsSharedByFrequentPairsOnly) {
  EXPECT_EQ(number_of(nop, r_type(1, a1, a0, 4, a0, 0x33)), static_cast<std::size_t>(Opcode::kAddi)) << "div";
  EXPECT_EQ(number_of(nop, ecall), static_cast<std::size_t>(Opcode::kAddi));
  EXPECT_GT(number_of(addi(a0, a1, 1), lw(a2, a3, 0)), static_cast<std::size_t>(Opcode::kStop));
  EXPECT_EQ(number_of(jal(ra, 8), addi(a0, a0, 1)), static_cast<std::size_t>(Opcode::kJal));
}

TEST(Handler, PassesTheResultOnIfTheSecondsFirstOperandIsIt) {
  const std::size_t apart = number_of(addi(a0, a1, 1), add(a2, a3, a4));
  EXPECT_NE(number_of(addi(a0, a1, 1), add(a2, a0, a4)), apart);
  EXPECT_EQ(number_of(addi(a0, a1, 1), add(a2, a4, a0)), apart) << "second operand";
  EXPECT_EQ(number_of(addi(zero, a1, 1), add(a2, zero, a4)), apart) << "x0 keeps its zero";
}

TEST(Operands, ChangePlacesForAChainOnlyWhereTheOrderDoesNotMatter) {
  HartBench bench;
  bench.x(a1) = 100;
  bench.load({addi(a0, zero, 7), add(a2, a1, a0), addi(a0, zero, 7), sub(a3, a1, a0), ecall});
  bench.step(4);
  EXPECT_EQ(bench.x(a2), 107U);
  EXPECT_EQ(bench.x(a3), 93U);
}

TEST(FaultOfTheSecond, LeavesTheFirstRetired) {
  HartBench bench;
  bench.x(a0) = 42;
  bench.load({addi(a1, zero, 8), lw(a0, a1, 0)});
  bench.step(2);
  EXPECT_EQ(bench.x(a1), 8U);
  EXPECT_EQ(bench.x(a0), 42U);
  EXPECT_EQ(bench.iss.state().instret, 1U);
  EXPECT_EQ(bench.iss.state().cycle(), 2U);
  EXPECT_EQ(bench.iss.state().mepc, kStart + 4);
  EXPECT_EQ(bench.iss.state().mtval, 8U);
}

TEST(FaultOfTheFirst, KeepsTheSecondFromStarting) {
  HartBench bench;
  bench.load({lw(a0, zero, 8), addi(a1, a1, 1)});
  bench.step(1);
  EXPECT_EQ(bench.x(a1), 0U);
  EXPECT_EQ(bench.iss.state().instret, 0U);
  EXPECT_EQ(bench.iss.state().mepc, kStart);
}

TEST(DeviceAccessAsTheSecond, WaitsForTheBusAndIsNotRepeated) {
  HartBench bench;
  bench.bus.granted = false;
  bench.bus.device = 5;
  bench.x(a1) = FlatBus::kDevice - 8;
  bench.load({addi(a1, a1, 8), lw(a0, a1, 0), addi(a2, a0, 1)});
  EXPECT_EQ(bench.iss.run(100), RunExit::kBus);
  EXPECT_EQ(bench.iss.state().pc, kStart + 4);
  EXPECT_EQ(bench.iss.state().cycle(), 1U);
  bench.bus.granted = true;
  bench.step(2);
  EXPECT_EQ(bench.x(a1), FlatBus::kDevice) << "the first ran once";
  EXPECT_EQ(bench.x(a2), 6U);
}

TEST(DeviceAccessAsTheFirst, IsFollowedByTheSecondOnce) {
  HartBench bench;
  bench.bus.device = 5;
  bench.x(a1) = FlatBus::kDevice;
  bench.load({lw(a0, a1, 0), add(a2, a0, a2), sw(a2, a1, 0), addi(a3, a3, 1)});
  bench.step(4);
  EXPECT_EQ(bench.bus.device, 5U);
  EXPECT_EQ(bench.x(a2), 5U);
  EXPECT_EQ(bench.x(a3), 1U);
}

TEST(Limit, InsideAPairLeavesTheSecondToTheNextRun) {
  HartBench bench;
  bench.load({addi(a0, a0, 1), addi(a0, a0, 16), addi(a0, a0, 256), jal(zero, -12)});
  const std::uint64_t expected[] = {0, 1, 17, 273, 273, 274, 290};
  for (Cycles limit = 0; limit <= 6; ++limit) {
    EXPECT_EQ(bench.iss.run(limit), RunExit::kLimit);
    EXPECT_EQ(bench.iss.state().cycle(), limit);
    EXPECT_EQ(bench.x(a0), expected[limit]);
  }
}

TEST(Interrupt, BetweenTheTwoIsTakenThere) {
  HartBench bench;
  bench.load({addi(a0, a0, 1), addi(a0, a0, 16), jal(zero, -8)});
  bench.step(3 * 5);  // the block has run as a whole
  bench.iss.state().mie = 0x888;
  bench.iss.state().mstatus |= kMstatusMie;
  bench.step(1);
  bench.iss.set_interrupt(Interrupt::kTimer, true);
  bench.step(1);
  EXPECT_EQ(bench.iss.state().mepc, kStart + 4);
  EXPECT_EQ(bench.x(a0), 17U * 5 + 1);
}

// One instruction of every operation that can be part of a pair, on registers a0 to a3 and the data behind s0.
class RandomProgram {
 public:
  explicit RandomProgram(std::uint32_t seed) : state_(seed) {}

  Word next() {
    const Word rd = a0 + below(4);
    const Word rs1 = a0 + below(4);
    const Word rs2 = a0 + below(4);
    const auto imm = static_cast<std::int32_t>(below(4096)) - 2048;
    const auto at = static_cast<std::int32_t>(below(64));
    const Word funct3[] = {0, 1, 4, 5, 6, 7};
    switch (below(24)) {
      case 0:
        return lui(rd, below(1U << 20));
      case 1:
        return addi(rd, rs1, imm);
      case 2:
        return add(rd, rs1, rs2);
      case 3:
        return sub(rd, rs1, rs2);
      case 4:
        return addiw(rd, rs1, imm);
      case 5:
        return r_type(0, rs2, rs1, 0, rd, 0x3B);  // addw
      case 6:
        return r_type(1, rs2, rs1, 0, rd, 0x3B);  // mulw
      case 7:
        return slli(rd, rs1, below(64));
      case 8:
        return i_type(static_cast<std::int32_t>(below(64)), rs1, 5, rd, 0x13);  // srli
      case 9:
        return i_type(static_cast<std::int32_t>(below(32)), rs1, 5, rd, 0x1B);  // srliw
      case 10:
        return i_type(imm, rs1, 7, rd, 0x13);  // andi
      case 11:
        return r_type(0, rs2, rs1, 7, rd, 0x33);  // and
      case 12:
        return r_type(0, rs2, rs1, 6, rd, 0x33);  // or
      case 13:
        return r_type(0, rs2, rs1, 4, rd, 0x33);  // xor
      case 14:
        return lbu(rd, s0, at);
      case 15:
        return lw(rd, s0, at);
      case 16:
        return ld(rd, s0, at);
      case 17:
        return sb(rs2, s0, at);
      case 18:
        return sw(rs2, s0, at);
      case 19:
        return sd(rs2, s0, at);
      default:
        return b_type(8 + 4 * static_cast<std::int32_t>(below(3)), rs2, rs1, funct3[below(6)]);
    }
  }

 private:
  Word below(Word bound) {
    state_ = state_ * 1664525U + 1013904223U;
    return (state_ >> 8) % bound;
  }
  std::uint32_t state_;
};

TEST(RandomPrograms, EndAlikeHoweverTheyAreCut) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    Code code;
    RandomProgram random(seed);
    for (int i = 0; i < 300; ++i) code.push_back(random.next());
    code.insert(code.end(), {wfi, wfi, wfi, wfi});  // behind the farthest branch
    const auto run = [&](Cycles slice) {
      HartBench bench;
      bench.load(code);
      bench.x(s0) = kData;
      for (Word i = 0; i < 4; ++i) bench.x(a0 + i) = 0x9E37'79B9'7F4A'7C15 * (i + seed);
      Cycles limit = 0;
      while (bench.iss.run(limit) != RunExit::kWaiting) limit += slice;
      std::vector<std::uint64_t> end(bench.iss.state().x.begin(), bench.iss.state().x.begin() + 32);
      for (std::uint64_t i = 0; i < 9; ++i) end.push_back(bench.bus.get<std::uint64_t>(kData + 8 * i));
      end.insert(end.end(), {bench.iss.state().pc, bench.iss.state().instret, bench.iss.state().traps});
      return end;
    };
    const std::vector<std::uint64_t> one_by_one = run(1);  // no two of them can share a handler
    for (const Cycles slice : {2U, 3U, 5U, 7U, 1000U}) {
      ASSERT_EQ(run(slice), one_by_one) << "seed " << seed << ", slices of " << slice;
    }
  }
}

}  // namespace
}  // namespace dixion::host
