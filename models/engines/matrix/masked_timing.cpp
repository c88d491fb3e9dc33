// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/masked_timing.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "models/engines/matrix/list_array.h"
#include "models/memory/bank_map.h"

namespace dixion {
namespace {

constexpr unsigned kLaneBytes = 2;
constexpr std::uint64_t kRounds = 4;  // lists per group of a tile: one walks on while another's softmax is taken
constexpr std::uint64_t kStrata = 4;

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

/// What one tile takes.
struct Tile {
  std::uint64_t elements = 0, kept = 0, skipped_macs = 0;
  Cycles products = 0, softmax = 0;
  std::uint64_t stalls = 0;
};

struct Sum {
  double products = 0, softmax = 0, longer = 0, kept = 0, skipped_macs = 0, stalls = 0, variance = 0;

  void add(const Tile& tile, double weight) {
    products += weight * static_cast<double>(tile.products);
    softmax += weight * static_cast<double>(tile.softmax);
    longer += weight * static_cast<double>(std::max(tile.products, tile.softmax));
    kept += weight * static_cast<double>(tile.kept);
    skipped_macs += weight * static_cast<double>(tile.skipped_macs);
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
      const auto cycles = static_cast<double>(tile.products);
      total += cycles;
      squares += cycles * cycles;
    }
    const auto n = static_cast<double>(drawn), all = static_cast<double>(size);
    sum.variance += all * all * (1 - n / all) / n * (squares - total * total / n) / (n - 1);
  }
  return sum;
}

/// Rows of one tile, read from the mask.
class Rows {
 public:
  Rows(const AttentionShape& shape, const Tiling& tiling, const MaskSource& mask, std::uint64_t tile)
      : keys_(shape.keys), words_(mask_words(shape.keys)) {
    const std::uint64_t per_head = ceil_div(shape.queries, tiling.rows);
    const std::uint64_t first = tile % per_head * tiling.rows;
    count_ = std::min(tiling.rows, shape.queries - first);
    bits_.resize(count_ * words_);
    for (std::uint64_t i = 0; i < count_; ++i) {
      mask.row(tile / per_head * shape.queries + first + i, keys_, bits_.data() + i * words_);
    }
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] const std::uint32_t* row(std::uint64_t i) const { return bits_.data() + i * words_; }
  [[nodiscard]] std::uint64_t kept() const {
    std::uint64_t kept = 0;
    for (std::uint64_t i = 0; i < count_; ++i) kept += kept_keys(row(i), keys_);
    return kept;
  }
  /// Keys kept by at least one row that keeps `fewest` or more.
  [[nodiscard]] std::uint64_t columns(std::uint64_t fewest) const {
    std::vector<std::uint32_t> any(words_, 0);
    for (std::uint64_t i = 0; i < count_; ++i) {
      if (kept_keys(row(i), keys_) < fewest) continue;
      for (std::size_t word = 0; word < words_; ++word) any[word] |= row(i)[word];
    }
    return kept_keys(any.data(), keys_);
  }

 private:
  std::size_t keys_, words_;
  std::uint64_t count_ = 0;
  std::vector<std::uint32_t> bits_;
};

/// K's rows, then V's, one behind the other in the core SRAM; a row takes whole words.
Tile list_tile(const AcceleratorConfig& config, const AttentionShape& shape, const BankMap& banks, const Rows& rows) {
  const ListArray array{config.list_groups, config.list_words_per_cycle, config.core_sram_banks,
                        config.list_fifo_depth};
  const std::uint64_t words = ceil_div(shape.depth * kLaneBytes, config.core_sram_word_bytes);
  std::vector<BankList> lists(rows.count());
  for (std::uint64_t i = 0; i < rows.count(); ++i) {
    for (const std::uint64_t first_row : {std::uint64_t{0}, shape.keys}) {
      for_each_kept(rows.row(i), shape.keys, [&](std::size_t j) {
        for (std::uint64_t c = 0; c < words; ++c) {
          lists[i].push_back(static_cast<std::uint16_t>(banks.bank_of((first_row + j) * words + c)));
        }
      });
    }
  }
  const ListRun run = run_lists(array, lists);
  Tile tile;
  tile.elements = rows.count() * shape.keys;
  tile.kept = rows.kept();
  tile.skipped_macs = 2 * shape.depth * (tile.elements - tile.kept);
  tile.products = run.cycles;
  tile.stalls = run.stalls;
  tile.softmax = ceil_div(tile.kept, config.vector_lanes) + ceil_div(rows.count() * shape.depth, config.vector_lanes);
  return tile;
}

/// Without list mode a key is left out where no query of the array's tile keeps it. A query that keeps one key needs
/// no score: its weight is 1.
Tile condensed_tile(const AcceleratorConfig& config, OperandDelivery& delivery, const AttentionShape& shape,
                    const Rows& rows) {
  const std::uint64_t scores = rows.columns(2), values = rows.columns(1);
  const std::uint64_t tile_rows = std::min<std::uint64_t>(shape.queries, config.array_rows);
  const Cycles score_wait =
      scores == 0 ? 0 : delivery.stalls({tile_rows, scores, shape.depth, kLaneBytes, true}).total;
  const Cycles value_wait = delivery.stalls({tile_rows, shape.depth, values, kLaneBytes, true}).total;
  Tile tile;
  tile.elements = rows.count() * shape.keys;
  tile.kept = rows.kept();
  tile.skipped_macs = shape.depth * rows.count() * (2 * shape.keys - scores - values);
  tile.products =
      attention_score_passes(config, shape) *
          (ceil_div(scores, config.array_columns) * ceil_div(shape.depth, config.dot_length) + score_wait) +
      ceil_div(shape.depth, config.array_columns) * ceil_div(values, config.dot_length) + value_wait;
  tile.softmax =
      ceil_div(rows.count() * scores, config.vector_lanes) + ceil_div(rows.count() * shape.depth, config.vector_lanes);
  return tile;
}

std::uint64_t rounded(double value) { return static_cast<std::uint64_t>(std::llround(value)); }

}  // namespace

MaskedTiming masked_attention_timing(const AcceleratorConfig& config, OperandDelivery& delivery,
                                     const AttentionShape& shape, dixion_split split, unsigned cores,
                                     const MaskSource& mask) {
  const bool lists = config.list_groups > 0;
  const std::uint64_t unit = lists ? config.list_groups : config.array_rows;
  const Tiling tiling = tiling_of(shape, split, cores, unit, lists ? kRounds * unit : unit);
  const auto banks = make_bank_map(config.core_sram_map, config.core_sram_banks, config.core_sram_masks);
  const Sum sum = sum_tiles(tiling.tiles, config.mask_seed, [&](std::uint64_t tile) {
    const Rows rows(shape, tiling, mask, tile);
    return lists ? list_tile(config, shape, *banks, rows) : condensed_tile(config, delivery, shape, rows);
  });
  // Cores take what their share of the tiles takes on average. The first tile's products or softmax are not hidden.
  const auto tiles = static_cast<double>(tiling.tiles);
  const double exposed = (sum.products + sum.softmax - sum.longer) / tiles;
  MaskedTiming timing;
  timing.compute = rounded(std::ceil(sum.longer / tiles * static_cast<double>(tiling.tiles_of_core) + exposed)) +
                   2 * matrix_fill_cycles(config);
  timing.kept = rounded(sum.kept);
  timing.macs_exploited = rounded(sum.skipped_macs);
  if (lists) {
    timing.list_cycles = rounded(sum.products);
    timing.list_stalls = rounded(sum.stalls);
    timing.list_variance = sum.variance;
  }
  return timing;
}

}  // namespace dixion
