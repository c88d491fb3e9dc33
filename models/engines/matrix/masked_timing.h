// SPDX-License-Identifier: Apache-2.0
/// accel_cycles of attention under a mask. Formulas, sources, assumptions: docs/timing.md.
#pragma once

#include <cstdint>

#include "models/common/accelerator_config.h"
#include "models/common/mask_bits.h"
#include "models/common/mask_supply.h"
#include "models/engines/matrix/matrix_timing.h"

namespace dixion {

struct MaskedTiming {
  Cycles compute = 0;
  std::uint64_t kept = 0;            ///< elements of the mask, estimated where not all tiles were looked at
  std::uint64_t macs_exploited = 0;  ///< products not done, estimated likewise
  std::uint64_t list_cycles = 0;     ///< of all tiles that were run as lists
  std::uint64_t list_stalls = 0;     ///< likewise, summed over groups
  double list_variance = 0;          ///< of list_cycles; 0 where every tile was looked at
};

/// Tiles that are all looked at; of more, kSampledTiles are.
inline constexpr std::uint64_t kExactTiles = 16;
inline constexpr std::uint64_t kSampledTiles = 16;

/// `delivery` is that of `config`, `split` is ROWS or HEADS. Rows of `mask` are counted over heads and queries, or rows
/// of tiles where a bit stands for more than a key of a query; "keys" of the source are its bits per row.
[[nodiscard]] MaskedTiming masked_attention_timing(const AcceleratorConfig& config, OperandDelivery& delivery,
                                                   const AttentionShape& shape, dixion_split split, unsigned cores,
                                                   const MaskSource& mask, const MaskTile& bit = {});

}  // namespace dixion
