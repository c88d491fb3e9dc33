// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/sparsity/merge_rule.h"

namespace dixion {

/// Sorts columns by need, so that blocks are alike inside; puts the sparsest waiting block onto the densest, as EXION
/// is described to do, and after a refusal tries the next sparsest, `tries` in a row. It tries none that counts of needed outputs, known
/// from sorting, rule out: a physical column would be asked for more than its 16 units. A conflict goes to the lane
/// that takes most of it. Ties: lowest index. Assumed: counts as a filter, number of tries, order of tries, choice of
/// lane.
class GreedyRule final : public MergeRule {
 public:
  explicit GreedyRule(unsigned tries = 2) : tries_(tries) {}

  [[nodiscard]] const char* name() const override { return "greedy"; }
  [[nodiscard]] std::vector<std::size_t> order(std::span<const Column> columns) const override;
  [[nodiscard]] std::optional<std::size_t> next(const MergedBlock& block, std::span<const ColumnBlock> waiting,
                                                unsigned refused) const override;
  [[nodiscard]] std::optional<unsigned> lane_for(const MergedBlock& block, unsigned row,
                                                 std::uint16_t columns) const override;

 private:
  unsigned tries_;
};

}  // namespace dixion
