// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

/// The scalar reference: every operator of docs/numerics.md written down once more, plainly. It shares the data of
/// models/common/numeric_tables.h with the engines and nothing else. Next: operators.h.
namespace dixion::reference {

__extension__ using Wide = __int128;

/// Counts the saturations that changed a value.
using Saturations = std::uint64_t;

/// sat_b: the nearest value of a signed `bits`-bit integer (2...64).
inline std::int64_t saturate(Wide x, unsigned bits, Saturations& count) {
  const Wide limit = Wide{1} << (bits - 1);
  if (x >= limit) {
    ++count;
    return static_cast<std::int64_t>(limit - 1);
  }
  if (x < -limit) {
    ++count;
    return static_cast<std::int64_t>(-limit);
  }
  return static_cast<std::int64_t>(x);
}

/// x / 2^shift (shift 0...126), rounded half away from zero.
inline Wide rshr(Wide x, unsigned shift) {
  if (shift == 0) return x;
  const Wide half = Wide{1} << (shift - 1);
  return x < 0 ? -((-x + half) >> shift) : (x + half) >> shift;
}

/// x / d, d > 0, rounded half away from zero.
Wide rdiv(Wide x, Wide d);

/// A real factor as multiplier / 2^shift, shift 0...62.
struct Requant {
  std::int32_t multiplier = 1;
  std::int32_t shift = 0;
  bool operator==(const Requant&) const = default;
};

/// The Requant nearest to `factor` (docs/numerics.md, section 12). factor > 0 and below 2^31.
Requant requant_of(double factor);

inline std::int64_t requant(Wide x, Requant factor, unsigned bits, Saturations& count) {
  return saturate(rshr(x * factor.multiplier, static_cast<unsigned>(factor.shift)), bits, count);
}

/// Linear interpolation between table[i] and table[i + 1]; r in 0...2^f - 1.
std::int64_t lerp(const std::int32_t* table, std::size_t i, std::int64_t r, unsigned f);

/// 4096 * 2^(-t / 65536), at most 4095; t >= 0.
std::int32_t exp2n(std::int64_t t);

/// 1 / sqrt(v) = root * 2^-45 * 2^(-exponent / 2) for v >= 1.
struct InverseRoot {
  std::int64_t root;
  int exponent;
};
InverseRoot rsqrt(std::uint64_t v);

/// One block of Philox4x32-10.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

/// A uniform 32-bit word as a standard normal number in Q16.
std::int32_t normal(std::uint32_t word);

}  // namespace dixion::reference
