// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/masked_timing.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "models/engines/matrix/masked_tiles.h"

namespace dixion {
namespace {

constexpr std::uint64_t kStrata = 4;
constexpr std::uint64_t kChainedTiles = 256;  // of a core that are run at least, by several beginnings if it has fewer

std::uint64_t rounded(double value) { return static_cast<std::uint64_t>(std::llround(value)); }

/// Tiles that were looked at, and how many each stands for.
class Sample {
 public:
  /// All tiles, or a stratified sample: neighbouring tiles form a stratum, of which as many are drawn as of any other.
  Sample(MaskedTiles& tiles, std::uint64_t seed) : whole_(tiles.count() <= kExactTiles) {
    if (whole_) {
      for (std::uint64_t i = 0; i < tiles.count(); ++i) add(tiles.look_at(i), 1);
      return;
    }
    std::mt19937_64 random(seed);
    for (std::uint64_t stratum = 0; stratum < kStrata; ++stratum) {
      const std::uint64_t begin = tiles.count() * stratum / kStrata;
      draw(tiles, begin, tiles.count() * (stratum + 1) / kStrata - begin, random);
    }
  }

  [[nodiscard]] bool whole() const { return whole_; }
  [[nodiscard]] const std::vector<MaskedTile>& tiles() const { return tiles_; }
  /// All but the cycles.
  [[nodiscard]] MaskedTiming work() const {
    return {0, rounded(kept_), rounded(skipped_macs_), rounded(list_cycles_), rounded(list_stalls_), variance_};
  }

 private:
  void add(MaskedTile tile, double weight) {
    kept_ += weight * static_cast<double>(tile.kept);
    skipped_macs_ += weight * static_cast<double>(tile.skipped_macs);
    list_cycles_ += weight * static_cast<double>(tile.list_cycles);
    list_stalls_ += weight * static_cast<double>(tile.list_stalls);
    tiles_.push_back(std::move(tile));
  }

  void draw(MaskedTiles& tiles, std::uint64_t begin, std::uint64_t size, std::mt19937_64& random) {
    std::vector<std::uint64_t> numbers(size);
    for (std::uint64_t i = 0; i < size; ++i) numbers[i] = begin + i;
    const std::uint64_t drawn = kSampledTiles / kStrata;
    double total = 0, squares = 0;
    for (std::uint64_t i = 0; i < drawn; ++i) {
      std::swap(numbers[i], numbers[i + random() % (size - i)]);
      add(tiles.look_at(numbers[i]), static_cast<double>(size) / static_cast<double>(drawn));
      const auto cycles = static_cast<double>(tiles_.back().list_cycles);
      total += cycles;
      squares += cycles * cycles;
    }
    const auto n = static_cast<double>(drawn), all = static_cast<double>(size);
    variance_ += all * all * (1 - n / all) / n * (squares - total * total / n) / (n - 1);
  }

  bool whole_;
  std::vector<MaskedTile> tiles_;
  double kept_ = 0, skipped_macs_ = 0, list_cycles_ = 0, list_stalls_ = 0, variance_ = 0;
};

/// What core `core` takes if `tile_of(head, first query, queries)` is what its tiles are like.
template <typename TileOf>
Cycles core_cycles(const MaskedTiles& tiles, std::uint64_t core, Cycles fill, const TileOf& tile_of) {
  const CoreShare share = tiles.share(core);
  AttentionChain chain(fill);
  for (std::uint64_t head = share.first_head; head < share.last_head; ++head) {
    for (std::uint64_t query = share.first_query; query < share.last_query; query += tiles.rows()) {
      const std::uint64_t rows = std::min(tiles.rows(), share.last_query - query);
      tiles.add(chain, tile_of(head, query, rows), rows);
    }
  }
  return chain.end();
}

/// The slowest core.
Cycles all_cores(const MaskedTiles& tiles, const Sample& all, Cycles fill) {
  const auto tile_of = [&](std::uint64_t head, std::uint64_t query, std::uint64_t) -> const MaskedTile& {
    return all.tiles()[tiles.number_of(head, query)];
  };
  Cycles slowest = 0;
  for (std::uint64_t core = 0; core < tiles.cores(); ++core) {
    slowest = std::max(slowest, core_cycles(tiles, core, fill, tile_of));
  }
  return slowest;
}

/// The largest share, mean over tiles that begin it. Each of its tiles is like the next of the sample that has as many
/// queries, or like the next of all if none has.
Cycles typical_core(const MaskedTiles& tiles, const Sample& sample, Cycles fill) {
  std::map<std::uint64_t, std::vector<const MaskedTile*>> by_rows;
  for (const MaskedTile& tile : sample.tiles()) by_rows[tile.rows].push_back(&tile);
  const CoreShare share = tiles.share(0);
  const std::uint64_t of_core =
      (share.last_head - share.first_head) * ((share.last_query - share.first_query + tiles.rows() - 1) / tiles.rows());
  const std::uint64_t size = sample.tiles().size();
  const std::uint64_t beginnings = std::clamp<std::uint64_t>(kChainedTiles / of_core, 1, size);
  Cycles sum = 0;
  for (std::uint64_t i = 0; i < beginnings; ++i) {
    std::map<std::uint64_t, std::uint64_t> next;  // by queries
    const auto tile_of = [&](std::uint64_t, std::uint64_t, std::uint64_t rows) -> const MaskedTile& {
      const std::uint64_t number = i * size / beginnings + next[rows]++;
      const auto alike = by_rows.find(rows);
      if (alike == by_rows.end()) return sample.tiles()[number % size];
      return *alike->second[number % alike->second.size()];
    };
    sum += core_cycles(tiles, 0, fill, tile_of);
  }
  return (sum + beginnings - 1) / beginnings;
}

}  // namespace

MaskedTiming masked_attention_timing(const AcceleratorConfig& config, OperandDelivery& delivery,
                                     const AttentionShape& shape, dixion_split split, unsigned cores,
                                     const MaskSource& mask, const MaskTile& bit) {
  MaskedTiles tiles(config, delivery, shape, split, cores, mask, bit);
  const Sample sample(tiles, config.mask_seed);
  MaskedTiming timing = sample.work();
  const Cycles fill = matrix_fill_cycles(config);
  timing.compute = sample.whole() ? all_cores(tiles, sample, fill) : typical_core(tiles, sample, fill);
  return timing;
}

}  // namespace dixion
