// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/matmul_function.h"
#include "models/fast_kernels/fast_kernels.h"
#include "models/fast_kernels/products.h"
#include "tests/support/engine_bench.h"

namespace dixion::test {
namespace {

template <typename Element>
std::vector<Element> values(EngineBench& bench, std::size_t count, std::int32_t low, std::int32_t high) {
  std::vector<Element> result(count);
  for (Element& value : result) value = static_cast<Element>(bench.between(low, high));
  return result;
}

struct Sizes {
  std::size_t m, n, k;
};

/// Compares a product with the portable one; rows of every operand have gaps.
template <typename Weight, typename Product>
void expect_portable_product(EngineBench& bench, const Sizes& sizes, std::int32_t low, std::int32_t high,
                             Product product) {
  const auto [m, n, k] = sizes;
  const auto gap = [&] { return static_cast<std::size_t>(bench.between(0, 3)); };
  const std::size_t lda = k + gap(), ldb = k + gap(), ldc = n + gap();
  // Exactly as long as needed: a read behind the end is seen by the address sanitizer.
  const auto a = values<std::int16_t>(bench, (m - 1) * lda + k, -2048, 2047);
  const auto b = values<Weight>(bench, (n - 1) * ldb + k, low, high);
  std::vector<std::int32_t> fast((m - 1) * ldc + n, 7), portable = fast;
  product(m, n, k, a.data(), lda, b.data(), ldb, fast.data(), ldc);
  portable_kernels().dot_products(m, n, k, a.data(), lda, b.data(), ldb, portable.data(), ldc);
  EXPECT_EQ(fast, portable) << m << " x " << k << " x " << n;
}

constexpr auto kFast = [](auto... arguments) { fast_kernels().dot_products(arguments...); };
// What machines without AVX-512 VNNI run.
constexpr auto kHighway = [](auto... arguments) { multiply_by_panels(highway_micro_kernel(), arguments...); };

Sizes some_sizes(EngineBench& bench) {
  return {static_cast<std::size_t>(bench.between(1, 20)), static_cast<std::size_t>(bench.between(1, 110)),
          static_cast<std::size_t>(bench.between(1, 150))};
}

TEST(FastKernels, ProductsWithInt12EqualThePortableOnes) {
  over_seeds(120, [](EngineBench& bench) {
    expect_portable_product<std::int16_t>(bench, some_sizes(bench), -2048, 2047, kFast);
    expect_portable_product<std::int16_t>(bench, some_sizes(bench), -2048, 2047, kHighway);
  });
}

TEST(FastKernels, ProductsWithInt8EqualThePortableOnes) {
  over_seeds(120, [](EngineBench& bench) {
    expect_portable_product<std::int8_t>(bench, some_sizes(bench), -128, 127, kFast);
    expect_portable_product<std::int8_t>(bench, some_sizes(bench), -128, 127, kHighway);
  });
}

TEST(FastKernels, EveryEdgeOfATileIsRight) {
  EngineBench bench(1);
  // Tiles have 6 or 8 rows, panels up to 3 vectors of up to 16 columns, pairs and blocks of 16 pairs along K.
  for (const std::size_t m : {1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17}) {
    for (const std::size_t n : {1, 15, 16, 17, 31, 32, 33, 47, 48, 49, 96}) {
      for (const std::size_t k : {1, 2, 3, 31, 32, 33, 64, 65}) {
        expect_portable_product<std::int16_t>(bench, {m, n, k}, -2048, 2047, kFast);
        expect_portable_product<std::int8_t>(bench, {m, n, k}, -128, 127, kFast);
        expect_portable_product<std::int16_t>(bench, {m, n, k}, -2048, 2047, kHighway);
        expect_portable_product<std::int8_t>(bench, {m, n, k}, -128, 127, kHighway);
      }
    }
  }
}

/// All products equal `a_value` times `b_value`, K as long as callers make it: the sum in closed form.
template <typename Weight>
void expect_extreme_sum(std::int16_t a_value, Weight b_value, std::size_t k) {
  constexpr std::size_t kRowCount = 9, kColumnCount = 17;
  const std::vector<std::int16_t> a(kRowCount * k, a_value);
  const std::vector<Weight> b(kColumnCount * k, b_value);
  const auto expected = static_cast<std::int64_t>(k) * a_value * b_value;
  ASSERT_EQ(expected, static_cast<std::int32_t>(expected));
  const std::vector<std::int32_t> all(kRowCount * kColumnCount, static_cast<std::int32_t>(expected));
  std::vector<std::int32_t> c(all.size());
  fast_kernels().dot_products(kRowCount, kColumnCount, k, a.data(), k, b.data(), k, c.data(), kColumnCount);
  EXPECT_EQ(c, all) << a_value << " * " << int{b_value};
  multiply_by_panels(highway_micro_kernel(), kRowCount, kColumnCount, k, a.data(), k, b.data(), k, c.data(),
                     kColumnCount);
  EXPECT_EQ(c, all) << a_value << " * " << int{b_value} << " with Highway";
}

TEST(FastKernels, ExtremesStayExactUpToTheLongestSum) {
  ASSERT_EQ(exact_depth(12, 8), 8191u);
  ASSERT_EQ(exact_depth(12, 12), 511u);
  for (const std::int16_t a : std::initializer_list<std::int16_t>{-2048, -2047, 2047}) {
    for (const std::int8_t b : std::initializer_list<std::int8_t>{-128, 127}) {
      expect_extreme_sum<std::int8_t>(a, b, exact_depth(12, 8));
    }
    for (const std::int16_t b : std::initializer_list<std::int16_t>{-2048, -2047, 2047})
      expect_extreme_sum<std::int16_t>(a, b, exact_depth(12, 12));
  }
  // One row goes another way than tiles.
  const std::size_t k = exact_depth(12, 8);
  const std::vector<std::int16_t> a(k, -2048);
  const std::vector<std::int8_t> b(k, -128);
  std::int32_t c = 0;
  fast_kernels().dot_products(1, 1, k, a.data(), k, b.data(), k, &c, 1);
  EXPECT_EQ(c, static_cast<std::int32_t>(k) * 2048 * 128);
}

TEST(FastKernels, RequantiseEqualsThePortableOne) {
  over_seeds(120, [](EngineBench& bench) {
    constexpr std::int32_t kHalf = 1 << 30;
    const auto count = static_cast<std::size_t>(bench.between(1, 50));
    const std::int32_t range = bench.chance(50) ? kHalf - 1 : 5000;
    const auto x = values<std::int32_t>(bench, count, -range - 1, range);
    const auto addends = values<std::int32_t>(bench, count, -range - 1, range);
    const std::int32_t factor = bench.chance(50) ? 2147483647 : 1 << 8;
    auto multipliers = values<std::int32_t>(bench, count, -factor - 1, factor);
    const auto shifts = values<std::int32_t>(bench, count, 0, bench.chance(50) ? 62 : 12);
    const unsigned bits[] = {8, 12, 16, 32};
    const unsigned width = bits[bench.between(0, 3)];
    const RequantRow row{addends.data(), multipliers.data(), shifts.data()};
    std::vector<std::int32_t> fast(x), portable(count);
    const std::uint64_t limited = fast_kernels().requantise(count, fast.data(), row, width, fast.data());
    EXPECT_EQ(limited, portable_kernels().requantise(count, x.data(), row, width, portable.data()));
    EXPECT_EQ(fast, portable);
  });
}

TEST(FastKernels, RequantiseRoundsTiesAwayFromZeroInEveryLane) {
  const std::vector<std::int32_t> x{-3, -2, -1, 0, 1, 2, 3, 5, -5, 6, -6, 7, -7, 1, -1, 9};
  const std::vector<std::int32_t> expected{-2, -1, -1, 0, 1, 1, 2, 3, -3, 3, -3, 4, -4, 1, -1, 5};
  const std::vector<std::int32_t> zeros(x.size(), 0), ones(x.size(), 1);
  std::vector<std::int32_t> dst(x.size());
  EXPECT_EQ(fast_kernels().requantise(x.size(), x.data(), {zeros.data(), ones.data(), ones.data()}, 12, dst.data()),
            0u);
  EXPECT_EQ(dst, expected);
}

TEST(FastKernels, SoftmaxWeightsEqualThePortableOnes) {
  over_seeds(200, [](EngineBench& bench) {
    const auto count = static_cast<std::size_t>(bench.between(1, 90));
    const bool usual = bench.chance(60);
    const std::int32_t range = usual ? 200000 : 2147483647;
    const auto scores = values<std::int32_t>(bench, count, -range - 1, range);
    const ScoreExponential exponential(
        bench.between(usual ? 1 << 30 : 1, 2147483647),
        static_cast<std::uint32_t>(usual ? bench.between(25, 34) : bench.between(0, 62)));
    std::vector<std::int16_t> fast(count), portable(count);
    const std::int64_t sum = fast_kernels().softmax_weights(count, scores.data(), exponential, fast.data());
    EXPECT_EQ(sum, portable_kernels().softmax_weights(count, scores.data(), exponential, portable.data()));
    EXPECT_EQ(fast, portable);
  });
}

TEST(ScoreExponential, EqualsTheReferenceOnBothSidesOfItsLastDifference) {
  over_seeds(200, [](EngineBench& bench) {
    const std::int32_t multiplier = bench.between(1, 2147483647);
    const std::int32_t shift = bench.between(0, 62);
    const ScoreExponential exponential(multiplier, static_cast<std::uint32_t>(shift));
    const std::int64_t last = std::min<std::int64_t>(exponential.last(), std::int64_t{1} << 40);
    for (const std::int64_t difference :
         {std::int64_t{0}, std::int64_t{1}, last / 3, last / 2, last - 1, last, last + 1, 2 * last + 7}) {
      if (difference < 0) continue;
      const reference::Wide t = reference::rshr(reference::Wide{difference} * multiplier, static_cast<unsigned>(shift));
      EXPECT_EQ(exponential(difference),
                reference::exp2n(static_cast<std::int64_t>(std::min<reference::Wide>(t, 2147483647))))
          << difference;
    }
  });
}

}  // namespace
}  // namespace dixion::test
