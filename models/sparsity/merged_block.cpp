// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/merged_block.h"

#include <bit>

#include "models/common/check.h"

namespace dixion {

MergedBlock::MergedBlock(const ColumnBlock& first) {
  foreign_row_.fill(-1);
  add_source(first);
  for (unsigned lane = 0; lane < kLanes; ++lane) assign(lane, lane, first.need[lane]);
}

unsigned MergedBlock::population() const {
  unsigned sum = 0;
  for (const std::uint16_t units : busy_) sum += static_cast<unsigned>(std::popcount(units));
  return sum;
}

void MergedBlock::add_source(const ColumnBlock& block) {
  DIXION_CHECK(open(), "a merged block has at most three sources");
  source_[sources_++] = block;
}

void MergedBlock::assign(unsigned lane, unsigned row, std::uint16_t columns) {
  DIXION_CHECK(lane < kLanes && row < kLanes, "no such lane");
  DIXION_CHECK((busy_[lane] & columns) == 0, "a unit would compute two outputs");
  if (columns == 0) return;
  if (lane != row) {
    DIXION_CHECK(can_receive(lane, row), "a lane would receive two foreign rows");
    foreign_row_[lane] = static_cast<std::int8_t>(row);
    foreign_cells_[lane] = static_cast<std::uint16_t>(foreign_cells_[lane] | columns);
  }
  for (unsigned rest = columns; rest != 0; rest &= rest - 1) ++load_[static_cast<unsigned>(std::countr_zero(rest))];
  busy_[lane] = static_cast<std::uint16_t>(busy_[lane] | columns);
  std::uint16_t& cells = cells_[sources_ - 1][lane];
  cells = static_cast<std::uint16_t>(cells | columns);
}

}  // namespace dixion
