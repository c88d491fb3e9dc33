// SPDX-License-Identifier: Apache-2.0
#include "models/engines/vector/norm_function.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <vector>

#include "models/common/check.h"
#include "models/common/numeric_tables.h"

namespace dixion {
namespace {

constexpr unsigned kCentredBits = 26;
constexpr int kQ16 = 16;
// A normalised value is below 2^23 (sqrt(8192) in Q16). Up to these magnitudes every intermediate fits in int32.
constexpr std::int64_t kNarrowScale = std::int64_t{1} << 22;
constexpr std::int64_t kNarrowShift = std::int64_t{1} << 29;

/// Writes x - mean to `centred`; returns the variance without epsilon.
std::uint64_t centre(std::size_t depth, const std::int32_t* x, std::int32_t* centred, std::uint64_t& saturations) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < depth; ++i) sum += x[i];
  const auto mean = static_cast<std::int64_t>(rdiv(sum, static_cast<std::int64_t>(depth)));
  std::uint64_t squares = 0;
  for (std::size_t i = 0; i < depth; ++i) {
    const std::int64_t c = saturate(x[i] - mean, kCentredBits, saturations);
    centred[i] = static_cast<std::int32_t>(c);
    squares += static_cast<std::uint64_t>(c * c);
  }
  return (squares + depth / 2) / depth;
}

bool within(const std::int32_t* values, std::size_t count, std::int64_t limit) {
  return values == nullptr || std::all_of(values, values + count, [&](std::int64_t v) { return std::abs(v) <= limit; });
}

/// What follows the inverse root, for rows of one sample.
class Modulation {
 public:
  Modulation(const KernelSet& kernels, const NormOperands& operands, const Requantiser& factor)
      : kernels_(kernels),
        operands_(operands),
        factor_(factor),
        narrow_(within(operands.scale, operands.depth, kNarrowScale) &&
                within(operands.shift, operands.depth, kNarrowShift)),
        nothing_(operands.depth, 0),
        q16_(operands.depth, kQ16),
        roots_(operands.depth),
        downs_(operands.depth),
        multipliers_(operands.depth, factor.multiplier()),
        shifts_(operands.depth, factor.shift()),
        values_(operands.depth),
        scaled_(operands.depth) {}

  /// Returns the number of saturations.
  std::uint64_t apply(const std::vector<std::int32_t>& centred, const InverseRoot& inverse, std::int16_t* dst) {
    const int down = 29 + inverse.exponent / 2;
    return narrow_ ? apply_narrow(centred, inverse, down, dst)
                   : apply_wide(centred, inverse, static_cast<unsigned>(down), dst);
  }

 private:
  std::uint64_t apply_narrow(const std::vector<std::int32_t>& centred, const InverseRoot& inverse, int down,
                             std::int16_t* dst) {
    const std::size_t depth = operands_.depth;
    std::fill(roots_.begin(), roots_.end(), static_cast<std::int32_t>(inverse.root));
    std::fill(downs_.begin(), downs_.end(), down);
    std::uint64_t saturations =
        kernels_.requantise(depth, centred.data(), {nothing_.data(), roots_.data(), downs_.data()}, 32, values_.data());
    if (operands_.scale != nullptr) {
      const RequantRow scale{nothing_.data(), operands_.scale, q16_.data()};
      saturations += kernels_.requantise(depth, values_.data(), scale, 32, scaled_.data());
      for (std::size_t i = 0; i < depth; ++i) values_[i] += scaled_[i];
    }
    DIXION_CHECK(saturations == 0, "a normalised value left int32");
    const std::int32_t* shift = operands_.shift != nullptr ? operands_.shift : nothing_.data();
    saturations =
        kernels_.requantise(depth, values_.data(), {shift, multipliers_.data(), shifts_.data()}, 12, values_.data());
    for (std::size_t i = 0; i < depth; ++i) dst[i] = static_cast<std::int16_t>(values_[i]);
    return saturations;
  }

  std::uint64_t apply_wide(const std::vector<std::int32_t>& centred, const InverseRoot& inverse, unsigned down,
                           std::int16_t* dst) const {
    std::uint64_t saturations = 0;
    for (std::size_t i = 0; i < operands_.depth; ++i) {
      const std::int64_t n = rshr(centred[i] * inverse.root, down);
      std::int64_t y = n;
      if (operands_.scale != nullptr) y += rshr(n * operands_.scale[i], kQ16);
      if (operands_.shift != nullptr) y += operands_.shift[i];
      dst[i] = static_cast<std::int16_t>(factor_(y, saturations));
    }
    return saturations;
  }

  const KernelSet& kernels_;
  const NormOperands& operands_;
  Requantiser factor_;
  bool narrow_;
  std::vector<std::int32_t> nothing_, q16_, roots_, downs_, multipliers_, shifts_;  // rows of constants for kernels
  std::vector<std::int32_t> values_, scaled_;
};

}  // namespace

InverseRoot inverse_root(std::uint64_t v) {
  const int p = static_cast<int>(std::bit_width(v)) - 1;
  const int exponent = (p & ~1) - 30;
  const std::uint64_t u = exponent >= 0 ? v >> exponent : v << -exponent;
  const auto index = static_cast<std::int64_t>(u >> 23) - 128;
  return {interpolate(tables::kRsqrt.data(), index, static_cast<std::int64_t>(u & 0x7fffff), 23), exponent};
}

std::uint64_t norm_modulate(const KernelSet& kernels, const NormOperands& operands, const Requantiser& factor,
                            std::int16_t* dst) {
  Modulation modulation(kernels, operands, factor);
  std::vector<std::int32_t> centred(operands.depth);
  std::uint64_t saturations = 0;
  for (std::size_t row = 0; row < operands.rows; ++row) {
    const std::size_t offset = row * operands.depth;
    const std::uint64_t variance = centre(operands.depth, operands.src + offset, centred.data(), saturations);
    saturations += modulation.apply(centred, inverse_root(variance + operands.epsilon), dst + offset);
  }
  return saturations;
}

}  // namespace dixion
