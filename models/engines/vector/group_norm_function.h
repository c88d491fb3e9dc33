// SPDX-License-Identifier: Apache-2.0
/// Group normalisation with modulation, docs/numerics.md section 13.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/common/fixed_point.h"

namespace dixion {

inline constexpr std::uint64_t kMaxGroupElements = std::uint64_t{1} << 24;  ///< N: bounds a normalised value by 2^29

struct GroupNormOperands {
  std::size_t positions = 0;            ///< T
  std::size_t channels = 0;             ///< C
  std::size_t groups = 1;               ///< divides C; T * C / groups is at most kMaxGroupElements
  const std::int32_t* src = nullptr;    ///< [T, C] Q16
  const std::int32_t* shift = nullptr;  ///< [C] Q16 or null
  const std::int32_t* scale = nullptr;  ///< [C] Q16 or null
  std::uint32_t epsilon = 1;            ///< Q32, at least 1
};

/// Normalises one sample. Writes [T, C] INT12; returns the number of saturations.
std::uint64_t group_norm(const GroupNormOperands& operands, const Requantiser& factor, std::int16_t* dst);

}  // namespace dixion
