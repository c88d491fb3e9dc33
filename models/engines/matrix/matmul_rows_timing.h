// SPDX-License-Identifier: Apache-2.0
/// accel_cycles of a matrix product whose groups of columns need some rows only. Formulas: docs/timing.md.
#pragma once

#include <cstdint>

#include "models/common/accelerator_config.h"
#include "models/common/mask_source.h"
#include "models/engines/matrix/matrix_timing.h"

namespace dixion {

struct RowsTiming {
  MatmulTiming product;              ///< of what is needed; passes are those of the whole product
  std::uint64_t needed = 0;          ///< rows, summed over samples and groups
  std::uint64_t macs_done = 0;       ///< products of the rows that the array takes
};

/// Weights are shared by all samples. `groups` divides the columns; row b * groups + g of `rows` says which of the
/// shape's rows group g of sample b needs.
[[nodiscard]] RowsTiming matmul_rows_timing(const AcceleratorConfig& config, OperandDelivery& delivery,
                                            const MatmulShape& shape, std::uint64_t groups, dixion_split split,
                                            unsigned cores, const MaskSource& rows);

}  // namespace dixion
