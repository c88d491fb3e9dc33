// SPDX-License-Identifier: Apache-2.0
/// How columns are grouped and merged. A rule decides; the generator (conmerge.h) keeps whatever it decides legal.
/// To add one: derive from MergeRule in a file of its own and add a line to merge_rules() (docs/try_your_idea.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/sparsity/merged_block.h"

namespace dixion {

class MergeRule {
 public:
  virtual ~MergeRule() = default;
  /// How the rule is called in configurations and on the command line.
  [[nodiscard]] virtual const char* name() const = 0;
  /// The order in which columns are cut into blocks of 16: every index of `columns` once.
  [[nodiscard]] virtual std::vector<std::size_t> order(std::span<const Column> columns) const = 0;
  /// Which waiting block (an index of `waiting`) to try on `block` next, after `refused` refusals in a row; nothing
  /// closes it.
  [[nodiscard]] virtual std::optional<std::size_t> next(const MergedBlock& block, std::span<const ColumnBlock> waiting,
                                                        unsigned refused) const = 0;
  /// Which lane computes outputs of `row` at `columns`, where the row's own units are busy: one that can receive the
  /// row and has at least one of these units free (asked again for the rest); nothing refuses the merge.
  [[nodiscard]] virtual std::optional<unsigned> lane_for(const MergedBlock& block, unsigned row,
                                                         std::uint16_t columns) const = 0;
};

/// All rules; the first is the default.
[[nodiscard]] std::vector<std::unique_ptr<MergeRule>> merge_rules();
/// By name; ConfigError names those there are.
[[nodiscard]] std::unique_ptr<MergeRule> make_merge_rule(const std::string& name);

}  // namespace dixion
