// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/conmerge_timing.h"

#include <algorithm>

#include "models/sparsity/schedule_record.h"

namespace dixion {

std::uint64_t generator_cycles(const TileSchedule& schedule) {
  const std::uint64_t tried = schedule.merges + schedule.refusals;
  return schedule.columns * kClassifyCycles + (schedule.blocks.size() + tried) * kCandidateCycles;
}

std::uint64_t array_cycles(std::uint64_t blocks, std::uint64_t inner, std::uint64_t dot_length) {
  return blocks * ((inner + dot_length - 1) / dot_length);
}

std::uint64_t record_bytes(const TileSchedule& schedule) { return schedule.blocks.size() * kRecordBytes; }

std::uint64_t mask_bytes(const TileSchedule& schedule, unsigned lanes) { return lanes * ((schedule.columns + 7) / 8); }

std::uint64_t exposed_generator_cycles(std::span<const TileTime> tiles) {
  std::uint64_t generated = 0;
  std::uint64_t end = 0;
  std::uint64_t busy = 0;
  for (const TileTime& tile : tiles) {
    generated += tile.generator;
    end = std::max(end, generated) + tile.array;
    busy += tile.array;
  }
  return end - busy;
}

}  // namespace dixion
