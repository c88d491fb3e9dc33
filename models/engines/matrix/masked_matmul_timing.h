// SPDX-License-Identifier: Apache-2.0
/// accel_cycles of matrix products under a mask. Formulas, sources, assumptions: docs/timing.md.
#pragma once

#include <cstdint>
#include <vector>

#include "models/common/accelerator_config.h"
#include "models/common/mask_work.h"
#include "models/engines/matrix/matrix_timing.h"
#include "models/sparsity/tile_work.h"

namespace dixion {

/// What time depends on, beside the mask.
struct MaskedMatmul {
  MatmulShape shape;  ///< weights shared by all samples
  dixion_split split = DIXION_SPLIT_ROWS;
  unsigned cores = 1;
  bool marks_inputs = false;     ///< the mask is on K; else on N
  std::uint64_t shares = 1;      ///< columns that share a bit, output masks only
  std::uint64_t grid_width = 0;  ///< as in TileShape
  unsigned depth = 0;            ///< blocks merged into one by a schedule; 0: there is none
  bool by_columns = false;       ///< what the mask is on lies by tiles' columns

  [[nodiscard]] std::uint64_t mask_columns() const { return marks_inputs ? shape.depth : shape.columns / shares; }
};

/// How the rows of the mask form tiles: of a sample's tokens with a schedule, patches or tiles' columns; else rows of
/// all samples as they follow each other, samples by themselves under HEADS.
[[nodiscard]] TileShape masked_tiles(const AcceleratorConfig& config, const MaskedMatmul& product);

/// Columns of a mask that at least one of its first `rows` rows keeps.
[[nodiscard]] std::uint64_t used_anywhere(const MaskSource& mask, std::uint64_t rows, std::uint64_t columns);

struct MaskedMatmulTiming {
  Cycles compute = 0;
  MaskWork work;
};

/// `dense` is matmul_timing() of the same product, `tiles` those of masked_tiles(), `limit` tiles of them looked at (0:
/// all).
[[nodiscard]] MaskedMatmulTiming masked_matmul_timing(const AcceleratorConfig& config, const MaskedMatmul& product,
                                                      const MatmulTiming& dense, const std::vector<TileWork>& tiles,
                                                      std::uint64_t limit);

}  // namespace dixion
