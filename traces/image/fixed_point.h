// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace dixion {

/// Real value of one unit of a Q16 number.
inline constexpr double kQ16 = 1.0 / 65536.0;
/// That of a Q14 number: tables of cosines and sines.
inline constexpr double kQ14 = 1.0 / 16384.0;

/// A real factor as the accelerator takes it: multiplier / 2^shift.
struct Factor {
  std::int32_t multiplier = 1;
  std::int32_t shift = 0;  ///< 0 to 62
};

/// The nearest Factor (docs/numerics.md section 12): shift is the largest one up to 62 whose rounded multiplier stays
/// below 2^31. Throws ConfigError(`user`, ...) for a factor that is not positive or not below 2^31.
Factor factor_of(double real, const std::string& user);

/// Nearest integer of real * 2^fraction_bits, ties away from zero. Throws ConfigError(`user`, ...) beyond 32 bits.
std::int32_t fixed_point(double real, int fraction_bits, const std::string& user);

/// Nearest integer, ties away from zero, limited to 32 bits: a bias in units of the accumulator.
std::int32_t saturated(double real);

}  // namespace dixion
