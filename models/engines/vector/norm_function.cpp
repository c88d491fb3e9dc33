// SPDX-License-Identifier: Apache-2.0
#include "models/engines/vector/norm_function.h"

#include <bit>
#include <vector>

#include "models/common/numeric_tables.h"

namespace dixion {
namespace {

constexpr unsigned kCentredBits = 26;

/// Writes x - mean to `centred`; returns the variance without epsilon.
std::uint64_t centre(std::size_t depth, const std::int32_t* x, std::int32_t* centred, std::uint64_t& saturations) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < depth; ++i) sum += x[i];
  const auto wide_depth = static_cast<std::int64_t>(depth);
  const auto mean = static_cast<std::int64_t>(rdiv(sum, wide_depth));
  std::uint64_t squares = 0;
  for (std::size_t i = 0; i < depth; ++i) {
    const std::int64_t c = saturate(x[i] - mean, kCentredBits, saturations);
    centred[i] = static_cast<std::int32_t>(c);
    squares += static_cast<std::uint64_t>(c * c);
  }
  return (squares + depth / 2) / depth;
}

}  // namespace

InverseRoot inverse_root(std::uint64_t v) {
  const int p = static_cast<int>(std::bit_width(v)) - 1;
  const int exponent = (p & ~1) - 30;
  const std::uint64_t u = exponent >= 0 ? v >> exponent : v << -exponent;
  const auto index = static_cast<std::int64_t>(u >> 23) - 128;
  return {interpolate(tables::kRsqrt.data(), index, static_cast<std::int64_t>(u & 0x7fffff), 23), exponent};
}

std::uint64_t norm_modulate(const NormOperands& operands, const Requantiser& factor, std::int16_t* dst) {
  const std::size_t depth = operands.depth;
  std::vector<std::int32_t> centred(depth);
  std::uint64_t saturations = 0;
  for (std::size_t row = 0; row < operands.rows; ++row) {
    const std::uint64_t variance = centre(depth, operands.src + row * depth, centred.data(), saturations);
    const InverseRoot inverse = inverse_root(variance + operands.epsilon);
    const auto down = static_cast<unsigned>(29 + inverse.exponent / 2);
    for (std::size_t i = 0; i < depth; ++i) {
      const std::int64_t n = rshr(centred[i] * inverse.root, down);
      std::int64_t y = n;
      if (operands.scale != nullptr) y += rshr(n * operands.scale[i], 16);
      if (operands.shift != nullptr) y += operands.shift[i];
      dst[row * depth + i] = static_cast<std::int16_t>(factor(y, saturations));
    }
  }
  return saturations;
}

}  // namespace dixion
