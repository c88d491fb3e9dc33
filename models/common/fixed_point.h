// SPDX-License-Identifier: Apache-2.0
/// The primitives of docs/numerics.md section 2, for the engines. Everything is exact; the wide forms are needed only
/// where a product may leave 64 bits.
#pragma once

#include <algorithm>
#include <cstdint>

#include "models/abi/generated/commands.h"

namespace dixion {

__extension__ using Wide = __int128;

inline constexpr std::uint32_t kMaxShift = 62;

/// Bits of a signed format an operator may write; 0 for others.
[[nodiscard]] constexpr unsigned format_bits(dixion_format format) {
  switch (format) {
    case DIXION_FORMAT_INT8:
      return 8;
    case DIXION_FORMAT_INT12:
      return 12;
    case DIXION_FORMAT_INT16:
      return 16;
    case DIXION_FORMAT_INT32:
      return 32;
    default:
      return 0;
  }
}

/// x / 2^shift rounded half away from zero. T is std::int64_t or Wide; |x| + 2^(shift - 1) must fit.
template <typename T>
[[nodiscard]] constexpr T rshr(T x, unsigned shift) {
  if (shift == 0) return x;
  return (x + (T{1} << (shift - 1)) - (x < 0 ? 1 : 0)) >> shift;
}

/// x / divisor rounded half away from zero, divisor > 0.
[[nodiscard]] constexpr Wide rdiv(Wide x, Wide divisor) {
  const Wide magnitude = x < 0 ? -x : x;
  const Wide quotient = (2 * magnitude + divisor) / (2 * divisor);
  return x < 0 ? -quotient : quotient;
}

/// sat_bits(x); counts if that changes x.
template <typename T>
[[nodiscard]] constexpr std::int64_t saturate(T x, unsigned bits, std::uint64_t& saturations) {
  const T high = (T{1} << (bits - 1)) - 1;
  const T y = std::clamp<T>(x, -high - 1, high);
  saturations += x != y ? 1U : 0U;
  return static_cast<std::int64_t>(y);
}

[[nodiscard]] constexpr bool fits_int32(std::int64_t x) { return x == static_cast<std::int32_t>(x); }

/// requant(x, multiplier, shift, bits) with everything but x prepared.
class Requantiser {
 public:
  /// shift at most kMaxShift, bits 8 to 32.
  constexpr Requantiser(std::int32_t multiplier, std::uint32_t shift, unsigned bits)
      : multiplier_(multiplier),
        half_(shift > 0 ? std::int64_t{1} << (shift - 1) : 0),
        high_((std::int64_t{1} << (bits - 1)) - 1),
        shift_(shift),
        negative_(shift > 0 ? -1 : 0) {}

  /// |x| < 2^31: every intermediate fits in 64 bits.
  [[nodiscard]] constexpr std::int32_t narrow(std::int64_t x, std::uint64_t& saturations) const {
    const std::int64_t product = x * multiplier_;
    return limit((product + half_ + ((product >> 63) & negative_)) >> shift_, saturations);
  }
  [[nodiscard]] constexpr std::int32_t operator()(std::int64_t x, std::uint64_t& saturations) const {
    return fits_int32(x) ? narrow(x, saturations) : wide(x, saturations);
  }

  [[nodiscard]] constexpr std::int32_t multiplier() const { return static_cast<std::int32_t>(multiplier_); }
  [[nodiscard]] constexpr std::int32_t shift() const { return static_cast<std::int32_t>(shift_); }

 private:
  [[nodiscard]] constexpr std::int32_t limit(std::int64_t x, std::uint64_t& saturations) const {
    const std::int64_t y = std::min(std::max(x, -high_ - 1), high_);
    saturations += x != y ? 1U : 0U;
    return static_cast<std::int32_t>(y);
  }
  [[nodiscard]] constexpr std::int32_t wide(std::int64_t x, std::uint64_t& saturations) const {
    const Wide y = rshr(static_cast<Wide>(x) * multiplier_, shift_);
    const Wide bounded = std::clamp<Wide>(y, -Wide{high_} - 1, high_);
    saturations += y != bounded ? 1U : 0U;
    return static_cast<std::int32_t>(bounded);
  }

  std::int64_t multiplier_;
  std::int64_t half_;
  std::int64_t high_;
  std::uint32_t shift_;
  std::int64_t negative_;  // -1: negative products round the other way
};

/// The factor in two immediates of a command.
[[nodiscard]] constexpr Requantiser requantiser(std::uint32_t multiplier, std::uint32_t shift, unsigned bits) {
  return {static_cast<std::int32_t>(multiplier), shift, bits};
}

/// Interpolation between table[index] and table[index + 1], at r / 2^fraction_bits; fraction_bits at least 1.
[[nodiscard]] constexpr std::int64_t interpolate(const std::int32_t* table, std::int64_t index, std::int64_t r,
                                                 unsigned fraction_bits) {
  const std::int64_t slope = std::int64_t{table[index + 1]} - table[index];
  return table[index] + ((slope * r + (std::int64_t{1} << (fraction_bits - 1))) >> fraction_bits);
}

}  // namespace dixion
