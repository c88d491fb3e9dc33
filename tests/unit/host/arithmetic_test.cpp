// SPDX-License-Identifier: Apache-2.0
// RV64IM arithmetic against closed forms: each instruction over all pairs of edge values, computed here in 128 bits.
#include <functional>
#include <limits>

#include <gtest/gtest.h>

#include "tests/unit/host/flat_bus.h"

namespace dixion::host {
namespace {

using namespace assembler;  // NOLINT: the tests are written in it
__extension__ using Int128 = __int128;

constexpr std::uint64_t kMin64 = 1ULL << 63;
constexpr std::uint64_t kMin32 = 0xFFFF'FFFF'8000'0000;
const std::vector<std::uint64_t> kEdges = {0,
                                           1,
                                           2,
                                           31,
                                           32,
                                           63,
                                           64,
                                           0x7FFF'FFFF,
                                           0x8000'0000,
                                           0xFFFF'FFFF,
                                           0x1'0000'0000,
                                           kMin32,
                                           kMin64,
                                           kMin64 - 1,
                                           ~0ULL,
                                           ~0ULL - 1,
                                           0x0123'4567'89AB'CDEF,
                                           0xFEDC'BA98'7654'3210};

std::int64_t s64(std::uint64_t value) { return static_cast<std::int64_t>(value); }
std::int32_t s32(std::uint64_t value) { return static_cast<std::int32_t>(value); }
std::uint32_t u32(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
std::uint64_t sext32(Int128 value) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(value)));
}
Int128 wide(std::uint64_t value) { return static_cast<Int128>(value); }
Int128 swide(std::uint64_t value) { return static_cast<Int128>(s64(value)); }
std::uint64_t high(Int128 product) { return static_cast<std::uint64_t>(product >> 64); }
// Arithmetic shift by division, rounding towards minus infinity.
Int128 floor_shift(Int128 value, unsigned amount) {
  const Int128 divisor = static_cast<Int128>(1) << amount;
  return (value - (((value % divisor) + divisor) % divisor)) / divisor;
}

struct Operation {
  const char* name;
  Word word;  // rd = a0, rs1 = a1, rs2 = a2
  std::function<std::uint64_t(std::uint64_t, std::uint64_t)> expected;
};
using V = std::uint64_t;

Word op(Word funct7, Word funct3) { return r_type(funct7, a2, a1, funct3, a0, 0x33); }
Word opw(Word funct7, Word funct3) { return r_type(funct7, a2, a1, funct3, a0, 0x3B); }

const std::vector<Operation>& operations() {
  static const std::vector<Operation> kOperations = {
      {"add", op(0, 0), [](V a, V b) { return static_cast<V>(wide(a) + wide(b)); }},
      {"sub", op(0x20, 0), [](V a, V b) { return static_cast<V>(wide(a) - wide(b)); }},
      {"sll", op(0, 1), [](V a, V b) { return static_cast<V>(wide(a) << (b % 64)); }},
      {"slt", op(0, 2), [](V a, V b) { return V{swide(a) < swide(b)}; }},
      {"sltu", op(0, 3), [](V a, V b) { return V{wide(a) < wide(b)}; }},
      {"xor", op(0, 4), [](V a, V b) { return (a | b) - (a & b); }},
      {"srl", op(0, 5), [](V a, V b) { return static_cast<V>(floor_shift(wide(a), b % 64)); }},
      {"sra", op(0x20, 5), [](V a, V b) { return static_cast<V>(floor_shift(swide(a), b % 64)); }},
      {"or", op(0, 6), [](V a, V b) { return a + (b & ~a); }},
      {"and", op(0, 7), [](V a, V b) { return ~(~a | ~b); }},
      {"addw", opw(0, 0), [](V a, V b) { return sext32(wide(a) + wide(b)); }},
      {"subw", opw(0x20, 0), [](V a, V b) { return sext32(wide(a) - wide(b)); }},
      {"sllw", opw(0, 1), [](V a, V b) { return sext32(wide(a) << (b % 32)); }},
      {"srlw", opw(0, 5), [](V a, V b) { return sext32(floor_shift(wide(u32(a)), b % 32)); }},
      {"sraw", opw(0x20, 5), [](V a, V b) { return sext32(floor_shift(s32(a), b % 32)); }},
      {"mul", op(1, 0), [](V a, V b) { return static_cast<V>(swide(a) * swide(b)); }},
      {"mulh", op(1, 1), [](V a, V b) { return high(swide(a) * swide(b)); }},
      {"mulhsu", op(1, 2), [](V a, V b) { return high(swide(a) * wide(b)); }},
      {"mulhu", op(1, 3),
       [](V a, V b) {  // by halves, since the product needs all 128 bits
         const V low = u32(a) * V{u32(b)};
         const V middle = (a >> 32) * u32(b) + (low >> 32);
         const V other = u32(middle) + u32(a) * (b >> 32);
         return (a >> 32) * (b >> 32) + (middle >> 32) + (other >> 32);
       }},
      {"div", op(1, 4), [](V a, V b) { return b == 0 ? ~0ULL : static_cast<V>(swide(a) / swide(b)); }},
      {"divu", op(1, 5), [](V a, V b) { return b == 0 ? ~0ULL : a / b; }},
      {"rem", op(1, 6), [](V a, V b) { return b == 0 ? a : static_cast<V>(swide(a) % swide(b)); }},
      {"remu", op(1, 7), [](V a, V b) { return b == 0 ? a : a % b; }},
      {"mulw", opw(1, 0), [](V a, V b) { return sext32(swide(a) * swide(b)); }},
      {"divw", opw(1, 4), [](V a, V b) { return s32(b) == 0 ? ~0ULL : sext32(Int128{s32(a)} / s32(b)); }},
      {"divuw", opw(1, 5), [](V a, V b) { return u32(b) == 0 ? ~0ULL : sext32(u32(a) / u32(b)); }},
      {"remw", opw(1, 6), [](V a, V b) { return s32(b) == 0 ? sext32(a) : sext32(Int128{s32(a)} % s32(b)); }},
      {"remuw", opw(1, 7), [](V a, V b) { return u32(b) == 0 ? sext32(a) : sext32(u32(a) % u32(b)); }},
  };
  return kOperations;
}

TEST(RegisterInstruction, MatchesItsClosedFormOnAllEdgeValues) {
  HartBench bench;
  for (const Operation& test : operations()) {
    for (const std::uint64_t a : kEdges) {
      for (const std::uint64_t b : kEdges) {
        bench.x(a1) = a;
        bench.x(a2) = b;
        bench.execute(test.word);
        ASSERT_EQ(bench.x(a0), test.expected(a, b)) << test.name << std::hex << " 0x" << a << ", 0x" << b;
      }
    }
  }
  EXPECT_EQ(bench.iss.state().traps, 0U);
}

TEST(ImmediateInstruction, MatchesItsClosedFormOnAllEdgeValues) {
  HartBench bench;
  const auto run = [&](Word word, std::uint64_t a) {
    bench.x(a1) = a;
    bench.execute(word);
    return bench.x(a0);
  };
  for (const std::uint64_t a : kEdges) {
    for (const std::int32_t imm : {0, 1, -1, 2047, -2048}) {
      const auto u = static_cast<std::uint64_t>(std::int64_t{imm});
      EXPECT_EQ(run(i_type(imm, a1, 0, a0, 0x13), a), a + u);
      EXPECT_EQ(run(i_type(imm, a1, 2, a0, 0x13), a), s64(a) < imm ? 1U : 0U);
      EXPECT_EQ(run(i_type(imm, a1, 3, a0, 0x13), a), a < u ? 1U : 0U);
      EXPECT_EQ(run(i_type(imm, a1, 4, a0, 0x13), a), a ^ u);
      EXPECT_EQ(run(i_type(imm, a1, 6, a0, 0x13), a), a | u);
      EXPECT_EQ(run(i_type(imm, a1, 7, a0, 0x13), a), a & u);
      EXPECT_EQ(run(i_type(imm, a1, 0, a0, 0x1B), a), sext32(swide(a) + imm));
    }
    for (const std::int32_t amount : {0, 1, 31, 32, 63}) {
      const auto n = static_cast<unsigned>(amount);
      EXPECT_EQ(run(i_type(amount, a1, 1, a0, 0x13), a), static_cast<V>(wide(a) << n));
      EXPECT_EQ(run(i_type(amount, a1, 5, a0, 0x13), a), static_cast<V>(floor_shift(wide(a), n)));
      EXPECT_EQ(run(i_type(amount | 0x400, a1, 5, a0, 0x13), a), static_cast<V>(floor_shift(swide(a), n)));
      if (amount > 31) continue;
      EXPECT_EQ(run(i_type(amount, a1, 1, a0, 0x1B), a), sext32(wide(a) << n));
      EXPECT_EQ(run(i_type(amount, a1, 5, a0, 0x1B), a), sext32(floor_shift(wide(u32(a)), n)));
      EXPECT_EQ(run(i_type(amount | 0x400, a1, 5, a0, 0x1B), a), sext32(floor_shift(s32(a), n)));
    }
  }
}

TEST(ImmediateInstruction, LuiAndAuipcSignExtendTheirUpperBits) {
  HartBench bench;
  bench.execute(lui(a0, 0x80000));
  EXPECT_EQ(bench.x(a0), kMin32);
  bench.execute(lui(a0, 0x7FFFF));
  EXPECT_EQ(bench.x(a0), 0x7FFF'F000U);
  bench.execute(auipc(a0, 0xFFFFF));
  EXPECT_EQ(bench.x(a0), HartBench::kStart - 0x1000);
}

TEST(ShiftInstruction, WithAnAmountThatIsTooLargeIsIllegal) {
  HartBench bench;
  bench.execute(i_type(32, a1, 1, a0, 0x1B));  // slliw by 32
  EXPECT_EQ(bench.iss.state().mcause, 2U);
  bench.execute(i_type(0x040 << 1, a1, 1, a0, 0x13));  // bit 7 above the six-bit amount
  EXPECT_EQ(bench.iss.state().traps, 2U);
}

TEST(RegisterZero, StaysZero) {
  HartBench bench;
  bench.x(a1) = 5;
  bench.execute(add(zero, a1, a1));
  bench.execute(add(a0, zero, zero));
  EXPECT_EQ(bench.x(zero), 0U);
  EXPECT_EQ(bench.x(a0), 0U);
}

}  // namespace
}  // namespace dixion::host
