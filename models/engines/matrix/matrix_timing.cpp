// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/matrix_timing.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <vector>

namespace dixion {
namespace {

constexpr unsigned kSrcBytes = 2;    // INT12 in 16-bit lanes
constexpr unsigned kScoreBytes = 4;  // raw scores of a row block stay in the core SRAM
constexpr Cycles kMultiplyStage = 1;
constexpr Cycles kAccumulateStage = 1;
constexpr Cycles kRequantiseStages = 3;  // multiply, shift and round, saturate

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

std::uint32_t as_passes(std::uint64_t passes) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(passes, std::numeric_limits<std::uint32_t>::max()));
}

/// What one operand side may keep: the core SRAM is halved for double buffering, a half is shared by both sides.
std::uint64_t resident_bytes(const AcceleratorConfig& config) { return config.core_sram_bytes / 4; }

/// One core's part of a matrix product: `groups` products of rows x columns.
struct CorePart {
  std::uint64_t groups, rows, columns;
};

CorePart part_of_core(const AcceleratorConfig& config, const MatmulShape& shape, dixion_split split, unsigned cores) {
  CorePart part{shape.batch, shape.rows, shape.columns};
  if (split == DIXION_SPLIT_HEADS) {
    part.groups = ceil_div(shape.batch, cores);
  }
  if (!shape.weight_per_batch) {
    // Rows of all samples meet the same weights: one tall product.
    part.rows *= part.groups;
    part.groups = 1;
  }
  if (split == DIXION_SPLIT_ROWS) {
    const std::uint64_t tiles = ceil_div(ceil_div(part.rows, config.array_rows), cores);
    part.rows = std::min(part.rows, tiles * config.array_rows);
  } else if (split == DIXION_SPLIT_COLUMNS) {
    const std::uint64_t tiles = ceil_div(ceil_div(part.columns, config.array_columns), cores);
    part.columns = std::min(part.columns, tiles * config.array_columns);
  }
  return part;
}

Cycles last_tiles(const AcceleratorConfig& config, unsigned cores, std::uint64_t elements, unsigned bytes) {
  return ceil_div(std::uint64_t{cores} * elements * bytes, config.memory_bytes_per_cycle);
}

using Stalls = OperandDelivery::Stalls;

/// Waiting of one group of a matrix product: each pass over its share of the tiles of the side that stays, at least
/// one.
Stalls group_stalls(OperandDelivery& delivery, TileSequence sequence, unsigned lanes, std::uint64_t passes) {
  std::uint64_t& staying = sequence.weights_pass ? sequence.src_vectors : sequence.weight_vectors;
  const std::uint64_t tiles = ceil_div(staying, lanes);
  const std::uint64_t all = staying;
  Stalls sum;
  const auto add = [&](std::uint64_t vectors, std::uint64_t times) {
    if (times == 0) return;
    staying = vectors;
    const Stalls stalls = delivery.stalls(sequence);
    sum.total += times * stalls.total;
    sum.balanced += times * stalls.balanced;
  };
  const std::uint64_t share = tiles / passes;
  const std::uint64_t larger = tiles % passes;  // passes with a tile more
  add((share + 1) * lanes, larger);
  add(share * lanes, passes - larger - 1);
  add(all - (tiles - share) * lanes, 1);
  return sum;
}

}  // namespace

Cycles matrix_fill_cycles(const AcceleratorConfig& config) {
  const Cycles skew = config.array_rows + config.array_columns - 2;
  const auto adder_tree = static_cast<Cycles>(std::bit_width(config.dot_length - 1U));
  return skew + kMultiplyStage + adder_tree + kAccumulateStage + kRequantiseStages;
}

MatmulTiming matmul_timing(const AcceleratorConfig& config, OperandDelivery& delivery, const MatmulShape& shape,
                           dixion_split split, unsigned cores) {
  const CorePart part = part_of_core(config, shape, split, cores);
  const std::uint64_t src_bytes = part.rows * shape.depth * kSrcBytes;
  const std::uint64_t weight_bytes = part.columns * shape.depth * shape.weight_bytes;
  const std::uint64_t src_blocks = ceil_div(src_bytes, resident_bytes(config));
  const std::uint64_t weight_blocks = ceil_div(weight_bytes, resident_bytes(config));
  // One side stays, block by block; the other passes by once per block. The cheaper order is taken.
  const bool weights_pass = src_bytes + weight_bytes * src_blocks <= weight_bytes + src_bytes * weight_blocks;
  const std::uint64_t passes = weights_pass ? src_blocks : weight_blocks;

  const std::uint64_t tiles = ceil_div(part.rows, config.array_rows) * ceil_div(part.columns, config.array_columns);
  const Cycles tile = ceil_div(shape.depth, config.dot_length);
  // A block of less than a tile waits in the accumulators for the others of its tile: the array does not run empty.
  const std::uint64_t fills = std::min(
      passes, weights_pass ? ceil_div(part.rows, config.array_rows) : ceil_div(part.columns, config.array_columns));
  const Stalls stalls = group_stalls(delivery, {part.rows, part.columns, shape.depth, shape.weight_bytes, weights_pass},
                                     weights_pass ? config.array_rows : config.array_columns, fills);

  MatmulTiming timing;
  timing.steps = part.groups * tiles * tile;
  timing.wait = part.groups * stalls.total;
  timing.compute = timing.steps + timing.wait + part.groups * fills * matrix_fill_cycles(config);
  timing.bank = part.groups * (stalls.total - stalls.balanced);
  timing.drain = last_tiles(config, cores,
                            std::min<std::uint64_t>(part.rows, config.array_rows) *
                                std::min<std::uint64_t>(part.columns, config.array_columns),
                            shape.dst_bytes);
  (weights_pass ? timing.weight_passes : timing.src_passes) = as_passes(passes);
  return timing;
}

std::uint64_t attention_score_passes(const AcceleratorConfig& config, const AttentionShape& shape) {
  const std::uint64_t tile_rows = std::min<std::uint64_t>(shape.queries, config.array_rows);
  return tile_rows * shape.keys * kScoreBytes <= resident_bytes(config) ? 1 : 2;
}

AttentionTile attention_tile(const AcceleratorConfig& config, OperandDelivery& delivery, const AttentionShape& shape,
                             std::uint64_t rows, std::uint64_t scored, std::uint64_t weighed, bool conflicts) {
  // Keys are the weights of the scores; V, turned on its way in so that a column lies in a row, those of the values.
  const auto product = [&](std::uint64_t columns, std::uint64_t depth) {
    const Stalls stalls = delivery.stalls({rows, columns, depth, kSrcBytes, true});
    return ceil_div(columns, config.array_columns) * ceil_div(depth, config.dot_length) +
           (conflicts ? stalls.total : stalls.balanced);
  };
  AttentionTile tile;
  if (scored != 0) tile.scores = attention_score_passes(config, shape) * product(scored, shape.depth);
  tile.exponentials = ceil_div(rows * scored, config.vector_lanes);
  tile.values = product(shape.depth, weighed);
  tile.division = ceil_div(rows * shape.depth, config.vector_lanes);
  return tile;
}

AttentionTiming attention_timing(const AcceleratorConfig& config, OperandDelivery& delivery,
                                 const AttentionShape& shape, dixion_split split, unsigned cores) {
  const std::uint64_t all_tiles = ceil_div(shape.queries, config.array_rows);
  const bool by_heads = split == DIXION_SPLIT_HEADS;
  const std::uint64_t heads = by_heads ? ceil_div(shape.heads, cores) : shape.heads;
  const std::uint64_t row_tiles = by_heads ? all_tiles : ceil_div(all_tiles, cores);
  const std::uint64_t tile_rows = std::min<std::uint64_t>(shape.queries, config.array_rows);

  // A row tile's scores wait for their maximum in the core SRAM; if they do not fit, K passes by a second time.
  const std::uint64_t score_tile = tile_rows * shape.keys * kScoreBytes;
  const std::uint64_t score_passes = attention_score_passes(config, shape);
  const std::uint64_t block_tiles = std::max<std::uint64_t>(1, resident_bytes(config) / score_tile);
  const std::uint64_t key_bytes = shape.keys * shape.depth * kSrcBytes;
  const bool resident = 2 * key_bytes <= resident_bytes(config);  // K and V of a head stay
  const std::uint64_t passes = resident ? 1 : ceil_div(row_tiles, block_tiles);

  const std::uint64_t last_rows =
      std::min(shape.queries, row_tiles * config.array_rows) - (row_tiles - 1) * config.array_rows;
  const auto compute = [&](bool conflicts) {
    const auto tile = [&](std::uint64_t rows) {
      return attention_tile(config, delivery, shape, rows, shape.keys, shape.keys, conflicts);
    };
    std::vector<AttentionTile> head(row_tiles, tile(tile_rows));
    head.back() = tile(last_rows);
    return attention_chain_cycles(head, heads, matrix_fill_cycles(config));
  };

  AttentionTiming timing;
  timing.compute = compute(true);
  timing.bank = timing.compute - compute(false);
  timing.drain = last_tiles(config, cores, tile_rows * shape.depth, kSrcBytes);
  timing.key_passes = as_passes(resident ? 1 : passes * score_passes);
  timing.value_passes = as_passes(passes);
  return timing;
}

}  // namespace dixion
