// SPDX-License-Identifier: Apache-2.0
/// GEGLU (Shazeer 2020, arXiv 2002.05202), docs/numerics.md section 14.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/common/fixed_point.h"

namespace dixion {

/// src [rows, 2 * width]: values in the first half of a row, gates in the second -> dst [rows, width], int16 or int32.
/// Returns the number of saturations.
template <typename Dst>
std::uint64_t geglu(const Requantiser& to_q16, const Requantiser& to_dst, std::size_t rows, std::size_t width,
                    const std::int32_t* src, Dst* dst);

}  // namespace dixion
