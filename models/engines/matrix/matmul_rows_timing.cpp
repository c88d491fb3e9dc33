// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/matmul_rows_timing.h"

#include <algorithm>
#include <vector>

#include "models/common/mask_bits.h"

namespace dixion {
namespace {

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

/// Rows that a tile of columns needs: those of every group it has columns of.
class Needs {
 public:
  Needs(const MatmulShape& shape, std::uint64_t groups, const MaskSource& rows)
      : shape_(shape), groups_(groups), words_(mask_words(shape.rows)), bits_(shape.batch * groups * words_) {
    for (std::uint64_t i = 0; i < shape.batch * groups; ++i) rows.row(i, shape.rows, bits_.data() + i * words_);
  }

  [[nodiscard]] std::uint64_t of_group(std::uint64_t sample, std::uint64_t group) const {
    return kept_keys(row(sample, group), shape_.rows);
  }
  /// Of columns [first, end) in one sample.
  [[nodiscard]] std::uint64_t of_columns(std::uint64_t sample, std::uint64_t first, std::uint64_t end) const {
    const std::uint64_t width = shape_.columns / groups_;
    std::vector<std::uint32_t> any(words_, 0);
    for (std::uint64_t group = first / width; group * width < end; ++group) {
      for (std::size_t i = 0; i < words_; ++i) any[i] |= row(sample, group)[i];
    }
    return kept_keys(any.data(), shape_.rows);
  }

 private:
  [[nodiscard]] const std::uint32_t* row(std::uint64_t sample, std::uint64_t group) const {
    return bits_.data() + (sample * groups_ + group) * words_;
  }

  const MatmulShape& shape_;
  std::uint64_t groups_;
  std::size_t words_;
  std::vector<std::uint32_t> bits_;
};

/// Tiles of the busiest core; `rows_of(column tile, sample)` are the rows of a tile of columns.
template <typename Rows>
std::uint64_t busiest(const AcceleratorConfig& config, const MatmulShape& shape, dixion_split split, unsigned cores,
                      const Rows& rows_of) {
  const std::uint64_t column_tiles = ceil_div(shape.columns, config.array_columns);
  const auto tiles = [&](std::uint64_t column_tile, std::uint64_t first, std::uint64_t end) {
    std::uint64_t rows = 0;
    for (std::uint64_t sample = first; sample < end; ++sample) rows += rows_of(column_tile, sample);
    return ceil_div(rows, config.array_rows);
  };
  const auto sum = [&](std::uint64_t first, std::uint64_t end, std::uint64_t sample, std::uint64_t last) {
    std::uint64_t all = 0;
    for (std::uint64_t i = first; i < end; ++i) all += tiles(i, sample, last);
    return all;
  };
  std::uint64_t most = 0;
  if (split == DIXION_SPLIT_COLUMNS) {
    const std::uint64_t share = ceil_div(column_tiles, cores);
    for (std::uint64_t i = 0; i < column_tiles; i += share) {
      most = std::max(most, sum(i, std::min(i + share, column_tiles), 0, shape.batch));
    }
  } else if (split == DIXION_SPLIT_HEADS) {
    const std::uint64_t share = ceil_div(shape.batch, cores);
    for (std::uint64_t i = 0; i < shape.batch; i += share) {
      most = std::max(most, sum(0, column_tiles, i, std::min(i + share, shape.batch)));
    }
  } else {
    for (std::uint64_t i = 0; i < column_tiles; ++i) most += ceil_div(tiles(i, 0, shape.batch), cores);
  }
  return most;
}

}  // namespace

RowsTiming matmul_rows_timing(const AcceleratorConfig& config, OperandDelivery& delivery, const MatmulShape& shape,
                              std::uint64_t groups, dixion_split split, unsigned cores, const MaskSource& rows) {
  const Needs needs(shape, groups, rows);
  const std::uint64_t column_tiles = ceil_div(shape.columns, config.array_columns);
  std::vector<std::uint64_t> of_tile(column_tiles * shape.batch);  // rows
  RowsTiming timing;
  for (std::uint64_t tile = 0; tile < column_tiles; ++tile) {
    const std::uint64_t first = tile * config.array_columns;
    const std::uint64_t end = std::min(first + config.array_columns, shape.columns);
    for (std::uint64_t sample = 0; sample < shape.batch; ++sample) {
      const std::uint64_t count = needs.of_columns(sample, first, end);
      of_tile[tile * shape.batch + sample] = count;
      timing.macs_done += count * (end - first) * shape.depth;
    }
  }
  for (std::uint64_t i = 0; i < shape.batch * groups; ++i) timing.needed += needs.of_group(i / groups, i % groups);

  const std::uint64_t all = busiest(config, shape, split, cores, [&](auto, auto) { return shape.rows; });
  const std::uint64_t taken = busiest(config, shape, split, cores, [&](std::uint64_t tile, std::uint64_t sample) {
    return of_tile[tile * shape.batch + sample];
  });
  timing.product = matmul_timing(config, delivery, shape, split, cores);
  timing.product.compute -= (all - taken) * ceil_div(shape.depth, config.dot_length);
  return timing;
}

}  // namespace dixion
