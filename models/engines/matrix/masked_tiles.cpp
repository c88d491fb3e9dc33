// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/masked_tiles.h"

#include <algorithm>

#include "models/memory/bank_map.h"

namespace dixion {
namespace {

constexpr unsigned kLaneBytes = 2;
constexpr std::uint64_t kListQueries = 256;  // of a tile, in whole rounds of the groups

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

}  // namespace

/// Queries of one tile and what the mask keeps of their keys.
class MaskedTiles::Rows {
 public:
  Rows(const MaskedTiles& tiles, std::uint64_t number)
      : keys_(tiles.shape_.keys),
        bit_(tiles.bit_),
        row_bits_(ceil_div(keys_, bit_.keys)),
        words_(mask_words(row_bits_)) {
    const std::uint64_t queries = tiles.shape_.queries;
    const std::uint64_t head = number / tiles.per_head(), first = number % tiles.per_head() * tiles.rows_;
    count_ = std::min(tiles.rows_, queries - first);
    first_ = first % bit_.rows;
    bits_.resize((first_ + count_ + bit_.rows - 1) / bit_.rows * words_);
    const std::uint64_t mask_row = head * ceil_div(queries, bit_.rows) + first / bit_.rows;
    for (std::size_t i = 0; i * words_ < bits_.size(); ++i)
      tiles.mask_.row(mask_row + i, row_bits_, bits_.data() + i * words_);
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

MaskedTiles::MaskedTiles(const AcceleratorConfig& config, OperandDelivery& delivery, const AttentionShape& shape,
                         dixion_split split, unsigned cores, const MaskSource& mask, const MaskTile& bit)
    : config_(config),
      delivery_(delivery),
      shape_(shape),
      mask_(mask),
      bit_(bit),
      by_heads_(split == DIXION_SPLIT_HEADS),
      cores_(cores) {
  const std::uint64_t groups = config.list_groups;
  const std::uint64_t unit = groups > 0 ? groups : config.array_rows;
  const std::uint64_t units = ceil_div(shape.queries, unit);
  part_ = std::min(shape.queries, (by_heads_ ? units : ceil_div(units, cores)) * unit);
  rows_ = std::min(part_, groups > 0 ? std::max<std::uint64_t>(kListQueries / groups, 1) * groups : unit);
  if (groups > 0) prepare_lists();
}

void MaskedTiles::prepare_lists() {
  const std::uint64_t row_bytes = shape_.depth * kLaneBytes;
  keys_per_word_ = std::max<std::uint64_t>(1, config_.core_sram_word_bytes / row_bytes);
  words_per_key_ = ceil_div(row_bytes, config_.core_sram_word_bytes);
  // V's words lie behind K's.
  const auto map = make_bank_map(config_.core_sram_map, config_.core_sram_banks, config_.core_sram_masks);
  const std::uint64_t words = ceil_div(shape_.keys, keys_per_word_) * words_per_key_;
  for (std::uint64_t word = 0; word < words; ++word) {
    work_.key_banks.push_back(static_cast<std::uint16_t>(map->bank_of(word)));
    work_.value_banks.push_back(static_cast<std::uint16_t>(map->bank_of(words + word)));
  }
  work_.depth = shape_.depth;
  list_array_ = {config_.list_groups,     config_.list_words_per_cycle, map->banks(),
                 config_.list_fifo_depth, config_.list_multicast,       config_.vector_lanes};
}

CoreShare MaskedTiles::share(std::uint64_t core) const {
  if (by_heads_) {
    const std::uint64_t heads = ceil_div(shape_.heads, cores_);
    return {std::min(core * heads, shape_.heads), std::min((core + 1) * heads, shape_.heads), 0, shape_.queries};
  }
  return {0, shape_.heads, std::min(core * part_, shape_.queries), std::min((core + 1) * part_, shape_.queries)};
}

MaskedTile MaskedTiles::look_at(std::uint64_t number) {
  const Rows rows(*this, number);
  MaskedTile tile;
  tile.rows = rows.count();
  if (config_.list_groups > 0) {
    decide(rows, tile);
    return tile;
  }
  // A key is left out where no query of the array's tile keeps it. A query that keeps one key needs no score: its
  // weight is 1.
  tile.scored = rows.columns(2);
  tile.weighed = rows.columns(1);
  tile.array = array_tiles(tile.rows, tile.scored, tile.weighed);
  tile.kept = rows.kept();
  tile.skipped_macs = shape_.depth * tile.rows * (2 * shape_.keys - tile.scored - tile.weighed);
  return tile;
}

void MaskedTiles::decide(const Rows& rows, MaskedTile& tile) {
  work_.queries.clear();
  std::uint64_t words = 0;
  for (std::uint64_t i = 0; i < tile.rows; ++i) {
    work_.queries.push_back(query_of(rows, i));
    tile.kept += work_.queries.back().kept;
    words += 2 * work_.queries.back().words.size();
  }
  tile.scored = tile.weighed = shape_.keys;
  tile.array = array_tiles(tile.rows, tile.scored, tile.weighed);
  const Cycles fill = matrix_fill_cycles(config_);
  const Cycles in_full = attention_chain_cycles(tile.array, 1, fill) - 2 * fill;
  if (expected_of_lists(words, tile.kept + tile.rows * shape_.depth) >= in_full) return;
  // Groups that walk lists of a length stay side by side, and ask for the same words.
  std::stable_sort(work_.queries.begin(), work_.queries.end(),
                   [](const ListQuery& a, const ListQuery& b) { return a.words.size() > b.words.size(); });
  const ListRun run = run_lists(list_array_, work_);
  tile.array.clear();
  tile.list_cycles = run.cycles;
  tile.list_stalls = run.stalls;
  tile.skipped_macs = 2 * shape_.depth * (tile.rows * shape_.keys - tile.kept);
}

ListQuery MaskedTiles::query_of(const Rows& rows, std::uint64_t i) const {
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

Cycles MaskedTiles::expected_of_lists(std::uint64_t words, std::uint64_t elements) const {
  const std::uint64_t width = std::uint64_t{list_array_.groups} * list_array_.words_per_cycle;
  return ceil_div(5 * std::max(ceil_div(words, width), ceil_div(elements, list_array_.softmax_lanes)), 4);
}

std::vector<AttentionTile> MaskedTiles::array_tiles(std::uint64_t rows, std::uint64_t scored,
                                                    std::uint64_t weighed) const {
  const auto tile = [&](std::uint64_t of) { return attention_tile(config_, delivery_, shape_, of, scored, weighed); };
  const std::uint64_t full = std::min<std::uint64_t>(rows, config_.array_rows);
  std::vector<AttentionTile> tiles(ceil_div(rows, full), tile(full));
  tiles.back() = tile(rows - (tiles.size() - 1) * full);
  return tiles;
}

void MaskedTiles::add(AttentionChain& chain, const MaskedTile& tile, std::uint64_t rows) const {
  if (tile.array.empty()) {
    chain.add_alone(ceil_div(tile.list_cycles * rows, tile.rows));
  } else if (rows == tile.rows) {
    for (const AttentionTile& each : tile.array) chain.add(each);
  } else {
    for (const AttentionTile& each : array_tiles(rows, tile.scored, tile.weighed)) chain.add(each);
  }
}

}  // namespace dixion
