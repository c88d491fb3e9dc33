// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/conmerge_timing.h"

#include <algorithm>
#include <vector>

#include "models/sparsity/schedule_record.h"

namespace dixion {
namespace {

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

}  // namespace

TileStages tile_stages(std::uint64_t columns, std::uint64_t loads, const GeneratorRates& rates) {
  return {ceil_div(columns, rates.columns_per_cycle), loads * rates.candidate_cycles};
}

std::uint64_t generator_loads(const TileSchedule& schedule) {
  return schedule.blocks.size() + schedule.merges + schedule.refusals;
}

std::uint64_t Generator::ready() const { return std::max(classified_, bins_free_); }

std::uint64_t Generator::take(const TileStages& tile) {
  classified_ = ready() + tile.classify;
  bins_free_ = merged_;
  merged_ = std::max(classified_, merged_) + tile.merge;
  return merged_;
}

std::uint64_t generator_cycles(std::span<const TileStages> tiles, unsigned generators) {
  std::vector<Generator> all(generators);
  std::uint64_t end = 0;
  for (const TileStages& tile : tiles) {
    const auto first = std::min_element(all.begin(), all.end(),
                                        [](const Generator& a, const Generator& b) { return a.ready() < b.ready(); });
    end = std::max(end, first->take(tile));
  }
  return end;
}

std::uint64_t array_cycles(std::uint64_t blocks, std::uint64_t inner, std::uint64_t dot_length) {
  return blocks * ceil_div(inner, dot_length);
}

std::uint64_t record_bytes(const TileSchedule& schedule) { return schedule.blocks.size() * kRecordBytes; }

std::uint64_t mask_bytes(const TileSchedule& schedule, unsigned lanes) { return lanes * ((schedule.columns + 7) / 8); }

std::uint64_t exposed_generator_cycles(std::span<const TileTime> tiles) {
  Generator generator;
  std::uint64_t end = 0;
  std::uint64_t busy = 0;
  for (const TileTime& tile : tiles) {
    end = std::max(end, generator.take(tile.generator)) + tile.array;
    busy += tile.array;
  }
  return end - busy;
}

}  // namespace dixion
