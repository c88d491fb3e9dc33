// SPDX-License-Identifier: Apache-2.0
/// What one core of this workstation multiplies at best: register-blocked loops over packed panels, nothing around
/// them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dixion::bench {

/// Which instructions the bare kernels use, e.g. "AVX-512 VNNI".
[[nodiscard]] const char* bare_kernel_name();

inline constexpr std::size_t kBareRows = 8;      ///< rows of a tile
inline constexpr std::size_t kBareColumns = 48;  ///< columns of a tile

/// c [rows, 48] = a [rows, k] times one packed panel, rows a multiple of 8, k of 2: 16-bit operands, 32-bit sums.
/// panel[(l / 2 * 48 + column) * 2 + l % 2] is element l of the column.
void bare_int16(std::size_t rows, std::size_t k, const std::int16_t* a, const std::int16_t* panel, std::int32_t* c);

/// The same with 8-bit operands, a unsigned, k a multiple of 4: panel[(l / 4 * 48 + column) * 4 + l % 4].
void bare_int8(std::size_t rows, std::size_t k, const std::uint8_t* a, const std::int8_t* panel, std::int32_t* c);

}  // namespace dixion::bench
