// SPDX-License-Identifier: Apache-2.0
/// Which outputs of a product are needed: a bit per token (row) and column, and how tokens form tiles of 16 lanes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dixion {

/// Rows of the array, thus of a tile (published: EXION's array is 16 x 16).
inline constexpr unsigned kLanes = 16;
/// Columns of the array, thus of a block.
inline constexpr unsigned kBlockColumns = 16;

/// Bits of rows x columns, all 0 at first. Rows are packed into 64-bit words of their own, column 0 in the lowest bit.
class BitMask {
 public:
  BitMask(std::size_t rows, std::size_t columns);

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  /// `row` below rows(), `column` below columns(): not checked.
  [[nodiscard]] bool test(std::size_t row, std::size_t column) const {
    return (words_[row * words_per_row_ + column / 64] >> (column % 64) & 1) != 0;
  }
  void set(std::size_t row, std::size_t column, bool needed = true);
  /// Needed outputs in all.
  [[nodiscard]] std::uint64_t count() const;
  /// Needed outputs of one token.
  [[nodiscard]] std::uint64_t count_row(std::size_t row) const;
  /// Words of one row; bits beyond columns() are 0.
  [[nodiscard]] std::span<const std::uint64_t> row_words(std::size_t row) const {
    return std::span(words_).subspan(row * words_per_row_, words_per_row_);
  }

 private:
  std::size_t rows_;
  std::size_t columns_;
  std::size_t words_per_row_;
  std::vector<std::uint64_t> words_;
};

/// Which 16 tokens stand side by side.
enum class TileOrder : std::uint8_t {
  kRows,   ///< as they come: 16 neighbours in one row of the picture
  kPatch,  ///< 4 x 4 neighbours in the picture
};

/// All tokens in the order in which they fill tiles, 16 each: a permutation of 0 to tokens - 1. `grid_width` is the
/// number of tokens in a row of the picture (kPatch only); it must divide `tokens`, else ConfigError. Patches at a
/// border that is no multiple of 4 are smaller; their tokens fill tiles together with the next patch's.
[[nodiscard]] std::vector<std::uint32_t> tile_order(TileOrder order, std::size_t tokens, std::size_t grid_width);

/// The tokens of one tile, at most 16; lanes beyond `count` are idle.
struct TileTokens {
  unsigned count = 0;
  std::array<std::uint32_t, kLanes> token{};
};

/// Cuts `order` into tiles; only the last may have fewer than 16 tokens.
[[nodiscard]] std::vector<TileTokens> cut_tiles(std::span<const std::uint32_t> order);

/// For every column of the mask the lanes of this tile that need it: bit l is lane l. Tokens must be rows of the mask.
[[nodiscard]] std::vector<std::uint16_t> tile_columns(const BitMask& mask, const TileTokens& tile);

}  // namespace dixion
