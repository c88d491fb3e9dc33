// SPDX-License-Identifier: Apache-2.0
/// Integer operations whose results the RISC-V specification defines where C++ does not.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

namespace dixion::host {

/// x / 0 = -1 and the most negative value / -1 = itself (unprivileged specification, table 7.1).
template <typename T>
constexpr T divide(T dividend, T divisor) {
  if (divisor == 0) return static_cast<T>(-1);
  if constexpr (std::is_signed_v<T>) {
    if (dividend == std::numeric_limits<T>::min() && divisor == -1) return dividend;
  }
  return static_cast<T>(dividend / divisor);
}

/// x % 0 = x and the most negative value % -1 = 0.
template <typename T>
constexpr T remainder(T dividend, T divisor) {
  if (divisor == 0) return dividend;
  if constexpr (std::is_signed_v<T>) {
    if (divisor == -1) return 0;
  }
  return static_cast<T>(dividend % divisor);
}

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

constexpr std::uint64_t multiply_high_signed(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>((static_cast<Wide>(static_cast<std::int64_t>(a)) * static_cast<std::int64_t>(b)) >>
                                    64);
}
constexpr std::uint64_t multiply_high_signed_unsigned(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>((static_cast<Wide>(static_cast<std::int64_t>(a)) * static_cast<Wide>(b)) >> 64);
}
constexpr std::uint64_t multiply_high_unsigned(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>((static_cast<UnsignedWide>(a) * b) >> 64);
}

/// The low 32 bits, sign-extended: what every W instruction leaves in its register.
constexpr std::uint64_t word(std::uint64_t value) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(value)));
}

}  // namespace dixion::host
