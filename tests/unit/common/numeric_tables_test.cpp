// SPDX-License-Identifier: Apache-2.0
// The tables against the mathematical library of the workstation: a rounded entry is at most half a unit from the
// truth.
#include "models/common/numeric_tables.h"

#include <cmath>

#include <gtest/gtest.h>

namespace dixion::tables {
namespace {

constexpr double kHalfUnit = 0.5 + 1e-3;  // the library's own error is far below the second term

double gelu(double x) { return x * 0.5 * std::erfc(-x / std::sqrt(2.0)); }

double gelu_tanh(double x) {
  return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
}

TEST(NumericTables, Exp2HoldsOneOctaveDownward) {
  for (std::size_t i = 0; i < kExp2.size(); ++i) {
    EXPECT_NEAR(kExp2[i], std::exp2(20 - static_cast<double>(i) / 64), kHalfUnit) << i;
  }
}

TEST(NumericTables, RsqrtHoldsTwoOctaves) {
  for (std::size_t i = 0; i < kRsqrt.size(); ++i) {
    EXPECT_NEAR(kRsqrt[i], std::exp2(30) / std::sqrt(1 + static_cast<double>(i) / 128), kHalfUnit) << i;
  }
}

TEST(NumericTables, ActivationsHoldTheirCurves) {
  for (std::size_t i = 0; i < kGelu.size(); ++i) {
    const double x = static_cast<double>(i) / 64 - 8;
    EXPECT_NEAR(kGelu[i], 65536 * gelu(x), kHalfUnit) << i;
    EXPECT_NEAR(kGeluTanh[i], 65536 * gelu_tanh(x), kHalfUnit) << i;
    EXPECT_NEAR(kSilu[i], 65536 * 2 * x / (1 + std::exp(-2 * x)), kHalfUnit) << i;
  }
}

TEST(NumericTables, NormalIsTheUpperQuantile) {
  for (std::size_t i = 0; i < kNormal.size(); ++i) {
    const double t = i < 32 ? static_cast<double>(i)
                     : i + 1 < kNormal.size()
                         ? std::ldexp(static_cast<double>(32 + i % 32), static_cast<int>(i / 32) - 1)
                         : std::exp2(31);
    const double tail = (t + 0.5) / std::exp2(32);
    const double lower = 0.5 * std::erfc((kNormal[i] + 0.5) / 65536 / std::sqrt(2.0));
    const double upper = 0.5 * std::erfc((kNormal[i] - 0.5) / 65536 / std::sqrt(2.0));
    EXPECT_LE(lower, tail * (1 + 1e-12)) << i;
    EXPECT_GE(upper, tail * (1 - 1e-12)) << i;
  }
}

}  // namespace
}  // namespace dixion::tables
