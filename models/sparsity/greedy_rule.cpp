// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/greedy_rule.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace dixion {
namespace {

/// Every physical column has as many free units as the candidate needs there.
bool counts_fit(const MergedBlock& block, const ColumnBlock& candidate) {
  for (unsigned j = 0; j < candidate.count; ++j) {
    const auto needed = static_cast<unsigned>(std::popcount(candidate.column[j].lanes));
    if (block.load(j) + needed > kLanes) return false;
  }
  return true;
}

}  // namespace

std::vector<std::size_t> GreedyRule::order(std::span<const Column> columns) const {
  std::vector<std::size_t> result(columns.size());
  std::iota(result.begin(), result.end(), std::size_t{0});
  std::stable_sort(result.begin(), result.end(), [&](std::size_t a, std::size_t b) {
    return std::popcount(columns[a].lanes) > std::popcount(columns[b].lanes);
  });
  return result;
}

std::optional<std::size_t> GreedyRule::next(const MergedBlock& block, std::span<const ColumnBlock> waiting,
                                            unsigned refused) const {
  if (!block.open() || refused >= std::min<std::size_t>(tries_, waiting.size())) return std::nullopt;
  const std::size_t candidate = waiting.size() - 1 - refused;
  // Denser ones fit still less.
  if (!counts_fit(block, waiting[candidate])) return std::nullopt;
  return candidate;
}

std::optional<unsigned> GreedyRule::lane_for(const MergedBlock& block, unsigned row, std::uint16_t columns) const {
  std::optional<unsigned> best;
  int best_gain = 0;
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    if (!block.can_receive(lane, row)) continue;
    // A lane that receives the row anyway costs nothing: it goes first, whatever it takes.
    const int free = std::popcount(static_cast<unsigned>(columns & ~block.busy(lane)));
    const int gain = free == 0 ? 0 : free + (block.foreign_row(lane) ? static_cast<int>(kBlockColumns) : 0);
    if (gain > best_gain) {
      best = lane;
      best_gain = gain;
    }
  }
  return best;
}

}  // namespace dixion
