// SPDX-License-Identifier: Apache-2.0
/// Attention on one core, one cycle at a time: scores, exponentials, weighted sum and division of every tile of
/// queries, chained between array and vector lanes. Products are those of matrix_reference.h.
#pragma once

#include <cstdint>
#include <vector>

#include "models/common/accelerator_config.h"
#include "models/common/clock.h"

namespace dixion::test {

struct ReferenceAttention {
  std::uint64_t heads = 1, queries = 1, keys = 1, depth = 1;  ///< heads of one core, Tq, Tk, D
  unsigned score_passes = 1;                                  ///< 2 where the scores of a tile do not fit
};

/// A tile of queries that has scores of some keys (0: of none, its weights are known) and weighs the values of some.
struct ReferenceTile {
  std::uint64_t rows = 1, scored = 1, weighed = 1;
};

struct ReferenceChain {
  Cycles compute = 0;  ///< from the first operand of the first tile to the last element of the last division
  Cycles waits = 0;    ///< in which the array stood still for an operand in a bank
  std::uint64_t tiles = 0;
};

/// Array: scores of tile i + 1 before the weighted sum of tile i, as scores of two tiles have room; a product follows
/// the one before it without running empty. Lanes: exponentials of tile i + 1 before the division of tile i;
/// exponentials wait for all scores of their tile (the row maximum), the weighted sum for all exponentials, the
/// division for the whole sum.
[[nodiscard]] ReferenceChain run_attention(const AcceleratorConfig& config, const ReferenceAttention& attention);
/// The same for any tiles, in order, of heads `depth` deep.
[[nodiscard]] ReferenceChain run_attention(const AcceleratorConfig& config, const std::vector<ReferenceTile>& tiles,
                                           std::uint64_t depth, unsigned score_passes);

}  // namespace dixion::test
