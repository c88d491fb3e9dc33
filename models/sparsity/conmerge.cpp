// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/conmerge.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <optional>

#include "models/common/check.h"

namespace dixion {

namespace {

std::vector<ColumnBlock> ordered_blocks(std::span<const std::uint16_t> columns, const MergeRule& rule) {
  const std::vector<Column> kept = condense(columns);
  const std::vector<std::size_t> order = rule.order(kept);
  DIXION_CHECK(order.size() == kept.size(), "merge rule: order() names not as many columns as there are");
  std::vector<bool> seen(kept.size());
  std::vector<Column> ordered;
  ordered.reserve(kept.size());
  for (const std::size_t index : order) {
    DIXION_CHECK(index < kept.size() && !seen[index], "merge rule: order() is not a permutation");
    seen[index] = true;
    ordered.push_back(kept[index]);
  }
  return cut_blocks(ordered);
}

/// Puts `incoming` onto `block`; nothing if a conflict finds no lane.
std::optional<MergedBlock> merged(const MergedBlock& block, const ColumnBlock& incoming, const MergeRule& rule) {
  MergedBlock result = block;
  result.add_source(incoming);
  std::array<std::uint16_t, kLanes> conflict{};
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    conflict[lane] = incoming.need[lane] & block.busy(lane);
    result.assign(lane, lane, static_cast<std::uint16_t>(incoming.need[lane] & ~block.busy(lane)));
  }
  // Rows with the most conflicts first: they are the hardest to place.
  std::array<unsigned, kLanes> rows{};
  std::iota(rows.begin(), rows.end(), 0U);
  std::stable_sort(rows.begin(), rows.end(),
                   [&](unsigned a, unsigned b) { return std::popcount(conflict[a]) > std::popcount(conflict[b]); });
  for (const unsigned row : rows) {
    while (conflict[row] != 0) {
      const std::optional<unsigned> lane = rule.lane_for(result, row, conflict[row]);
      if (!lane) return std::nullopt;
      DIXION_CHECK(*lane < kLanes && result.can_receive(*lane, row),
                   "merge rule: lane_for() names a lane that cannot receive the row");
      const auto taken = static_cast<std::uint16_t>(conflict[row] & ~result.busy(*lane));
      DIXION_CHECK(taken != 0, "merge rule: lane_for() names a lane without a free unit");
      result.assign(*lane, row, taken);
      conflict[row] = static_cast<std::uint16_t>(conflict[row] & ~taken);
    }
  }
  return result;
}

}  // namespace

TileSchedule schedule_tile(std::span<const std::uint16_t> columns, const MergeRule& rule, unsigned depth) {
  std::vector<ColumnBlock> waiting = ordered_blocks(columns, rule);
  TileSchedule schedule;
  schedule.columns = columns.size();
  schedule.condensed_blocks = waiting.size();
  while (!waiting.empty()) {
    MergedBlock block(waiting.front());
    waiting.erase(waiting.begin());
    unsigned refused = 0;
    while (block.sources() < depth) {
      const auto candidate = rule.next(block, waiting, refused);
      if (!candidate) break;
      DIXION_CHECK(*candidate < waiting.size(), "merge rule: next() names no block that could be tried");
      DIXION_CHECK(refused < waiting.size(), "merge rule: next() tries more often than there are blocks");
      if (auto result = merged(block, waiting[*candidate], rule)) {
        block = *result;
        waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(*candidate));
        refused = 0;
        ++schedule.merges;
      } else {
        ++refused;
        ++schedule.refusals;
      }
    }
    schedule.blocks.push_back(block);
  }
  return schedule;
}

std::vector<TileSchedule> schedule_mask(const BitMask& mask, std::span<const TileTokens> tiles, const MergeRule& rule) {
  std::vector<TileSchedule> schedules;
  schedules.reserve(tiles.size());
  for (const TileTokens& tile : tiles) schedules.push_back(schedule_tile(tile_columns(mask, tile), rule));
  return schedules;
}

double ConMergeCounts::utilisation() const {
  return merged_blocks == 0
             ? 0
             : static_cast<double>(outputs) / static_cast<double>(merged_blocks * kLanes * kBlockColumns);
}

ConMergeCounts count(std::span<const TileSchedule> schedules) {
  ConMergeCounts sum;
  for (const TileSchedule& schedule : schedules) {
    sum.dense_blocks += (schedule.columns + kBlockColumns - 1) / kBlockColumns;
    sum.condensed_blocks += schedule.condensed_blocks;
    sum.merged_blocks += schedule.blocks.size();
    sum.merges += schedule.merges;
    sum.refusals += schedule.refusals;
    for (const MergedBlock& block : schedule.blocks) sum.outputs += block.population();
  }
  return sum;
}

}  // namespace dixion
