// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/condense.h"

#include <bit>

#include "models/common/check.h"

namespace dixion {

std::vector<Column> condense(std::span<const std::uint16_t> columns) {
  DIXION_CHECK(columns.size() <= kMaxMaskColumns, "more columns than a record can name");
  std::vector<Column> kept;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (columns[c] != 0) kept.push_back({static_cast<std::uint16_t>(c), columns[c]});
  }
  return kept;
}

std::vector<ColumnBlock> cut_blocks(std::span<const Column> columns) {
  std::vector<ColumnBlock> blocks;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (c % kBlockColumns == 0) blocks.emplace_back();
    ColumnBlock& block = blocks.back();
    const unsigned j = block.count++;
    block.column[j] = columns[c];
    block.population += static_cast<unsigned>(std::popcount(columns[c].lanes));
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      const unsigned bit = columns[c].lanes >> lane & 1U;
      block.need[lane] = static_cast<std::uint16_t>(block.need[lane] | bit << j);
    }
  }
  return blocks;
}

}  // namespace dixion
