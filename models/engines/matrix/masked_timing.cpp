// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/masked_timing.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <vector>

#include "models/engines/matrix/list_array.h"
#include "models/memory/bank_map.h"

namespace dixion {
namespace {

constexpr unsigned kLaneBytes = 2;
constexpr std::uint64_t kListQueries = 256;  // of a tile, in whole rounds of the groups
constexpr std::uint64_t kStrata = 4;

std::uint64_t list_tile_queries(const AcceleratorConfig& config) {
  return std::max<std::uint64_t>(kListQueries / config.list_groups, 1) * config.list_groups;
}

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

/// Queries of one head that a core takes at a time, and how many such tiles there are.
struct Tiling {
  std::uint64_t rows, tiles, tiles_of_core;
};

Tiling tiling_of(const AttentionShape& shape, dixion_split split, unsigned cores, std::uint64_t unit,
                 std::uint64_t most) {
  const bool by_heads = split == DIXION_SPLIT_HEADS;
  const std::uint64_t units = ceil_div(shape.queries, unit);
  const std::uint64_t part = std::min(shape.queries, (by_heads ? units : ceil_div(units, cores)) * unit);
  Tiling tiling{};
  tiling.rows = std::min(part, most);
  tiling.tiles = shape.heads * ceil_div(shape.queries, tiling.rows);
  tiling.tiles_of_core = (by_heads ? ceil_div(shape.heads, cores) : shape.heads) * ceil_div(part, tiling.rows);
  return tiling;
}

/// What one tile takes: by itself steady + ramp, behind another tile steady.
struct Tile {
  std::uint64_t kept = 0, skipped_macs = 0;
  Cycles steady = 0, ramp = 0;
  Cycles list_cycles = 0;
  std::uint64_t stalls = 0;
};

struct Sum {
  double steady = 0, ramp = 0, kept = 0, skipped_macs = 0, list_cycles = 0, stalls = 0, variance = 0;

  void add(const Tile& tile, double weight) {
    steady += weight * static_cast<double>(tile.steady);
    ramp += weight * static_cast<double>(tile.ramp);
    kept += weight * static_cast<double>(tile.kept);
    skipped_macs += weight * static_cast<double>(tile.skipped_macs);
    list_cycles += weight * static_cast<double>(tile.list_cycles);
    stalls += weight * static_cast<double>(tile.stalls);
  }
};

/// Sums over all tiles, or an estimate from a stratified sample: neighbouring tiles form a stratum, of which as many
/// are drawn as of any other.
template <typename Evaluate>
Sum sum_tiles(std::uint64_t tiles, std::uint64_t seed, const Evaluate& evaluate) {
  Sum sum;
  if (tiles <= kExactTiles) {
    for (std::uint64_t i = 0; i < tiles; ++i) sum.add(evaluate(i), 1);
    return sum;
  }
  std::mt19937_64 random(seed);
  for (std::uint64_t stratum = 0; stratum < kStrata; ++stratum) {
    const std::uint64_t begin = tiles * stratum / kStrata, size = tiles * (stratum + 1) / kStrata - begin;
    std::vector<std::uint64_t> numbers(size);
    for (std::uint64_t i = 0; i < size; ++i) numbers[i] = begin + i;
    const std::uint64_t drawn = kSampledTiles / kStrata;
    double total = 0, squares = 0;
    for (std::uint64_t i = 0; i < drawn; ++i) {
      std::swap(numbers[i], numbers[i + random() % (size - i)]);
      const Tile tile = evaluate(numbers[i]);
      sum.add(tile, static_cast<double>(size) / static_cast<double>(drawn));
      const auto cycles = static_cast<double>(tile.list_cycles);
      total += cycles;
      squares += cycles * cycles;
    }
    const auto n = static_cast<double>(drawn), all = static_cast<double>(size);
    sum.variance += all * all * (1 - n / all) / n * (squares - total * total / n) / (n - 1);
  }
  return sum;
}

/// Queries of one tile and what the mask keeps of their keys.
class Rows {
 public:
  Rows(const AttentionShape& shape, const Tiling& tiling, const MaskSource& mask, const MaskTile& bit,
       std::uint64_t tile)
      : keys_(shape.keys), bit_(bit), row_bits_(ceil_div(shape.keys, bit.keys)), words_(mask_words(row_bits_)) {
    const std::uint64_t per_head = ceil_div(shape.queries, tiling.rows);
    const std::uint64_t head = tile / per_head, first = tile % per_head * tiling.rows;
    count_ = std::min(tiling.rows, shape.queries - first);
    first_ = first % bit.rows;
    bits_.resize((first_ + count_ + bit.rows - 1) / bit.rows * words_);
    const std::uint64_t mask_row = head * ceil_div(shape.queries, bit.rows) + first / bit.rows;
    for (std::size_t i = 0; i * words_ < bits_.size(); ++i)
      mask.row(mask_row + i, row_bits_, bits_.data() + i * words_);
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// Calls keep(first key, end) for each bit of query i that is set.
  template <typename Keep>
  void for_each(std::uint64_t i, Keep keep) const {
    for_each_kept(bits_.data() + (first_ + i) / bit_.rows * words_, row_bits_, [&](std::size_t bit) {
      keep(bit * bit_.keys, std::min<std::uint64_t>((bit + 1) * bit_.keys, keys_));
    });
  }
  [[nodiscard]] std::uint64_t kept(std::uint64_t i) const {
    std::uint64_t kept = 0;
    for_each(i, [&](std::uint64_t begin, std::uint64_t end) { kept += end - begin; });
    return kept;
  }
  [[nodiscard]] std::uint64_t kept() const {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < count_; ++i) sum += kept(i);
    return sum;
  }
  /// Keys kept by at least one query that keeps `fewest` or more.
  [[nodiscard]] std::uint64_t columns(std::uint64_t fewest) const {
    std::vector<bool> any(keys_, false);
    for (std::uint64_t i = 0; i < count_; ++i) {
      if (kept(i) < fewest) continue;
      for_each(i, [&](std::uint64_t begin, std::uint64_t end) {
        std::fill(any.begin() + static_cast<std::ptrdiff_t>(begin), any.begin() + static_cast<std::ptrdiff_t>(end),
                  true);
      });
    }
    return static_cast<std::uint64_t>(std::count(any.begin(), any.end(), true));
  }

 private:
  std::uint64_t keys_;
  MaskTile bit_;
  std::size_t row_bits_, words_;
  std::uint64_t count_ = 0, first_ = 0;  // queries, and how many before them share their first row of bits
  std::vector<std::uint32_t> bits_;
};

/// `rows` queries, scores of `scores` keys, weighted sums over `values` keys, array tile by array tile.
Tile array_tile(const AcceleratorConfig& config, OperandDelivery& delivery, const AttentionShape& shape,
                std::uint64_t rows, std::uint64_t scores, std::uint64_t values) {
  const std::uint64_t tiles = ceil_div(rows, config.array_rows);
  const std::uint64_t tile_rows = std::min<std::uint64_t>(rows, config.array_rows);
  const Cycles score_wait = scores == 0 ? 0 : delivery.stalls({tile_rows, scores, shape.depth, kLaneBytes, true}).total;
  const Cycles value_wait = delivery.stalls({tile_rows, shape.depth, values, kLaneBytes, true}).total;
  const Cycles products =
      attention_score_passes(config, shape) *
          (ceil_div(scores, config.array_columns) * ceil_div(shape.depth, config.dot_length) + score_wait) +
      ceil_div(shape.depth, config.array_columns) * ceil_div(values, config.dot_length) + value_wait;
  const Cycles softmax =
      ceil_div(tile_rows * scores, config.vector_lanes) + ceil_div(tile_rows * shape.depth, config.vector_lanes);
  Tile tile;
  tile.steady = tiles * std::max(products, softmax);
  tile.ramp = std::min(products, softmax);
  return tile;
}

/// Without list mode a key is left out where no query of the array's tile keeps it. A query that keeps one key needs
/// no score: its weight is 1.
Tile condensed_tile(const AcceleratorConfig& config, OperandDelivery& delivery, const AttentionShape& shape,
                    const Rows& rows) {
  const std::uint64_t scores = rows.columns(2), values = rows.columns(1);
  Tile tile = array_tile(config, delivery, shape, rows.count(), scores, values);
  tile.kept = rows.kept();
  tile.skipped_macs = shape.depth * rows.count() * (2 * shape.keys - scores - values);
  return tile;
}

/// Tiles of queries as lists or, where the counts of what they keep promise less of that, in full.
class ListTiles {
 public:
  ListTiles(const AcceleratorConfig& config, OperandDelivery& delivery, const AttentionShape& shape)
      : config_(config), delivery_(delivery), shape_(shape) {
    const std::uint64_t row_bytes = shape.depth * kLaneBytes;
    keys_per_word_ = std::max<std::uint64_t>(1, config.core_sram_word_bytes / row_bytes);
    words_per_key_ = ceil_div(row_bytes, config.core_sram_word_bytes);
    // V's words lie behind K's.
    const auto map = make_bank_map(config.core_sram_map, config.core_sram_banks, config.core_sram_masks);
    const std::uint64_t words = ceil_div(shape.keys, keys_per_word_) * words_per_key_;
    for (std::uint64_t word = 0; word < words; ++word) {
      work_.key_banks.push_back(static_cast<std::uint16_t>(map->bank_of(word)));
      work_.value_banks.push_back(static_cast<std::uint16_t>(map->bank_of(words + word)));
    }
    work_.depth = shape.depth;
    array_ = {config.list_groups,     config.list_words_per_cycle, map->banks(),
              config.list_fifo_depth, config.list_multicast,       config.vector_lanes};
  }

  Tile evaluate(const Rows& rows) {
    work_.queries.clear();
    std::uint64_t kept = 0, words = 0;
    for (std::uint64_t i = 0; i < rows.count(); ++i) {
      work_.queries.push_back(query_of(rows, i));
      kept += work_.queries.back().kept;
      words += 2 * work_.queries.back().words.size();
    }
    Tile tile = array_tile(config_, delivery_, shape_, rows.count(), shape_.keys, shape_.keys);
    if (estimate(words, kept + rows.count() * shape_.depth) < tile.steady + tile.ramp) tile = as_lists();
    tile.kept = kept;
    if (tile.list_cycles > 0) tile.skipped_macs = 2 * shape_.depth * (rows.count() * shape_.keys - kept);
    return tile;
  }

 private:
  [[nodiscard]] ListQuery query_of(const Rows& rows, std::uint64_t i) const {
    ListQuery query;
    std::uint64_t next = 0;  // words below are in the list
    rows.for_each(i, [&](std::uint64_t begin, std::uint64_t end) {
      query.kept += end - begin;
      const std::uint64_t first = std::max(next, begin / keys_per_word_ * words_per_key_);
      next = (end - 1) / keys_per_word_ * words_per_key_ + words_per_key_;
      for (std::uint64_t word = first; word < next; ++word) query.words.push_back(static_cast<std::uint32_t>(word));
    });
    return query;
  }

  /// What the sequencer expects of lists before it runs them.
  [[nodiscard]] Cycles estimate(std::uint64_t words, std::uint64_t elements) const {
    const std::uint64_t width = std::uint64_t{array_.groups} * array_.words_per_cycle;
    return ceil_div(5 * std::max(ceil_div(words, width), ceil_div(elements, array_.softmax_lanes)), 4);
  }

  [[nodiscard]] Tile as_lists() {
    // Groups that walk lists of a length stay side by side, and ask for the same words.
    std::stable_sort(work_.queries.begin(), work_.queries.end(),
                     [](const ListQuery& a, const ListQuery& b) { return a.words.size() > b.words.size(); });
    const ListRun run = run_lists(array_, work_);
    Tile tile;
    tile.steady = tile.list_cycles = run.cycles;
    tile.stalls = run.stalls;
    return tile;
  }

  const AcceleratorConfig& config_;
  OperandDelivery& delivery_;
  const AttentionShape& shape_;
  std::uint64_t keys_per_word_, words_per_key_;
  ListArray array_;
  ListTile work_;
};

std::uint64_t rounded(double value) { return static_cast<std::uint64_t>(std::llround(value)); }

}  // namespace

MaskedTiming masked_attention_timing(const AcceleratorConfig& config, OperandDelivery& delivery,
                                     const AttentionShape& shape, dixion_split split, unsigned cores,
                                     const MaskSource& mask, const MaskTile& bit) {
  const std::uint64_t groups = config.list_groups;
  const std::uint64_t unit = groups > 0 ? groups : config.array_rows;
  const Tiling tiling = tiling_of(shape, split, cores, unit, groups > 0 ? list_tile_queries(config) : unit);
  std::optional<ListTiles> lists;
  if (groups > 0) lists.emplace(config, delivery, shape);
  const Sum sum = sum_tiles(tiling.tiles, config.mask_seed, [&](std::uint64_t tile) {
    const Rows rows(shape, tiling, mask, bit, tile);
    return lists ? lists->evaluate(rows) : condensed_tile(config, delivery, shape, rows);
  });
  // Cores take what their share of the tiles takes on average.
  const auto tiles = static_cast<double>(tiling.tiles);
  MaskedTiming timing;
  timing.compute =
      rounded(std::ceil(sum.steady / tiles * static_cast<double>(tiling.tiles_of_core) + sum.ramp / tiles)) +
      2 * matrix_fill_cycles(config);
  timing.kept = rounded(sum.kept);
  timing.macs_exploited = rounded(sum.skipped_macs);
  timing.list_cycles = rounded(sum.list_cycles);
  timing.list_stalls = rounded(sum.stalls);
  timing.list_variance = lists ? sum.variance : 0;
  return timing;
}

}  // namespace dixion
