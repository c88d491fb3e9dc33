// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/sparsity/merge_rule.h"

namespace dixion {

/// The simplest rule, to compare with: columns as they come, the first waiting block or none, the lowest lane with a
/// free unit.
class FirstFitRule final : public MergeRule {
 public:
  [[nodiscard]] const char* name() const override { return "first_fit"; }
  [[nodiscard]] std::vector<std::size_t> order(std::span<const Column> columns) const override;
  [[nodiscard]] std::optional<std::size_t> next(const MergedBlock& block, std::span<const ColumnBlock> waiting,
                                                unsigned refused) const override;
  [[nodiscard]] std::optional<unsigned> lane_for(const MergedBlock& block, unsigned row,
                                                 std::uint16_t columns) const override;
};

}  // namespace dixion
