// SPDX-License-Identifier: Apache-2.0
/// accel_cycles and operand passes of the prediction engine. Formulas, sources, assumptions: docs/timing.md.
#pragma once

#include <cstdint>

#include "models/abi/generated/commands.h"
#include "models/common/accelerator_config.h"
#include "models/common/clock.h"
#include "models/engines/matrix/operand_delivery.h"

namespace dixion {

struct PredictShape {
  std::uint64_t batch = 1, tokens = 1, width = 1, heads = 1, depth = 1;  ///< at least 1; width: D of src
  std::uint64_t listed = 0;  ///< tokens of a sample that are predicted, of the others K is stored; 0: all

  [[nodiscard]] constexpr std::uint64_t queries() const { return listed == 0 ? tokens : listed; }
};

struct PredictTiming {
  Cycles compute = 0;
  Cycles bank = 0;  ///< part of compute: waiting for operands because they share banks
  Cycles drain = 0;
  std::uint32_t src_passes = 1;
  std::uint32_t weight_passes = 1;
};

/// The accelerator's configuration with the prediction engine's array in place of the matrix engine's.
[[nodiscard]] AcceleratorConfig prediction_array(const AcceleratorConfig& config);

/// `array` is prediction_array() of a configuration with a prediction engine, `delivery` belongs to it; `split` is ROWS
/// or HEADS.
[[nodiscard]] PredictTiming predict_timing(const AcceleratorConfig& array, OperandDelivery& delivery,
                                           const PredictShape& shape, dixion_split split, unsigned cores);

/// Log-domain products in all.
[[nodiscard]] std::uint64_t log_products(const PredictShape& shape);

}  // namespace dixion
