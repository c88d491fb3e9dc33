// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "tests/support/reference/operators.h"

namespace dixion::reference {
namespace {

constexpr std::int32_t kOne = 65536;  // 1.0 in Q16
constexpr Requant kIdentity{1, 0};

std::int32_t q16(double x) { return static_cast<std::int32_t>(std::lround(x * kOne)); }

TEST(NormModulate, IsLayerNormalisation) {
  const std::size_t depth = 128;
  std::mt19937 engine(1);
  std::normal_distribution<double> normal(3, 5);
  Tensor x({2, 3, depth}), shift({2, 1, depth}), scale({2, 1, depth});
  for (std::int32_t& value : x.values) value = q16(normal(engine));
  for (std::int32_t& value : shift.values) value = q16(normal(engine) / 10);
  for (std::int32_t& value : scale.values) value = q16(normal(engine) / 10);
  const Tensor dst = norm_modulate(x, &shift, &scale, requant_of(100.0 / kOne), 4295);
  for (std::size_t row = 0; row < 6; ++row) {
    double mean = 0, variance = 0;
    for (std::size_t i = 0; i < depth; ++i) mean += x.values[row * depth + i] / double{kOne} / depth;
    for (std::size_t i = 0; i < depth; ++i) {
      variance += std::pow(x.values[row * depth + i] / double{kOne} - mean, 2) / depth;
    }
    for (std::size_t i = 0; i < depth; ++i) {
      const double n = (x.values[row * depth + i] / double{kOne} - mean) / std::sqrt(variance + 1e-6);
      const std::size_t modulation = row / 3 * depth + i;
      const double y = n * (1 + scale.values[modulation] / double{kOne}) + shift.values[modulation] / double{kOne};
      EXPECT_NEAR(dst.values[row * depth + i], 100 * y, 0.52);
    }
  }
}

TEST(NormModulate, AConstantRowBecomesTheShift) {
  const Tensor x({1, 1, 4}, {kOne, kOne, kOne, kOne}), shift({1, 1, 4}, {1, -2, 3, -4});
  EXPECT_EQ(norm_modulate(x, &shift, nullptr, kIdentity, 1).values, shift.values);
  EXPECT_EQ(norm_modulate(x, nullptr, nullptr, kIdentity, 1).values, (std::vector<std::int32_t>{0, 0, 0, 0}));
}

TEST(NormModulate, DeviationsSaturateAtTwentySixBits) {
  const std::int32_t far = 1 << 25;
  const Tensor inside({1, 1, 2}, {far - 1, -far + 1}), outside({1, 1, 2}, {far, -far - 2});
  EXPECT_EQ(norm_modulate(inside, nullptr, nullptr, requant_of(1.0 / 64), 1).saturated, 0u);
  EXPECT_EQ(norm_modulate(outside, nullptr, nullptr, requant_of(1.0 / 64), 1).saturated, 2u);
}

TEST(Activations, FollowTheirCurvesAndEnds) {
  const auto curve = [](Activation function, double x) {
    if (function == Activation::kSilu) return x / (1 + std::exp(-x));
    if (function == Activation::kGelu) return x * 0.5 * std::erfc(-x / std::sqrt(2.0));
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
  };
  for (const Activation function : {Activation::kGelu, Activation::kGeluTanh, Activation::kSilu}) {
    for (std::int32_t x = -20 * kOne; x < 20 * kOne; x += 97) {
      ASSERT_NEAR(activate(function, x), kOne * curve(function, static_cast<double>(x) / kOne), 7.0) << x;
    }
    EXPECT_EQ(activate(function, std::numeric_limits<std::int32_t>::max()), std::numeric_limits<std::int32_t>::max());
    EXPECT_EQ(activate(function, std::numeric_limits<std::int32_t>::min()), 0);
    EXPECT_EQ(activate(function, 0), 0);
  }
  EXPECT_EQ(activate(Activation::kGelu, 8 * kOne), 8 * kOne);
  EXPECT_EQ(activate(Activation::kSilu, -16 * kOne - 1), 0);
  EXPECT_LT(activate(Activation::kSilu, -10 * kOne), 0);
}

TEST(Activations, RequantiseOnBothSides) {
  const Tensor src({1, 2}, {512, -2048});
  const Tensor dst = activation(Activation::kGelu, src, requant_of(kOne / 256.0), requant_of(256.0 / kOne), 12);
  EXPECT_EQ(dst.values, (std::vector<std::int32_t>{500, 0}));  // 256 * gelu(2) = 500.4
}

TEST(Add, BroadcastsAndSaturates) {
  const Tensor a({2, 2}, {1, 2, 3, std::numeric_limits<std::int32_t>::max()}), b({1, 2}, {10, 20});
  const Tensor dst = add(a, b, {3, 1});
  EXPECT_EQ(dst.values, (std::vector<std::int32_t>{16, 32, 18, std::numeric_limits<std::int32_t>::max()}));
  EXPECT_EQ(dst.saturated, 1u);
}

TEST(GatedResidual, AddsTheGatedBranch) {
  const Tensor x({1, 2, 2}, {kOne, kOne, 0, 0}), gate({1, 1, 2}, {kOne / 2, -kOne});
  const Tensor h({1, 2, 2}, {kOne, kOne, 1, 3});
  EXPECT_EQ(gated_residual(x, gate, h, kIdentity).values, (std::vector<std::int32_t>{kOne * 3 / 2, 0, 1, -3}));
}

TEST(Convert, RoundsIntoTheNarrowFormat) {
  const Tensor dst = convert(Tensor({1, 4}, {24, -24, 23, 1 << 20}), {1, 4}, 12);
  EXPECT_EQ(dst.values, (std::vector<std::int32_t>{2, -2, 1, 2047}));
}

TEST(SamplerUpdate, IsGuidedDdimWithVelocityPrediction) {
  const double now = 0.3, next = 0.5, guidance = 2.0, limit = 1.2;
  const double c = std::sqrt(1 - next) / std::sqrt(1 - now);
  const auto q24 = [](double v) { return static_cast<std::int32_t>(std::lround(v * 16777216)); };
  const SamplerConstants constants{
      q24(std::sqrt(now)), q24(-std::sqrt(1 - now)), q24(c), q24(std::sqrt(next) - c * std::sqrt(now)), q16(guidance),
      q16(limit)};
  for (double x = -3; x <= 3; x += 0.37) {
    for (double cond = -2; cond <= 2; cond += 0.41) {
      const double plain = 0.5 * cond - 0.2, v = plain + guidance * (cond - plain);
      const double clean = std::clamp(std::sqrt(now) * x - std::sqrt(1 - now) * v, -limit, limit);
      const double noise = (x - std::sqrt(now) * clean) / std::sqrt(1 - now);
      const Tensor uncond({1}, {q16(plain)});
      const Tensor dst = sampler_update(Tensor({1}, {q16(x)}), Tensor({1}, {q16(cond)}), &uncond, constants);
      EXPECT_NEAR(dst.values[0], kOne * (std::sqrt(next) * clean + std::sqrt(1 - next) * noise), 4.0);
    }
  }
}

TEST(SamplerUpdate, TheLastStepGivesTheCleanImageWithinItsLimit) {
  const SamplerConstants last{1 << 24, 0, 0, 1 << 24, kOne, kOne};
  const Tensor x({3}, {kOne - 1, kOne + 1, -2 * kOne}), prediction({3});
  EXPECT_EQ(sampler_update(x, prediction, nullptr, last).values, (std::vector<std::int32_t>{kOne - 1, kOne, -kOne}));
}

TEST(Noise, IsOneStreamPerSampleWhateverTheBatch) {
  const Tensor batch = noise(3, 10, 42, 5, 0);
  for (std::uint32_t sample = 0; sample < 3; ++sample) {
    const Tensor single = noise(1, 10, 42, 5 + sample, 0);
    EXPECT_TRUE(std::equal(single.values.begin(), single.values.end(), batch.values.begin() + 10 * sample));
  }
  EXPECT_NE(noise(1, 10, 42, 5, 1).values, noise(1, 10, 42, 5, 0).values);
  EXPECT_NE(noise(1, 10, 42 + (std::uint64_t{1} << 32), 5, 0).values, noise(1, 10, 42, 5, 0).values);
}

TEST(Noise, HasZeroMeanAndUnitVariance) {
  const std::size_t count = 1 << 20;
  const Tensor z = noise(1, count, 7, 0, 0);
  double mean = 0, square = 0, fourth = 0;
  for (const std::int32_t value : z.values) {
    const double x = static_cast<double>(value) / kOne;
    mean += x / count;
    square += x * x / count;
    fourth += x * x * x * x / count;
  }
  EXPECT_NEAR(mean, 0, 0.004);  // four standard errors
  EXPECT_NEAR(square, 1, 0.006);
  EXPECT_NEAR(fourth, 3, 0.04);
}

}  // namespace
}  // namespace dixion::reference
