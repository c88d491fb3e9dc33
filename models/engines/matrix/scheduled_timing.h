// SPDX-License-Identifier: Apache-2.0
/// accel_cycles of attention whose scores run by a ConMerge schedule. Formulas, sources, assumptions: docs/timing.md.
#pragma once

#include <vector>

#include "models/common/accelerator_config.h"
#include "models/common/mask_work.h"
#include "models/engines/matrix/matrix_timing.h"
#include "models/engines/matrix/operand_delivery.h"
#include "models/sparsity/tile_work.h"

namespace dixion {

struct ScheduledTiming {
  Cycles compute = 0;
  MaskWork work;
};

/// `delivery` is that of `config`, an array of 16 x 16; `split` is ROWS or HEADS. `tiles`: all of them, head after
/// head, 16 queries each (TileShape::scores); `limit` as in tile_works().
[[nodiscard]] ScheduledTiming scheduled_attention_timing(const AcceleratorConfig& config, OperandDelivery& delivery,
                                                         const AttentionShape& shape, dixion_split split,
                                                         unsigned cores, const std::vector<TileWork>& tiles,
                                                         std::uint64_t limit);

}  // namespace dixion
