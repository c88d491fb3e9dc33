// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "tests/support/reference/operators.h"

namespace dixion::reference {
namespace {

Tensor random_tensor(std::vector<std::size_t> extents, int limit, std::uint32_t seed) {
  std::mt19937 engine(seed);
  Tensor tensor(std::move(extents));
  for (std::int32_t& value : tensor.values) {
    value = static_cast<std::int32_t>(engine() % static_cast<unsigned>(2 * limit + 1)) - limit;
  }
  return tensor;
}

TEST(MatrixProduct, MultipliesByHand) {
  const Tensor a({1, 2, 3}, {1, 2, 3, -4, 5, -6});
  const Tensor w({2, 3}, {1, 0, -1, 2, 2, 2});
  const Tensor dst = matrix_product(a, w, {10, 20}, {{1, 0}}, 32);
  EXPECT_EQ(dst.values, (std::vector<std::int32_t>{8, 32, 12, 10}));
}

TEST(MatrixProduct, RequantisesPerColumnAndCountsSaturation) {
  const Tensor a({1, 1, 1}, {100});
  const Tensor w({3, 1}, {100, 100, -100});
  const Tensor dst = matrix_product(a, w, {}, {{1, 3}, {1, 0}, {1, 0}}, 12);
  EXPECT_EQ(dst.values, (std::vector<std::int32_t>{1250, 2047, -2048}));
  EXPECT_EQ(dst.saturated, 2u);
}

TEST(MatrixProduct, TakesAWeightPerBatch) {
  const Tensor a({2, 1, 2}, {1, 2, 3, 4});
  const Tensor w({2, 1, 2}, {1, 1, 10, 10});
  EXPECT_EQ(matrix_product(a, w, {}, {{1, 0}}, 32).values, (std::vector<std::int32_t>{3, 70}));
}

TEST(MatrixProduct, IsExactOverLongSumsOfExtremes) {
  const std::size_t depth = 2000;
  const Tensor a({1, 1, depth}, std::vector<std::int32_t>(depth, -2048));
  const Tensor w({1, depth}, std::vector<std::int32_t>(depth, -2048));
  EXPECT_EQ(matrix_product(a, w, {}, {{1, 3}}, 32).values[0], 2048 * 2048 / 8 * 2000);
}

TEST(Attention, OneKeyGivesItsValue) {
  const Tensor q({1, 1, 3, 4}, std::vector<std::int32_t>(12, 7));
  const Tensor k({1, 1, 1, 4}, {1, 2, 3, 4});
  const Tensor v({1, 1, 1, 4}, {-2048, -1, 0, 2047});
  const Tensor dst = attention(q, k, v, requant_of(100.0), requant_of(1.0));
  for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(dst.values[i], v.values[i % 4]);
}

TEST(Attention, DoesNotDependOnTheOrderOfKeys) {
  const Tensor q = random_tensor({1, 1, 5, 8}, 2000, 1);
  Tensor k = random_tensor({1, 1, 9, 8}, 2000, 2), v = random_tensor({1, 1, 9, 8}, 2000, 3);
  const Tensor forward = attention(q, k, v, requant_of(0.005), requant_of(0.9));
  for (Tensor* tensor : {&k, &v}) {
    std::rotate(tensor->values.begin(), tensor->values.begin() + 24, tensor->values.end());
  }
  EXPECT_EQ(attention(q, k, v, requant_of(0.005), requant_of(0.9)).values, forward.values);
}

TEST(Attention, IsSoftmaxWithinTheResolutionOfItsExponentials) {
  const std::size_t keys = 256, depth = 32;
  const Tensor q = random_tensor({2, 3, 4, depth}, 1500, 4);
  const Tensor k = random_tensor({2, 3, keys, depth}, 1500, 5), v = random_tensor({2, 3, keys, depth}, 1500, 6);
  const double scale = 1e-7;  // of a score
  const Tensor dst = attention(q, k, v, requant_of(65536 * scale * std::log2(std::exp(1.0))), requant_of(4.0));
  for (std::size_t h = 0; h < 6; ++h) {
    for (std::size_t i = 0; i < 4; ++i) {
      std::vector<long double> p(keys);
      long double sum = 0;
      for (std::size_t j = 0; j < keys; ++j) {
        long double score = 0;
        for (std::size_t d = 0; d < depth; ++d) {
          score += static_cast<long double>(q.values[(h * 4 + i) * depth + d]) * k.values[(h * keys + j) * depth + d];
        }
        sum += p[j] = std::exp(score * static_cast<long double>(scale));
      }
      for (std::size_t d = 0; d < depth; ++d) {
        long double o = 0;
        for (std::size_t j = 0; j < keys; ++j) o += p[j] / sum * v.values[(h * keys + j) * depth + d];
        EXPECT_NEAR(dst.values[(h * 4 + i) * depth + d], static_cast<double>(4 * o), 2.0);
      }
    }
  }
}

}  // namespace
}  // namespace dixion::reference
