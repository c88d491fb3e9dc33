// SPDX-License-Identifier: Apache-2.0
/// Attention of docs/numerics.md sections 5 and 18 on dense buffers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/common/kernel_set.h"
#include "models/common/mask_bits.h"
#include "models/engines/matrix/mask_rule.h"

namespace dixion {

struct AttentionOperands {
  std::size_t heads = 0;               ///< batch times heads
  std::size_t queries = 0;             ///< Tq
  std::size_t keys = 0;                ///< Tk
  std::size_t depth = 0;               ///< D
  const std::int16_t* q = nullptr;     ///< [heads, Tq, D], 12-bit values
  const std::int16_t* k = nullptr;     ///< [heads, Tk, D]
  const std::int16_t* v = nullptr;     ///< [heads, Tk, D]
  std::int32_t score_multiplier = 1;   ///< positive
  std::uint32_t score_shift = 0;       ///< at most 62
  std::int32_t output_multiplier = 1;  ///< positive
  std::uint32_t output_shift = 0;      ///< at most 62
  MaskTile tile;                       ///< elements that a bit of mask or marks stands for
  /// [heads, rows of tiles, mask_words(tiles of a row)], each row keeps a key; null: all are kept.
  const std::uint32_t* mask = nullptr;
  std::uint32_t* marks = nullptr;  ///< written like a mask, all 0 before; null: nothing is marked
  const MaskRule* rule = nullptr;  ///< which keys are marked, needed with marks
  std::uint32_t threshold = 0;     ///< for the rule
};

/// Writes [heads, Tq, D] INT12 to `dst`; returns the number of saturations. Heads run on the threads of `kernels`.
std::uint64_t attention_function(const KernelSet& kernels, const AttentionOperands& operands, std::int16_t* dst);

}  // namespace dixion
