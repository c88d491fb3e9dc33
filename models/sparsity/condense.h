// SPDX-License-Identifier: Apache-2.0
/// First half of ConMerge: columns of a tile that no lane needs are dropped, the others are cut into blocks of 16.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "models/sparsity/mask.h"

namespace dixion {

/// A column of a tile that at least one lane needs.
struct Column {
  std::uint16_t number = 0;  ///< in the mask, 0 to 65534
  std::uint16_t lanes = 0;   ///< bit l: lane l needs it; not 0
};

/// Largest number of columns: 65535 stands for "none" in records.
inline constexpr std::size_t kMaxMaskColumns = 65535;

/// The columns with a bit set, in ascending order. `columns[c]` are the lanes that need column c, at most
/// kMaxMaskColumns.
[[nodiscard]] std::vector<Column> condense(std::span<const std::uint16_t> columns);

/// Up to 16 columns that pass the array together; column j stands in physical column j.
struct ColumnBlock {
  unsigned count = 0;
  std::array<Column, kBlockColumns> column{};
  std::array<std::uint16_t, kLanes> need{};  ///< per lane: bit j is column j
  unsigned population = 0;                   ///< needed outputs
};

/// Cuts columns into blocks in the order given; only the last has fewer than 16.
[[nodiscard]] std::vector<ColumnBlock> cut_blocks(std::span<const Column> columns);

}  // namespace dixion
