// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/mask.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <string>

#include "models/common/check.h"

namespace dixion {

namespace {

constexpr std::size_t kPatchSide = 4;

std::uint64_t bits_of(std::span<const std::uint64_t> words) {
  std::uint64_t sum = 0;
  for (const std::uint64_t word : words) sum += static_cast<std::uint64_t>(std::popcount(word));
  return sum;
}

}  // namespace

BitMask::BitMask(std::size_t rows, std::size_t columns)
    : rows_(rows), columns_(columns), words_per_row_((columns + 63) / 64), words_(rows * words_per_row_) {}

void BitMask::set(std::size_t row, std::size_t column, bool needed) {
  const std::uint64_t bit = std::uint64_t{1} << (column % 64);
  std::uint64_t& word = words_[row * words_per_row_ + column / 64];
  word = needed ? word | bit : word & ~bit;
}

std::uint64_t BitMask::count() const { return bits_of(words_); }

std::uint64_t BitMask::count_row(std::size_t row) const { return bits_of(row_words(row)); }

std::vector<std::uint32_t> tile_order(TileOrder order, std::size_t tokens, std::size_t grid_width) {
  std::vector<std::uint32_t> result(tokens);
  std::iota(result.begin(), result.end(), 0U);
  if (order == TileOrder::kRows) return result;
  if (grid_width == 0 || tokens % grid_width != 0) {
    throw ConfigError("grid width", std::to_string(grid_width) + " does not divide the " + std::to_string(tokens) +
                                        " tokens; patches need whole rows of the picture");
  }
  const std::size_t patches_per_row = (grid_width + kPatchSide - 1) / kPatchSide;
  const auto patch_of = [&](std::uint32_t token) {
    return token / grid_width / kPatchSide * patches_per_row + token % grid_width / kPatchSide;
  };
  // Stable: inside a patch tokens keep their order.
  std::stable_sort(result.begin(), result.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return patch_of(a) < patch_of(b); });
  return result;
}

std::vector<TileTokens> cut_tiles(std::span<const std::uint32_t> order) {
  std::vector<TileTokens> tiles;
  for (std::size_t at = 0; at < order.size(); at += kLanes) {
    const auto tokens = order.subspan(at, std::min<std::size_t>(kLanes, order.size() - at));
    TileTokens& tile = tiles.emplace_back();
    tile.count = static_cast<unsigned>(tokens.size());
    std::copy(tokens.begin(), tokens.end(), tile.token.begin());
  }
  return tiles;
}

std::vector<std::uint16_t> tile_columns(const BitMask& mask, const TileTokens& tile) {
  std::vector<std::uint16_t> columns(mask.columns());
  for (unsigned lane = 0; lane < tile.count; ++lane) {
    DIXION_CHECK(tile.token[lane] < mask.rows(), "tile names a token beyond the mask");
    const auto words = mask.row_words(tile.token[lane]);
    for (std::size_t w = 0; w < words.size(); ++w) {
      for (std::uint64_t rest = words[w]; rest != 0; rest &= rest - 1) {
        const std::size_t column = w * 64 + static_cast<std::size_t>(std::countr_zero(rest));
        columns[column] = static_cast<std::uint16_t>(columns[column] | 1U << lane);
      }
    }
  }
  return columns;
}

}  // namespace dixion
