// SPDX-License-Identifier: Apache-2.0
/// How long one core takes for tiles of queries whose scores, exponentials, weighted sum and division are chained
/// between its array and its vector lanes. Model, sources and assumptions: docs/timing.md, "Attention".
#pragma once

#include <cstdint>
#include <span>

#include "models/common/clock.h"

namespace dixion {

/// What one tile of queries occupies, in accel_cycles.
struct AttentionTile {
  Cycles scores = 0;        ///< array: all passes over K, with its waits for operands; 0: no score is needed
  Cycles exponentials = 0;  ///< lanes
  Cycles values = 0;        ///< array: weighted sum, with its waits
  Cycles division = 0;      ///< lanes
  friend bool operator==(const AttentionTile&, const AttentionTile&) = default;
};

/// The tiles of one core, in order. Array: scores of tile i + 1 before the weighted sum of tile i, as scores of two
/// tiles have room; lanes: exponentials of tile i + 1 before the division of tile i. What the array makes reaches the
/// lanes `fill` later; exponentials wait for all scores of their tile, the weighted sum for all exponentials, the
/// division for the whole sum.
class AttentionChain {
 public:
  /// `fill`: matrix_fill_cycles() of the array.
  explicit AttentionChain(Cycles fill) : fill_(fill) {}

  void add(const AttentionTile& tile);
  /// Work that has array and lanes to itself for `cycles`, once the weighted sums before it have their operands.
  void add_alone(Cycles cycles);
  /// accel_cycles from the first operand to the last element of the last division; 0 without tiles.
  [[nodiscard]] Cycles end() const;

  /// Whether whatever comes next takes the two equally long. Both have the same last tile.
  [[nodiscard]] bool same_phase(const AttentionChain& other) const;
  /// Adds `times` times what was added since it was `mark`, which is in the same phase.
  void repeat_since(const AttentionChain& mark, std::uint64_t times);

 private:
  void finish_tile();

  Cycles fill_;
  Cycles array_ = 0;    // it has taken all operands of what was given to it
  Cycles lanes_ = 0;    // they are free, but for the last tile's division
  Cycles weights_ = 0;  // exponentials of the last tile are done; not before array_
  Cycles alone_ = 0;    // results of what ran alone are out
  AttentionTile last_;  // whose weighted sum and division are still to come
};

/// accel_cycles of `tiles` in order, and of the whole row `repeats` times (heads). Exact: once a repetition begins as
/// an earlier one did, those that follow are not run but counted. 0 without tiles.
[[nodiscard]] Cycles attention_chain_cycles(std::span<const AttentionTile> tiles, std::uint64_t repeats, Cycles fill);

}  // namespace dixion
