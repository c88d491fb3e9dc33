// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

namespace dixion {

/// two(x) of docs/numerics.md section 21: sign and the two highest bits of the magnitude. Below |x| by less than a
/// quarter of it.
[[nodiscard]] constexpr std::int32_t two_powers(std::int32_t x) {
  const std::uint32_t magnitude = x < 0 ? 0U - static_cast<std::uint32_t>(x) : static_cast<std::uint32_t>(x);
  const std::uint32_t first = std::bit_floor(magnitude);
  const auto kept = static_cast<std::int32_t>(first + std::bit_floor(magnitude - first));
  return x < 0 ? -kept : kept;
}

}  // namespace dixion
