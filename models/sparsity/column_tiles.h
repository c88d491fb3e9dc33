// SPDX-License-Identifier: Apache-2.0
/// The hidden tensor of a feed-forward network by tiles' columns (docs/programming_model.md, "Tiles' columns"): of each
/// tile of 16 tokens only the columns that one of its tokens needs, one behind the other, a column's tokens side by
/// side. What is not needed has no place: it is neither written nor read.
#pragma once

#include <cstdint>
#include <vector>

#include "models/common/column_layout.h"
#include "models/common/command_check.h"
#include "models/common/engine.h"
#include "models/common/memory_access.h"
#include "models/sparsity/tile_work.h"

namespace dixion {

/// Tiles of such a tensor's mask, [batch, M, `columns`]: 16 tokens of a sample each, the last of a sample what is left.
[[nodiscard]] TileShape column_tile_shape(std::uint64_t batch, std::uint64_t rows, std::uint64_t columns,
                                          std::uint64_t grid_width);

/// Elements that a tensor with a column per bit of the mask has. `tiles` are those of column_tile_shape().
[[nodiscard]] std::uint64_t column_elements(const std::vector<TileWork>& tiles);

/// What there is to object to in the view of such a tensor: [batch, M, N], a sample without gaps, below 2^32 elements.
void check_column_tensor(CommandCheck& check, const Command& command, unsigned operand);

/// Only needed columns of `operand` move. They count as one contiguous stream: how tiles lie apart changes no bytes.
void set_column_traffic(Demand& demand, unsigned operand, std::uint64_t elements);

/// The tiles of one mask with data.
class ColumnTiles {
 public:
  /// `mask` is [batch, rows, mask_words(columns)]; bits behind the last column say nothing.
  ColumnTiles(const std::uint32_t* mask, std::uint64_t batch, std::uint64_t rows, std::uint64_t columns,
              std::uint64_t grid_width);

  /// Of a tensor with `shares` columns per bit, in all tiles.
  [[nodiscard]] std::uint64_t elements(std::uint64_t shares) const { return shares * elements_; }
  /// The same of each tile.
  [[nodiscard]] std::vector<std::uint64_t> tile_elements() const;

  /// Replaces `values` by the elements of `tensor`, tile after tile, as they lie in memory. False if any byte is
  /// unreadable. Value is int16 (not for INT32) or int32.
  template <typename Value>
  [[nodiscard]] bool load(const TensorView& tensor, std::uint64_t shares, MemoryAccess& memory,
                          std::vector<Value>& values) const;
  /// `bytes` are the elements of `tensor`, tile after tile: they become results.
  void add_results(Result& result, const TensorView& tensor, std::uint64_t shares,
                   const std::vector<std::uint8_t>& bytes) const;

  /// Calls visit(row, column) for the elements of a tensor with `shares` columns per bit, in the order in which they
  /// lie in memory; rows are counted over samples, columns over shares * columns.
  template <typename Visit>
  void for_each_element(std::uint64_t shares, Visit visit) const {
    for (const Tile& tile : tiles_) {
      for (std::uint64_t share = 0; share < shares; ++share) {
        for (const std::uint32_t column : tile.columns) {
          for (const std::uint32_t token : rows_of_tile_[tile.number])
            visit(tile.sample * rows_ + token, share * columns_ + column);
        }
      }
    }
  }

 private:
  struct Tile {
    std::uint64_t sample = 0, number = 0;
    std::vector<std::uint32_t> columns;  ///< that one of its rows needs, ascending
  };
  [[nodiscard]] std::uint64_t elements_of(const Tile& tile) const {
    return tile.columns.size() * rows_of_tile_[tile.number].size();
  }
  /// The part of `tensor` that holds a tile with at least one column.
  [[nodiscard]] TensorView part(const TensorView& tensor, const Tile& tile, std::uint64_t shares) const;

  std::uint64_t rows_, columns_, elements_ = 0;
  std::vector<std::vector<std::uint32_t>> rows_of_tile_;  // of a sample
  std::vector<Tile> tiles_;                               // sample after sample
};

}  // namespace dixion
