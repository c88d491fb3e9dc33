// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/masked_matmul_timing.h"

#include <algorithm>

namespace dixion {
namespace {

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

/// Passes of the array over its columns, each of so many steps.
struct Passes {
  std::uint64_t passes, steps;
};

Passes passes_of(const AcceleratorConfig& config, const MaskedMatmul& product, const TileWork& tile) {
  if (product.marks_inputs) {
    // Partial sums enter and leave even where no input is marked.
    return {ceil_div(product.shape.columns, config.array_columns),
            std::max<std::uint64_t>(1, ceil_div(tile.used_columns, config.dot_length))};
  }
  const std::uint64_t passes = product.depth != 0 ? product.shares * tile.merged_blocks
                                                  : ceil_div(product.shares * tile.used_columns, config.array_columns);
  return {passes, ceil_div(product.shape.depth, config.dot_length)};
}

/// Steps of the core that is last. Cores take the next tile (HEADS: sample) when they are free, or share each tile's
/// passes (COLUMNS).
Cycles steps_of_last_core(const AcceleratorConfig& config, const MaskedMatmul& product,
                          const std::vector<TileWork>& tiles) {
  const bool by_columns = product.split == DIXION_SPLIT_COLUMNS, by_heads = product.split == DIXION_SPLIT_HEADS;
  const std::size_t together = by_heads ? std::max<std::size_t>(1, tiles.size() / product.shape.batch) : 1;
  std::vector<std::uint64_t> pieces((tiles.size() + together - 1) / together, 0);
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    const Passes part = passes_of(config, product, tiles[i]);
    pieces[i / together] += (by_columns ? ceil_div(part.passes, product.cores) : part.passes) * part.steps;
  }
  return share_out(pieces, by_columns ? 1 : product.cores);
}

/// Products of outputs (or inputs) that no row of their tile needs; merged, of those that leave units for others.
std::uint64_t exploited(const MaskedMatmul& product, const MaskWork& work, const std::vector<TileWork>& tiles) {
  const MatmulShape& shape = product.shape;
  if (product.depth != 0) {
    const std::uint64_t outputs = shape.batch * shape.rows * shape.columns;
    return outputs > work.block_units ? (outputs - work.block_units) * shape.depth : 0;
  }
  std::uint64_t left_out = 0;
  for (const TileWork& tile : tiles) left_out += tile.tokens * (product.mask_columns() - tile.used_columns);
  return left_out * (product.marks_inputs ? shape.columns : product.shares * shape.depth);
}

}  // namespace

TileShape masked_tiles(const AcceleratorConfig& config, const MaskedMatmul& product) {
  TileShape shape;
  shape.columns = product.mask_columns();
  shape.grid_width = product.grid_width;
  shape.tile_rows = product.depth != 0 ? kLanes : config.array_rows;
  const bool apart =
      product.depth != 0 || product.grid_width != 0 || product.by_columns || product.split == DIXION_SPLIT_HEADS;
  shape.samples = apart ? product.shape.batch : 1;
  shape.rows = apart ? product.shape.rows : product.shape.batch * product.shape.rows;
  return shape;
}

std::uint64_t used_anywhere(const MaskSource& mask, std::uint64_t rows, std::uint64_t columns) {
  std::vector<std::uint32_t> any(mask_words(columns), 0), row(any.size());
  std::uint64_t used = 0;
  for (std::uint64_t i = 0; i < rows && used < columns; ++i) {
    mask.row(i, columns, row.data());
    for (std::size_t w = 0; w < any.size(); ++w) any[w] |= row[w];
    used = kept_keys(any.data(), columns);
  }
  return used;
}

MaskedMatmulTiming masked_matmul_timing(const AcceleratorConfig& config, const MaskedMatmul& product,
                                        const MatmulTiming& dense, const std::vector<TileWork>& tiles,
                                        std::uint64_t limit) {
  const MatmulShape& shape = product.shape;
  MaskedMatmulTiming timing;
  MaskWork& work = timing.work;
  work.elements = shape.batch * shape.rows * product.mask_columns();
  for (const TileWork& tile : tiles) work.kept += tile.kept;
  const std::uint64_t macs_per_bit = product.marks_inputs ? shape.columns : product.shares * shape.depth;
  work.macs_marked = (work.elements - work.kept) * macs_per_bit;
  if (!product.marks_inputs) {
    const std::uint64_t columns = product.depth != 0 ? kBlockColumns : config.array_columns;
    const std::uint64_t rows = product.depth != 0 ? kLanes : config.array_rows;
    for (const TileWork& tile : tiles) {
      work.blocks_before += ceil_div(shape.columns, columns);
      work.blocks_condensed += product.depth != 0 ? product.shares * tile.condensed_blocks
                                                  : ceil_div(product.shares * tile.used_columns, columns);
      work.blocks_merged += passes_of(config, product, tile).passes;
    }
    work.block_outputs = product.shares * work.kept;
    work.block_units = work.blocks_merged * rows * columns;
    work.blocks_variance =
        sampled_variance(tiles, limit, [&](const TileWork& tile) { return passes_of(config, product, tile).passes; });
  }
  work.macs_exploited = std::min(exploited(product, work, tiles), work.macs_marked);

  const Cycles steps = steps_of_last_core(config, product, tiles);
  // Fills as in the dense product; waiting for operands in proportion.
  timing.compute = steps + dense.wait * steps / dense.steps + (dense.compute - dense.steps - dense.wait);
  return timing;
}

}  // namespace dixion
