// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cycle_reference/attention_reference.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <vector>

#include "models/common/check.h"
#include "tests/support/cycle_reference/matrix_reference.h"

namespace dixion::test {
namespace {

constexpr unsigned kLaneBytes = 2;

/// What has been done of a tile.
struct Tile {
  ReferenceTile work;
  bool scores_out = false, exponentials_done = false, values_issued = false, values_out = false;
};

/// A product of one tile: cycles in which the array takes operands, those included in which it waits for them.
struct Product {
  Cycles issue = 0;
  Cycles waits = 0;
};

/// Half of a tile's work on one of the two resources.
struct Job {
  std::size_t tile = 0;
  bool second = false;  ///< weighted sum, division
};

/// i + 1's first half before i's second.
std::vector<Job> in_order(const std::vector<ReferenceTile>& tiles) {
  std::vector<Job> jobs;
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    if (tiles[i].scored > 0) jobs.push_back({i, false});
    if (i > 0) jobs.push_back({i - 1, true});
  }
  jobs.push_back({tiles.size() - 1, true});
  return jobs;
}

class Chain {
 public:
  Chain(const AcceleratorConfig& config, const std::vector<ReferenceTile>& tiles, std::uint64_t depth,
        unsigned score_passes)
      : config_(config),
        depth_(depth),
        score_passes_(score_passes),
        latency_(run_reference(config, {}).compute - 1),
        on_array_(in_order(tiles)),
        on_lanes_(on_array_) {
    for (const ReferenceTile& work : tiles) {
      Tile tile;
      tile.work = work;
      tile.exponentials_done = work.scored == 0;
      tiles_.push_back(tile);
    }
  }

  ReferenceChain run() {
    ReferenceChain result;
    result.tiles = tiles_.size();
    for (; next_lanes_ < on_lanes_.size(); ++now_) {
      // Results that have left the array before this cycle.
      while (!leaving_.empty() && leaving_.front().at <= now_) {
        Tile& tile = tiles_[leaving_.front().job.tile];
        (leaving_.front().job.second ? tile.values_out : tile.scores_out) = true;
        leaving_.pop_front();
      }
      // Both see the state at the beginning of the cycle.
      const bool array_may = array_left_ > 0 || array_ready();
      const bool lanes_may = lanes_left_ > 0 || lanes_ready();
      if (array_may) step_array(result);
      if (lanes_may) step_lanes();
    }
    result.compute = now_;
    return result;
  }

 private:
  struct Leaving {
    Cycles at;
    Job job;
  };

  [[nodiscard]] bool array_ready() const {
    if (next_array_ == on_array_.size()) return false;
    const Job& job = on_array_[next_array_];
    if (job.second) return tiles_[job.tile].exponentials_done;
    return job.tile < 2 || tiles_[job.tile - 2].values_issued;  // room for the scores
  }

  void step_array(ReferenceChain& result) {
    const Job& job = on_array_[next_array_];
    if (array_left_ == 0) {
      const Product& work = product(job);
      const Cycles times = job.second ? 1 : score_passes_;
      array_left_ = times * work.issue;
      result.waits += times * work.waits;
    }
    if (--array_left_ != 0) return;
    if (job.second) tiles_[job.tile].values_issued = true;
    leaving_.push_back({now_ + 1 + latency_, job});
    ++next_array_;
  }

  [[nodiscard]] bool lanes_ready() const {
    const Job& job = on_lanes_[next_lanes_];
    return job.second ? tiles_[job.tile].values_out : tiles_[job.tile].scores_out;
  }

  void step_lanes() {
    const Job& job = on_lanes_[next_lanes_];
    Tile& tile = tiles_[job.tile];
    if (lanes_left_ == 0) lanes_left_ = tile.work.rows * (job.second ? depth_ : tile.work.scored);
    lanes_left_ -= std::min<std::uint64_t>(lanes_left_, config_.vector_lanes);
    if (lanes_left_ != 0) return;
    if (!job.second) tile.exponentials_done = true;
    ++next_lanes_;
  }

  const Product& product(const Job& job) {
    const ReferenceTile& work = tiles_[job.tile].work;
    ReferenceProduct shape;
    shape.rows = work.rows;
    shape.columns = job.second ? depth_ : work.scored;
    shape.depth = job.second ? work.weighed : depth_;
    shape.weight_bytes = kLaneBytes;
    const auto [entry, fresh] = products_.try_emplace({shape.rows, shape.columns, shape.depth});
    if (fresh) {
      const ReferenceCycles cycles = run_reference(config_, shape);
      DIXION_CHECK(cycles.compute > latency_, "a product shorter than the array is deep");
      entry->second = {cycles.compute - latency_, cycles.waits};
    }
    return entry->second;
  }

  const AcceleratorConfig& config_;
  std::uint64_t depth_;
  unsigned score_passes_;
  Cycles latency_;  // of the array, from the last operands of a product to its last result
  std::vector<Tile> tiles_;
  std::vector<Job> on_array_, on_lanes_;
  std::size_t next_array_ = 0, next_lanes_ = 0;
  Cycles array_left_ = 0;
  std::uint64_t lanes_left_ = 0;  // elements
  std::deque<Leaving> leaving_;
  std::map<std::array<std::uint64_t, 3>, Product> products_;
  Cycles now_ = 0;
};

}  // namespace

ReferenceChain run_attention(const AcceleratorConfig& config, const ReferenceAttention& attention) {
  std::vector<ReferenceTile> tiles;
  for (std::uint64_t head = 0; head < attention.heads; ++head) {
    for (std::uint64_t first = 0; first < attention.queries; first += config.array_rows) {
      const std::uint64_t rows = std::min<std::uint64_t>(config.array_rows, attention.queries - first);
      tiles.push_back({rows, attention.keys, attention.keys});
    }
  }
  return run_attention(config, tiles, attention.depth, attention.score_passes);
}

ReferenceChain run_attention(const AcceleratorConfig& config, const std::vector<ReferenceTile>& tiles,
                             std::uint64_t depth, unsigned score_passes) {
  return Chain(config, tiles, depth, score_passes).run();
}

}  // namespace dixion::test
