// SPDX-License-Identifier: Apache-2.0
/// ConMerge (EXION, HPCA 2025, arXiv 2501.05680): makes the array run sparse outputs in dense form. The method is
/// published, its details are a reconstruction (docs/conmerge.md). Plain function of mask, tiles and rule; time is in
/// conmerge_timing.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/sparsity/mask.h"
#include "models/sparsity/merge_rule.h"
#include "models/sparsity/merged_block.h"

namespace dixion {

/// What the array runs for one tile, and what the generator did for it.
struct TileSchedule {
  std::vector<MergedBlock> blocks;     ///< in the order the array runs them; empty if nothing is needed
  std::uint64_t columns = 0;           ///< of the mask
  std::uint64_t condensed_blocks = 0;  ///< blocks after condensing, before merging
  std::uint64_t merges = 0;            ///< candidates accepted
  std::uint64_t refusals = 0;          ///< candidates refused for a conflict without a lane
};

/// `columns[c]` are the lanes that need column c (tile_columns()), at most kMaxMaskColumns; at most `depth` blocks, 1
/// to kMaxSources, are merged into one. DefectError if the rule answers what its interface forbids.
[[nodiscard]] TileSchedule schedule_tile(std::span<const std::uint16_t> columns, const MergeRule& rule,
                                         unsigned depth = kMaxSources);

/// One schedule per tile.
[[nodiscard]] std::vector<TileSchedule> schedule_mask(const BitMask& mask, std::span<const TileTokens> tiles,
                                                      const MergeRule& rule);

/// Sums over tiles.
struct ConMergeCounts {
  std::uint64_t dense_blocks = 0;  ///< without ConMerge: tiles x ceil(columns / 16)
  std::uint64_t condensed_blocks = 0;
  std::uint64_t merged_blocks = 0;  ///< what the array runs
  std::uint64_t outputs = 0;        ///< needed outputs
  std::uint64_t merges = 0;
  std::uint64_t refusals = 0;

  /// Share of the units that compute a needed output while the schedule runs, 0 to 1; 0 for an empty schedule.
  [[nodiscard]] double utilisation() const;
};

[[nodiscard]] ConMergeCounts count(std::span<const TileSchedule> schedules);

}  // namespace dixion
