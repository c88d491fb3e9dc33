// SPDX-License-Identifier: Apache-2.0
#include "models/fast_kernels/fast_kernels.h"
#include "tests/support/engine_bench.h"

namespace dixion::test {
namespace {

template <typename Element>
std::vector<Element> values(EngineBench& bench, std::size_t count, std::int32_t low, std::int32_t high) {
  std::vector<Element> result(count);
  for (Element& value : result) value = static_cast<Element>(bench.between(low, high));
  return result;
}

TEST(FastKernels, DotProductsEqualThePortableOnes) {
  over_seeds(120, [](EngineBench& bench) {
    const auto m = static_cast<std::size_t>(bench.between(1, 20)), n = static_cast<std::size_t>(bench.between(1, 70));
    const auto k = static_cast<std::size_t>(bench.between(1, 150));
    const std::size_t lda = k + static_cast<std::size_t>(bench.between(0, 3));
    const std::size_t ldb = k + static_cast<std::size_t>(bench.between(0, 3));
    const std::size_t ldc = n + static_cast<std::size_t>(bench.between(0, 3));
    // Exactly as long as needed: a read behind the end is seen by the address sanitizer.
    const auto a = values<std::int16_t>(bench, (m - 1) * lda + k, -2048, 2047);
    const auto b = values<std::int16_t>(bench, (n - 1) * ldb + k, -2048, 2047);
    std::vector<std::int32_t> fast((m - 1) * ldc + n, 7), portable = fast;
    fast_kernels().dot_products(m, n, k, a.data(), lda, b.data(), ldb, fast.data(), ldc);
    portable_kernels().dot_products(m, n, k, a.data(), lda, b.data(), ldb, portable.data(), ldc);
    EXPECT_EQ(fast, portable);
  });
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
