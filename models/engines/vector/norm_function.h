// SPDX-License-Identifier: Apache-2.0
/// Layer normalisation with modulation, docs/numerics.md sections 6 and 7.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/common/fixed_point.h"
#include "models/common/kernel_set.h"

namespace dixion {

/// 1 / sqrt(v) = root * 2^-45 * 2^(-exponent / 2); the exponent is even.
struct InverseRoot {
  std::int64_t root;
  int exponent;
};

/// v >= 1.
[[nodiscard]] InverseRoot inverse_root(std::uint64_t v);

inline constexpr std::size_t kMaxNormDepth = 8192;  ///< beyond it the sum of squares may leave 64 bits

struct NormOperands {
  std::size_t rows = 0;                 ///< batch times T
  std::size_t depth = 0;                ///< D, at most kMaxNormDepth
  const std::int32_t* src = nullptr;    ///< [rows, D] Q16
  const std::int32_t* shift = nullptr;  ///< [D] or null
  const std::int32_t* scale = nullptr;  ///< [D] or null
  std::uint32_t epsilon = 1;            ///< Q32, at least 1
};

/// Normalises rows that share shift and scale. Writes [rows, D] INT12; returns the number of saturations.
std::uint64_t norm_modulate(const KernelSet& kernels, const NormOperands& operands, const Requantiser& factor,
                            std::int16_t* dst);

}  // namespace dixion
