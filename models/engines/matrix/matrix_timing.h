// SPDX-License-Identifier: Apache-2.0
/// accel_cycles and operand passes of the matrix engine. Formulas, sources, assumptions: docs/timing.md.
#pragma once

#include <cstdint>

#include "models/abi/generated/commands.h"
#include "models/common/accelerator_config.h"
#include "models/common/clock.h"
#include "models/engines/matrix/attention_chain.h"
#include "models/engines/matrix/operand_delivery.h"

namespace dixion {

struct MatmulShape {
  std::uint64_t batch = 1, rows = 1, columns = 1, depth = 1;  ///< batch, M, N, K; at least 1
  bool weight_per_batch = false;
  unsigned weight_bytes = 1;  ///< per element
  unsigned dst_bytes = 2;     ///< per element
};

struct MatmulTiming {
  Cycles compute = 0;  ///< accel_cycles, operands in the core SRAM
  Cycles steps = 0;    ///< part of compute: the array multiplies
  Cycles wait = 0;     ///< part of compute: it stands still for operands
  Cycles bank = 0;     ///< part of wait: because they share banks
  Cycles drain = 0;    ///< accel_cycles in which the last tiles leave
  std::uint32_t src_passes = 1;
  std::uint32_t weight_passes = 1;
};

struct AttentionShape {
  std::uint64_t heads = 1, queries = 1, keys = 1, depth = 1;  ///< batch times heads, Tq, Tk, D; at least 1
};

struct AttentionTiming {
  Cycles compute = 0;
  Cycles bank = 0;
  Cycles drain = 0;
  std::uint32_t key_passes = 1;
  std::uint32_t value_passes = 1;
};

/// Cycles from the first operands entering the array to the last result leaving it, beyond the time tiles take.
[[nodiscard]] Cycles matrix_fill_cycles(const AcceleratorConfig& config);

/// `delivery` is that of `config`.
[[nodiscard]] MatmulTiming matmul_timing(const AcceleratorConfig& config, OperandDelivery& delivery,
                                         const MatmulShape& shape, dixion_split split, unsigned cores);
/// How often the array meets K: twice where the scores of a tile of queries do not fit beside their operands.
[[nodiscard]] std::uint64_t attention_score_passes(const AcceleratorConfig& config, const AttentionShape& shape);
/// A tile of `rows` queries that has scores of `scored` keys and weighs the values of `weighed`. Without `conflicts` it
/// waits only for what the banks are too few or too narrow for.
[[nodiscard]] AttentionTile attention_tile(const AcceleratorConfig& config, OperandDelivery& delivery,
                                           const AttentionShape& shape, std::uint64_t rows, std::uint64_t scored,
                                           std::uint64_t weighed, bool conflicts = true);
/// `split` is ROWS or HEADS.
[[nodiscard]] AttentionTiming attention_timing(const AcceleratorConfig& config, OperandDelivery& delivery,
                                               const AttentionShape& shape, dixion_split split, unsigned cores);

}  // namespace dixion
