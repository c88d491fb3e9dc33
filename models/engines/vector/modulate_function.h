// SPDX-License-Identifier: Apache-2.0
/// Modulation per channel (FiLM, Perez et al. 2018, arXiv 1709.07871), docs/numerics.md section 15.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/common/fixed_point.h"

namespace dixion {

struct ModulateOperands {
  std::size_t positions = 0;            ///< T
  std::size_t channels = 0;             ///< D
  const std::int32_t* src = nullptr;    ///< [T, D]
  const std::int32_t* shift = nullptr;  ///< [D] Q16 or null
  const std::int32_t* scale = nullptr;  ///< [D] Q16 or null
};

/// Modulates one sample. Writes [T, D] int16 or int32; returns the number of saturations.
template <typename Dst>
std::uint64_t modulate(const ModulateOperands& operands, const Requantiser& to_q16, const Requantiser& to_dst,
                       Dst* dst);

}  // namespace dixion
