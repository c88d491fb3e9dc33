// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/first_fit_rule.h"

#include <numeric>

namespace dixion {

std::vector<std::size_t> FirstFitRule::order(std::span<const Column> columns) const {
  std::vector<std::size_t> result(columns.size());
  std::iota(result.begin(), result.end(), std::size_t{0});
  return result;
}

std::optional<std::size_t> FirstFitRule::next(const MergedBlock& block, std::span<const ColumnBlock> waiting,
                                              unsigned refused) const {
  if (!block.open() || waiting.empty() || refused > 0) return std::nullopt;
  return 0;
}

std::optional<unsigned> FirstFitRule::lane_for(const MergedBlock& block, unsigned row, std::uint16_t columns) const {
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    if (block.can_receive(lane, row) && (columns & ~block.busy(lane)) != 0) return lane;
  }
  return std::nullopt;
}

}  // namespace dixion
