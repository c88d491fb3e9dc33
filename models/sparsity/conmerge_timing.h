// SPDX-License-Identifier: Apache-2.0
/// How long ConMerge takes and how long its schedules run. All cycles are accel_cycles. Formulas and assumptions:
/// docs/conmerge.md, "Time and traffic".
#pragma once

#include <cstdint>
#include <span>

#include "models/sparsity/conmerge.h"

namespace dixion {

/// Cycles to classify a column (assumed).
inline constexpr std::uint64_t kClassifyCycles = 1;
/// Cycles to load a block into the merging unit or to try one candidate on it (assumed: a column per cycle).
inline constexpr std::uint64_t kCandidateCycles = 16;

/// Cycles of the generator for one tile: every column is classified, every merged block begun, every candidate tried.
[[nodiscard]] std::uint64_t generator_cycles(const TileSchedule& schedule);

/// Cycles of the array for `blocks` passes of products of length `inner` (K, at least 1) with units of `dot_length`;
/// fill and drain are the engine's.
[[nodiscard]] std::uint64_t array_cycles(std::uint64_t blocks, std::uint64_t inner, std::uint64_t dot_length);

/// Bytes of the tile's records: written once by the generator, read by every use.
[[nodiscard]] std::uint64_t record_bytes(const TileSchedule& schedule);
/// Mask bytes the generator reads for one tile: a bit per lane and column.
[[nodiscard]] std::uint64_t mask_bytes(const TileSchedule& schedule, unsigned lanes);

struct TileTime {
  std::uint64_t generator = 0;
  std::uint64_t array = 0;
};

/// Cycles the array waits when a generator runs ahead of it, tile after tile: records go to memory, so nothing but the
/// order holds the generator back. 0 if schedules are built before they are used.
[[nodiscard]] std::uint64_t exposed_generator_cycles(std::span<const TileTime> tiles);

}  // namespace dixion
