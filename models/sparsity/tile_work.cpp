// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/tile_work.h"

#include <algorithm>
#include <functional>
#include <queue>

#include "models/common/check.h"
#include "models/sparsity/conmerge_timing.h"

namespace dixion {
namespace {

TileWork work_of(const std::vector<std::uint32_t>& tile, std::uint64_t first_row, const TileShape& shape,
                 const MaskSource& mask, const MergeRule* rule, unsigned depth) {
  const std::size_t words = mask_words(shape.columns);
  std::vector<std::uint32_t> bits(tile.size() * words);
  std::vector<const std::uint32_t*> rows;
  for (std::size_t l = 0; l < tile.size(); ++l) {
    mask.row(first_row + tile[l], shape.columns, bits.data() + l * words);
    rows.push_back(bits.data() + l * words);
  }
  TileWork work = rows_work(rows, shape.columns, shape.scores);
  work.condensed_blocks = (work.block_columns + kBlockColumns - 1) / kBlockColumns;
  work.merged_blocks = work.condensed_blocks;
  if (rule != nullptr) {
    const TileSchedule schedule = schedule_tile(needed_lanes(rows, shape.columns, shape.scores), *rule, depth);
    work.merged_blocks = schedule.blocks.size();
    work.generator_loads = generator_loads(schedule);
  }
  return work;
}

}  // namespace

std::vector<std::vector<std::uint32_t>> tile_rows(const TileShape& shape) {
  const TileOrder order = shape.grid_width == 0 ? TileOrder::kRows : TileOrder::kPatch;
  const std::vector<std::uint32_t> tokens = tile_order(order, shape.rows, shape.grid_width);
  std::vector<std::vector<std::uint32_t>> tiles;
  for (std::size_t at = 0; at < tokens.size(); at += shape.tile_rows) {
    const auto begin = tokens.begin() + static_cast<std::ptrdiff_t>(at);
    const std::size_t size = std::min<std::size_t>(shape.tile_rows, tokens.size() - at);
    tiles.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(size));
  }
  return tiles;
}

std::vector<std::uint16_t> needed_lanes(std::span<const std::uint32_t* const> rows, std::size_t columns, bool scores) {
  DIXION_CHECK(rows.size() <= kLanes, "more rows than lanes");
  std::vector<std::uint16_t> lanes(columns, 0);
  for (std::size_t l = 0; l < rows.size(); ++l) {
    if (scores && kept_keys(rows[l], columns) < 2) continue;
    for_each_kept(rows[l], columns, [&](std::size_t c) { lanes[c] = static_cast<std::uint16_t>(lanes[c] | 1U << l); });
  }
  return lanes;
}

TileWork rows_work(std::span<const std::uint32_t* const> rows, std::size_t columns, bool scores) {
  std::vector<std::uint32_t> any(mask_words(columns), 0), in_blocks(any.size(), 0);
  TileWork work;
  work.tokens = rows.size();
  for (const std::uint32_t* row : rows) {
    const std::uint64_t kept = kept_keys(row, columns);
    const bool needs = !scores || kept > 1;
    work.kept += kept;
    work.block_outputs += needs ? kept : 0;
    for (std::size_t i = 0; i < any.size(); ++i) {
      any[i] |= row[i];
      if (needs) in_blocks[i] |= row[i];
    }
  }
  work.used_columns = kept_keys(any.data(), columns);
  work.block_columns = kept_keys(in_blocks.data(), columns);
  return work;
}

std::vector<TileWork> tile_works(const TileShape& shape, const MaskSource& mask, const MergeRule* rule, unsigned depth,
                                 std::uint64_t limit) {
  const auto tiles = tile_rows(shape);
  std::vector<TileWork> works(shape.samples * tiles.size());
  // A sample's last tile may have fewer rows: such tiles stand for each other only.
  for (const bool full : {true, false}) {
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t i = 0; i < works.size(); ++i) {
      if ((tiles[i % tiles.size()].size() == tiles.front().size()) == full) numbers.push_back(i);
    }
    const std::uint64_t count = numbers.size();
    const std::uint64_t looked_at = limit == 0 ? count : std::min(count, limit);
    std::uint64_t newest = looked_at;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t stratum = i * looked_at / count, number = numbers[i];
      works[number] = stratum == newest ? works[numbers[i - 1]]
                                        : work_of(tiles[number % tiles.size()], number / tiles.size() * shape.rows,
                                                  shape, mask, rule, depth);
      newest = stratum;
    }
  }
  return works;
}

std::uint64_t share_out(std::span<const std::uint64_t> pieces, unsigned lanes) {
  std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> free_at;
  for (unsigned i = 0; i < lanes; ++i) free_at.push(0);
  std::uint64_t end = 0;
  for (const std::uint64_t piece : pieces) {
    const std::uint64_t done = free_at.top() + piece;
    free_at.pop();
    free_at.push(done);
    end = std::max(end, done);
  }
  return end;
}

}  // namespace dixion
