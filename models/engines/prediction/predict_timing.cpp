// SPDX-License-Identifier: Apache-2.0
#include "models/engines/prediction/predict_timing.h"

#include <algorithm>

#include "models/common/mask_bits.h"
#include "models/engines/matrix/matrix_timing.h"

namespace dixion {
namespace {

constexpr unsigned kPredictedBytes = 2;  // of an element of Q or K, in a lane of the core SRAM
constexpr unsigned kWordBytes = 4;       // of masks
/// Over the scores of a row: four histograms of 8 bits each, then the marking.
constexpr Cycles kSelectionPasses = 5;

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

}  // namespace

AcceleratorConfig prediction_array(const AcceleratorConfig& config) {
  AcceleratorConfig array = config;
  array.array_rows = std::max(1U, config.prediction_rows);
  array.array_columns = config.prediction_columns;
  array.dot_length = config.prediction_length;
  return array;
}

PredictTiming predict_timing(const AcceleratorConfig& array, OperandDelivery& delivery, const PredictShape& shape,
                             dixion_split split, unsigned cores) {
  const bool by_heads = split == DIXION_SPLIT_HEADS;
  const std::uint64_t queries = shape.queries(), row_tiles = ceil_div(queries, array.array_rows);
  // What the busiest core has: heads of samples, or rows of every sample.
  const std::uint64_t heads = by_heads ? ceil_div(shape.batch * shape.heads, cores) : shape.batch * shape.heads;
  const std::uint64_t tiles_of_head = by_heads ? row_tiles : ceil_div(row_tiles, cores);

  MatmulShape projection;
  projection.rows = std::min(queries, tiles_of_head * array.array_rows) * (by_heads ? 1 : shape.batch);
  projection.columns = 2 * shape.depth * (by_heads ? heads : shape.heads);
  projection.depth = shape.width;
  const MatmulTiming projected = matmul_timing(array, delivery, projection, DIXION_SPLIT_ROWS, 1);

  const std::uint64_t tile_rows = std::min<std::uint64_t>(queries, array.array_rows);
  const OperandDelivery::Stalls wait = delivery.stalls({tile_rows, shape.tokens, shape.depth, kPredictedBytes, true});
  const Cycles steps = ceil_div(shape.tokens, array.array_columns) * ceil_div(shape.depth, array.dot_length);
  const Cycles selection = kSelectionPasses * ceil_div(shape.tokens, array.array_columns);
  const std::uint64_t tiles = heads * tiles_of_head;
  const auto scores = [&](Cycles waiting) {
    const Cycles products = steps + waiting;
    return products + selection + (tiles - 1) * std::max(products, selection) + matrix_fill_cycles(array);
  };
  // Cores that share a head need all of its keys; stored ones reach all of them when they are read.
  const std::uint64_t shared_keys = by_heads || cores == 1 ? 0 : shape.batch * queries * shape.heads * shape.depth;

  PredictTiming timing;
  timing.compute =
      projected.compute + ceil_div(shared_keys * kPredictedBytes, array.memory_bytes_per_cycle) + scores(wait.total);
  timing.bank = projected.bank + scores(wait.total) - scores(wait.balanced);
  timing.drain =
      ceil_div(std::uint64_t{cores} * tile_rows * mask_words(shape.tokens) * kWordBytes, array.memory_bytes_per_cycle);
  timing.src_passes = projected.src_passes;
  timing.weight_passes = projected.weight_passes;
  return timing;
}

std::uint64_t log_products(const PredictShape& shape) {
  const std::uint64_t projection = shape.batch * shape.queries() * 2 * shape.heads * shape.depth * shape.width;
  return projection + shape.batch * shape.heads * shape.queries() * shape.tokens * shape.depth;
}

}  // namespace dixion
