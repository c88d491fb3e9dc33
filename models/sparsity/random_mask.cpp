// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/random_mask.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "models/common/check.h"

namespace dixion {

namespace {

/// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }
  /// 0 to bound - 1; the remainder's bias is below bound / 2^64.
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }

 private:
  std::uint64_t state_;
};

double column_probability(double u, double density, unsigned skew) {
  if (skew == 0) return density;
  const double e = skew;
  // The mean of c u^e is c / (e + 1). Beyond density 1 / (e + 1) the law is cut at 1 from u = top on, and its mean is
  // 1 - top e / (e + 1).
  const bool cut = density * (e + 1) > 1;
  const double top = cut ? (1 - density) * (e + 1) / e : 1;
  if (u >= top) return 1;
  double power = cut ? 1 : density * (e + 1);
  for (unsigned i = 0; i < skew; ++i) power *= u / top;  // not pow(): its last bit differs between libraries
  return power;
}

}  // namespace

BitMask random_mask(const RandomMaskShape& shape, std::uint64_t seed) {
  if (!(shape.density >= 0 && shape.density <= 1)) {
    throw ConfigError("density", std::to_string(shape.density) + " is not from 0 to 1");
  }
  if (shape.skew > 64) throw ConfigError("skew", std::to_string(shape.skew) + " is not from 0 to 64");
  Random random(seed);
  std::vector<std::size_t> rank(shape.columns);
  std::iota(rank.begin(), rank.end(), std::size_t{0});
  for (std::size_t i = shape.columns; i > 1; --i) std::swap(rank[i - 1], rank[random.below(i)]);
  BitMask mask(shape.rows, shape.columns);
  for (std::size_t column = 0; column < shape.columns; ++column) {
    const double u = (static_cast<double>(rank[column]) + 0.5) / static_cast<double>(shape.columns);
    const auto threshold = static_cast<std::uint64_t>(column_probability(u, shape.density, shape.skew) * 4294967296.0);
    for (std::size_t row = 0; row < shape.rows; ++row) {
      if (random.next() >> 32 < threshold) mask.set(row, column);
    }
  }
  return mask;
}

}  // namespace dixion
