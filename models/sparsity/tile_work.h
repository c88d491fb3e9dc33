// SPDX-License-Identifier: Apache-2.0
/// What the array runs for a mask of needed outputs (of a product, of scores), tile by tile: columns condensed, blocks
/// merged, and what the generator does for it. For the timing of every command with an output mask.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/common/mask_source.h"
#include "models/sparsity/conmerge.h"

namespace dixion {

/// One tile: rows that pass the array together.
struct TileWork {
  std::uint64_t tokens = 0;            ///< rows
  std::uint64_t kept = 0;              ///< needed outputs
  std::uint64_t used_columns = 0;      ///< that at least one row needs
  std::uint64_t block_columns = 0;     ///< that blocks are made of: used_columns; of scores, those that need one
  std::uint64_t block_outputs = 0;     ///< needed outputs in the blocks: kept; of scores, those that need one
  std::uint64_t condensed_blocks = 0;  ///< block_columns in blocks of 16
  std::uint64_t merged_blocks = 0;     ///< what is run; without a rule the condensed ones
  std::uint64_t generator_loads = 0;   ///< blocks the generator loads or tries; 0 without a rule
};

/// Rows of a mask: samples (batch, or batch times heads) x rows x columns, in tiles that do not cross samples. Rows are
/// counted over samples, as MaskSource counts them.
struct TileShape {
  std::uint64_t samples = 1, rows = 1, columns = 1;
  std::uint64_t tile_rows = kLanes;  ///< at most kLanes if blocks are merged
  /// Tokens in a row of the picture: tiles are 4 x 4 patches, rows must be a multiple of it. 0: rows in order.
  std::uint64_t grid_width = 0;
  /// Of attention's scores: a row that keeps a single column needs no score, its weight is 1.
  bool scores = false;
};

/// Row numbers of each tile of one sample, counted within the sample.
[[nodiscard]] std::vector<std::vector<std::uint32_t>> tile_rows(const TileShape& shape);

/// Lanes that need each column, from a mask's rows: bit l is row l (at most kLanes). `scores` as in TileShape.
[[nodiscard]] std::vector<std::uint16_t> needed_lanes(std::span<const std::uint32_t* const> rows, std::size_t columns,
                                                      bool scores = false);
/// A tile's work from its rows of the mask, without blocks and generator.
[[nodiscard]] TileWork rows_work(std::span<const std::uint32_t* const> rows, std::size_t columns, bool scores);

/// The work of all tiles, sample after sample. At most `limit` tiles of a size are looked at (0: all), spread evenly;
/// the ones behind each are taken to be like it. `rule` null: columns are condensed only. `depth`: blocks merged into
/// one.
[[nodiscard]] std::vector<TileWork> tile_works(const TileShape& shape, const MaskSource& mask, const MergeRule* rule,
                                               unsigned depth, std::uint64_t limit);

/// Variance of the sum of `value` over all tiles, of which `limit` were looked at (0: all).
template <typename Value>
double sampled_variance(const std::vector<TileWork>& tiles, std::uint64_t limit, const Value& value) {
  const auto all = static_cast<double>(tiles.size()), looked_at = static_cast<double>(limit);
  if (limit == 0 || tiles.size() <= limit) return 0;
  double sum = 0, squares = 0;
  for (const TileWork& tile : tiles) {
    const auto x = static_cast<double>(value(tile));
    sum += x;
    squares += x * x;
  }
  return all * all * (1 - looked_at / all) / looked_at * (squares - sum * sum / all) / (all - 1);
}

/// Cycles until the last of `lanes` cores is done, each taking the next piece when it is free.
[[nodiscard]] std::uint64_t share_out(std::span<const std::uint64_t> pieces, unsigned lanes);

}  // namespace dixion
