// SPDX-License-Identifier: Apache-2.0
/// The sparsity controller: masks, token decisions, ConMerge schedules.
/// Models: thresholds to masks, ConMerge generation per tile with its time and traffic. A command per file.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <vector>

#include "models/common/accelerator_config.h"
#include "models/common/engine.h"
#include "models/common/mask_store.h"
#include "models/sparsity/merge_rule.h"
#include "models/sparsity/tile_work.h"
#include "models/sparsity/token_decision.h"

namespace dixion {

class SparsityController final : public Engine {
 public:
  /// `masks`: whose bits stand for masks in timing mode; without it, bits of the configured density do. Outlives the
  /// engine.
  explicit SparsityController(const AcceleratorConfig& config, const MaskStore* masks = nullptr);

  [[nodiscard]] CommandError check(const Command& command) const override;
  [[nodiscard]] Demand demand(const Command& command) const override;
  [[nodiscard]] CommandError execute(const Command& command, MemoryAccess& memory, Result& result) override;
  [[nodiscard]] CommandError plan(const Command& command, MemoryAccess& memory, Result& result) override;

 private:
  // mask_threshold.cpp
  [[nodiscard]] static CommandError check_threshold(const Command& command);
  [[nodiscard]] Demand threshold_demand(const Command& command) const;
  [[nodiscard]] CommandError execute_threshold(const Command& command, MemoryAccess& memory, Result& result);

  // conmerge_build.cpp
  [[nodiscard]] static CommandError check_build(const Command& command);
  [[nodiscard]] Demand build_demand(const Command& command) const;
  [[nodiscard]] Demand demand_of_tiles(const Command& command, const std::vector<TileWork>& tiles) const;
  [[nodiscard]] CommandError execute_build(const Command& command, MemoryAccess& memory, Result& result);

  AcceleratorConfig config_;
  const MaskStore* masks_;
  std::unique_ptr<MergeRule> rule_;
  /// Of made-up masks by samples, rows, columns, grid width, depth, look. Remember results only.
  mutable std::map<std::array<std::uint64_t, 6>, std::vector<TileWork>> assumed_;
  mutable std::map<std::array<std::uint64_t, 3>, std::uint64_t> assumed_kept_;  // by rows, columns, look
  TokenDecision token_decision_;
};

}  // namespace dixion
