// SPDX-License-Identifier: Apache-2.0
/// One pass of the array: 16 lanes x 16 physical columns, each cell a unit that computes one output of one of up to
/// three source blocks, for its lane's own row or for the one foreign row the lane receives.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "models/sparsity/condense.h"

namespace dixion {

/// Source blocks in a merged block (assumed: EXION's unit makes two rounds of merging).
inline constexpr unsigned kMaxSources = 3;

/// Cells can only be added so that no unit gets two outputs and no lane two foreign rows; anything else is a
/// DefectError.
class MergedBlock {
 public:
  /// Source 0: every output on its own lane.
  explicit MergedBlock(const ColumnBlock& first);

  /// Source blocks so far, 1 to kMaxSources.
  [[nodiscard]] unsigned sources() const { return sources_; }
  /// Another source may be added.
  [[nodiscard]] bool open() const { return sources_ < kMaxSources; }
  /// Units of `lane` in use: bit j is physical column j.
  [[nodiscard]] std::uint16_t busy(unsigned lane) const { return busy_[lane]; }
  /// Units of `lane` that serve `source`.
  [[nodiscard]] std::uint16_t cells(unsigned source, unsigned lane) const { return cells_[source][lane]; }
  /// Units of `lane` that take the foreign row.
  [[nodiscard]] std::uint16_t foreign_cells(unsigned lane) const { return foreign_cells_[lane]; }
  /// The conflict vector: the foreign row `lane` receives, if any.
  [[nodiscard]] std::optional<unsigned> foreign_row(unsigned lane) const {
    return foreign_row_[lane] < 0 ? std::nullopt : std::optional(static_cast<unsigned>(foreign_row_[lane]));
  }
  /// Units of physical column `column` in use, 0 to 16.
  [[nodiscard]] unsigned load(unsigned column) const { return load_[column]; }
  /// The columns of a source.
  [[nodiscard]] const ColumnBlock& source(unsigned number) const { return source_[number]; }
  /// Outputs computed by this block.
  [[nodiscard]] unsigned population() const;

  /// The lane could receive `row`: it receives it already, or receives none and is not the row's own lane.
  [[nodiscard]] bool can_receive(unsigned lane, unsigned row) const {
    return foreign_row_[lane] < 0 ? lane != row : foreign_row_[lane] == static_cast<int>(row);
  }
  /// Makes `block` the next source, without any of its outputs yet. The block must be open.
  void add_source(const ColumnBlock& block);
  /// Lets units of `lane` compute outputs of `row` at the physical columns `columns` for the source added last.
  void assign(unsigned lane, unsigned row, std::uint16_t columns);

 private:
  unsigned sources_ = 0;
  std::array<std::uint16_t, kLanes> busy_{};
  std::array<std::uint8_t, kBlockColumns> load_{};
  std::array<std::array<std::uint16_t, kLanes>, kMaxSources> cells_{};
  std::array<std::uint16_t, kLanes> foreign_cells_{};
  std::array<std::int8_t, kLanes> foreign_row_;
  std::array<ColumnBlock, kMaxSources> source_;
};

}  // namespace dixion
