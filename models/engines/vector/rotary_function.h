// SPDX-License-Identifier: Apache-2.0
/// Rotary positions (Su et al. 2021, arXiv 2104.09864) on interleaved pairs, docs/numerics.md section 16.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/common/fixed_point.h"

namespace dixion {

/// `count` INT12 lanes, an even number; table[2i], table[2i + 1]: cosine and sine for x[2i], x[2i + 1], Q14. Writes
/// INT12 lanes; returns the number of saturations.
std::uint64_t rotate_pairs(const Requantiser& factor, std::size_t count, const std::int16_t* x,
                           const std::int16_t* table, std::int16_t* dst);

}  // namespace dixion
