// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tests/support/reference/primitives.h"

namespace dixion::reference {
namespace {

constexpr std::int64_t kMaxInt32 = std::numeric_limits<std::int32_t>::max();

TEST(Saturate, CountsOnlyWhatItChanges) {
  Saturations count = 0;
  EXPECT_EQ(saturate(2047, 12, count), 2047);
  EXPECT_EQ(saturate(-2048, 12, count), -2048);
  EXPECT_EQ(count, 0u);
  EXPECT_EQ(saturate(2048, 12, count), 2047);
  EXPECT_EQ(saturate(-2049, 12, count), -2048);
  EXPECT_EQ(saturate(Wide{1} << 100, 48, count), (std::int64_t{1} << 47) - 1);
  EXPECT_EQ(count, 3u);
}

TEST(RoundingShift, RoundsTiesAwayFromZero) {
  EXPECT_EQ(rshr(5, 1), 3);
  EXPECT_EQ(rshr(-5, 1), -3);
  EXPECT_EQ(rshr(5, 0), 5);
  EXPECT_EQ(rshr(7, 3), 1);
  EXPECT_EQ(rshr(3, 3), 0);
  EXPECT_EQ(rshr(-4, 3), -1);
  EXPECT_EQ(rshr(-3, 3), 0);
}

TEST(RoundingDivision, RoundsTiesAwayFromZero) {
  EXPECT_EQ(rdiv(5, 2), 3);
  EXPECT_EQ(rdiv(-5, 2), -3);
  EXPECT_EQ(rdiv(4, 3), 1);
  EXPECT_EQ(rdiv(-5, 3), -2);
  EXPECT_EQ(rdiv(0, 7), 0);
}

TEST(Requantisation, RoundsOnceAndSaturates) {
  Saturations count = 0;
  EXPECT_EQ(requant(3, {1 << 30, 31}, 12, count), 2);
  EXPECT_EQ(requant(-3, {1 << 30, 31}, 12, count), -2);
  EXPECT_EQ(requant(Wide{1} << 47, {std::numeric_limits<std::int32_t>::max(), 0}, 32, count), kMaxInt32);
  EXPECT_EQ(requant(1, {-1, 0}, 12, count), -1);
  EXPECT_EQ(count, 1u);
}

TEST(RequantOf, KeepsThirtyOneBits) {
  EXPECT_EQ(requant_of(1.0), (Requant{1 << 30, 30}));
  EXPECT_EQ(requant_of(0.75), (Requant{3 << 29, 31}));
  EXPECT_EQ(requant_of(65536.0), (Requant{1 << 30, 14}));
  EXPECT_EQ(requant_of(std::nextafter(2.0, 0.0)), (Requant{1 << 30, 29}));  // rounds up to the next power of two
  EXPECT_EQ(requant_of(2147483647.0), (Requant{2147483647, 0}));
  EXPECT_EQ(requant_of(std::ldexp(1.0, -40)), (Requant{1 << 22, 62}));  // the shift ends at 62
}

TEST(Exp2n, IsWithinOneUnitOfThePower) {
  EXPECT_EQ(exp2n(0), 4095);
  for (std::int64_t t = 1; t < 22 << 16; t += 37) {
    const double exact = std::min(4095.0, 4096 * std::exp2(-static_cast<double>(t) / 65536));
    ASSERT_NEAR(exp2n(t), exact, 0.57) << t;
  }
  EXPECT_EQ(exp2n((std::int64_t{21} << 16) - 1), 0);
  EXPECT_EQ(exp2n(kMaxInt32), 0);
}

TEST(Exp2n, NeverRises) {
  for (std::int64_t t = 0; t < 22 << 16; ++t) ASSERT_GE(exp2n(t), exp2n(t + 1)) << t;
}

TEST(Rsqrt, IsAccurateOverAllMagnitudes) {
  const auto value = [](std::uint64_t v) {
    const InverseRoot r = rsqrt(v);
    return std::ldexp(static_cast<long double>(r.root), -45 - r.exponent / 2);
  };
  EXPECT_EQ(value(1), 1.0L);
  EXPECT_EQ(value(std::uint64_t{1} << 62), std::ldexp(1.0L, -31));
  std::uint64_t v = 1;
  for (int i = 0; i < 200000; ++i) {
    const long double exact = 1 / std::sqrt(static_cast<long double>(v));
    ASSERT_NEAR(static_cast<double>(value(v) / exact), 1.0, 6e-6) << v;
    v = v * 6364136223846793005ULL + 1442695040888963407ULL;
    v >>= i % 63;
    v |= 1;
  }
  EXPECT_NEAR(static_cast<double>(value(~std::uint64_t{0}) * 4294967296.0L), 1.0, 6e-6);
}

// The known answers that Random123 publishes for philox4x32 with 10 rounds (kat_vectors).
TEST(Philox, GivesThePublishedAnswers) {
  using Block = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox4x32({ones, ones, ones, ones}, {ones, ones}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Normal, FollowsTheQuantileFunction) {
  for (std::uint64_t word = 0; word <= 0x7fffffff; word += word < 4096 ? 1 : word / 1021) {
    const double z = normal(static_cast<std::uint32_t>(word)) / 65536.0;
    const double tail = (static_cast<double>(word) + 0.5) / std::exp2(32);
    const double slope = std::exp(-z * z / 2) / std::sqrt(2 * std::acos(-1.0));
    ASSERT_NEAR(0.5 * std::erfc(z / std::sqrt(2.0)), tail, 6e-5 * slope) << word;  // an error of 6e-5 in z
  }
}

TEST(Normal, IsSymmetric) {
  for (const std::uint32_t word : {0U, 1U, 31U, 32U, 33U, 0x12345678U, 0x7fffffffU}) {
    EXPECT_EQ(normal(word | 0x80000000U), -normal(word)) << word;
  }
  EXPECT_EQ(normal(0x7fffffff), 0);
}

}  // namespace
}  // namespace dixion::reference
