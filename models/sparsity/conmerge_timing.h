// SPDX-License-Identifier: Apache-2.0
/// How long ConMerge takes and how long its schedules run. All cycles are accel_cycles. Formulas and assumptions:
/// docs/conmerge.md, "Time and traffic".
#pragma once

#include <cstdint>
#include <span>

#include "models/sparsity/conmerge.h"

namespace dixion {

/// Of one generator (assumed).
struct GeneratorRates {
  std::uint64_t columns_per_cycle = 1;  ///< classified; at least 1
  std::uint64_t candidate_cycles = 16;  ///< to load a block into the merging unit or to try one on it: a column each
};

/// What one tile asks of the generator's two stages.
struct TileStages {
  std::uint64_t classify = 0;
  std::uint64_t merge = 0;
};

/// Every column of the mask is classified; `loads` blocks are loaded or tried.
[[nodiscard]] TileStages tile_stages(std::uint64_t columns, std::uint64_t loads, const GeneratorRates& rates);
/// Blocks loaded or tried: every merged block is begun, every candidate tried.
[[nodiscard]] std::uint64_t generator_loads(const TileSchedule& schedule);

/// One generator, given tiles one after the other. It has two sets of bins for classified columns, so that it
/// classifies a tile while it merges the one before.
class Generator {
 public:
  /// When it can begin to classify the next tile.
  [[nodiscard]] std::uint64_t ready() const;
  /// Takes a tile at ready(); returns when its schedule is complete.
  std::uint64_t take(const TileStages& tile);

 private:
  std::uint64_t classified_ = 0, merged_ = 0;  // ends of the last tile's stages
  std::uint64_t bins_free_ = 0;                // end of merging of the last but one
};

/// Cycles until the last of `generators` is done, each taking the next tile when it is ready.
[[nodiscard]] std::uint64_t generator_cycles(std::span<const TileStages> tiles, unsigned generators);

/// Cycles of the array for `blocks` passes of products of length `inner` (K, at least 1) with units of `dot_length`;
/// fill and drain are the engine's.
[[nodiscard]] std::uint64_t array_cycles(std::uint64_t blocks, std::uint64_t inner, std::uint64_t dot_length);

/// Bytes of the tile's records: written once by the generator, read by every use.
[[nodiscard]] std::uint64_t record_bytes(const TileSchedule& schedule);
/// Mask bytes the generator reads for one tile: a bit per lane and column.
[[nodiscard]] std::uint64_t mask_bytes(const TileSchedule& schedule, unsigned lanes);

struct TileTime {
  TileStages generator;
  std::uint64_t array = 0;
};

/// Cycles the array waits when one generator runs ahead of it, tile after tile: records go to memory, so nothing but
/// the order holds the generator back. 0 if schedules are built before they are used.
[[nodiscard]] std::uint64_t exposed_generator_cycles(std::span<const TileTime> tiles);

}  // namespace dixion
