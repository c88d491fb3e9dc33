// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/scheduled_timing.h"

#include <algorithm>

#include "models/engines/matrix/attention_chain.h"

namespace dixion {
namespace {

constexpr std::uint64_t kUnits = std::uint64_t{kLanes} * kBlockColumns;

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

/// As condensed, but that merged blocks pass the array, each with its share of the waits, and that the lanes take what
/// leaves the array: whole blocks.
AttentionTile tile_of(const AcceleratorConfig& config, OperandDelivery& delivery, const AttentionShape& shape,
                      const TileWork& work) {
  AttentionTile tile = attention_tile(config, delivery, shape, work.tokens, work.block_columns, work.used_columns);
  if (work.condensed_blocks == 0) return tile;
  tile.scores = ceil_div(tile.scores * work.merged_blocks, work.condensed_blocks);
  tile.exponentials = std::min(tile.exponentials, ceil_div(work.merged_blocks * kUnits, config.vector_lanes));
  return tile;
}

}  // namespace

ScheduledTiming scheduled_attention_timing(const AcceleratorConfig& config, OperandDelivery& delivery,
                                           const AttentionShape& shape, dixion_split split, unsigned cores,
                                           const std::vector<TileWork>& tiles, std::uint64_t limit) {
  ScheduledTiming timing;
  MaskWork& work = timing.work;
  work.elements = shape.heads * shape.queries * shape.keys;
  std::uint64_t weighed = 0;  // values of queries
  for (const TileWork& tile : tiles) {
    work.kept += tile.kept;
    work.blocks_before += ceil_div(shape.keys, kBlockColumns);
    work.blocks_condensed += tile.condensed_blocks;
    work.blocks_merged += tile.merged_blocks;
    work.block_outputs += tile.block_outputs;
    weighed += tile.tokens * tile.used_columns;
  }
  work.block_units = work.blocks_merged * kUnits;
  work.blocks_variance = sampled_variance(tiles, limit, [](const TileWork& tile) { return tile.merged_blocks; });
  work.macs_marked = 2 * shape.depth * (work.elements - work.kept);
  const std::uint64_t scores = std::min(work.block_units, work.elements);
  work.macs_exploited = std::min(work.macs_marked, shape.depth * (2 * work.elements - scores - weighed));

  const std::uint64_t per_head = tiles.size() / shape.heads;
  const bool by_heads = split == DIXION_SPLIT_HEADS;
  const std::uint64_t heads = by_heads ? ceil_div(shape.heads, cores) : shape.heads;
  const std::uint64_t part = by_heads ? per_head : ceil_div(per_head, cores);
  for (std::uint64_t core = 0; core < cores; ++core) {
    const std::uint64_t first_head = by_heads ? core * heads : 0, first_tile = by_heads ? 0 : core * part;
    AttentionChain chain(matrix_fill_cycles(config));
    for (std::uint64_t head = first_head; head < std::min(first_head + heads, shape.heads); ++head) {
      for (std::uint64_t tile = first_tile; tile < std::min(first_tile + part, per_head); ++tile) {
        chain.add(tile_of(config, delivery, shape, tiles[head * per_head + tile]));
      }
    }
    timing.compute = std::max(timing.compute, chain.end());
  }
  return timing;
}

}  // namespace dixion
