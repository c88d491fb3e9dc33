// SPDX-License-Identifier: Apache-2.0
/// Eager prediction of docs/numerics.md section 21 on dense buffers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/common/kernel_set.h"
#include "models/engines/matrix/matmul_function.h"

namespace dixion {

/// Longest head whose predicted scores int32 always holds.
inline constexpr std::size_t kMostPredictedDepth = 511;

struct PredictOperands {
  std::size_t batch = 1, tokens = 0, width = 0;  ///< width: D of src
  std::size_t heads = 1, depth = 0;              ///< depth at most kMostPredictedDepth
  std::size_t rows = 0;                          ///< of src, per sample: `tokens`, or those that are listed
  const std::int16_t* src = nullptr;             ///< [batch, rows, width], 12-bit values
  const std::uint32_t* token_of = nullptr;       ///< [batch, rows]; null: row t is token t
  const std::int16_t* keys = nullptr;            ///< [batch, heads, tokens, depth] of tokens without row; null: none
  const std::int8_t* weight = nullptr;           ///< [2 * heads * depth, width]
  const std::int32_t* bias = nullptr;            ///< [2 * heads * depth] or null
  std::vector<RequantEntry> factors;             ///< 2 * heads * depth entries or one for all, shifts in 0...62
  std::size_t keep = 1;                          ///< 1 to tokens
  std::uint32_t dominance = 0;
  bool all_keys = false;  ///< K and V of all rows count as needed
};

struct Prediction {
  std::vector<std::uint32_t> mask;  ///< [batch, heads, rows, mask_words(tokens)]
  std::vector<std::uint32_t> rows;  ///< [batch, 3 * heads, mask_words(rows)]
  std::uint64_t saturations = 0;
};

/// Heads run on the threads of `kernels`.
[[nodiscard]] Prediction predict_function(const KernelSet& kernels, const PredictOperands& operands);

}  // namespace dixion
