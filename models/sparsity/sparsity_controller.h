// SPDX-License-Identifier: Apache-2.0
/// The sparsity controller: masks, token decisions, ConMerge schedules.
#pragma once

#include "models/common/accelerator_config.h"
#include "models/common/engine.h"
#include "models/sparsity/token_decision.h"

namespace dixion {

class SparsityController final : public Engine {
 public:
  explicit SparsityController(const AcceleratorConfig& config) : token_decision_(config) {}

  [[nodiscard]] CommandError check(const Command& command) const override;
  [[nodiscard]] Demand demand(const Command& command) const override;
  [[nodiscard]] CommandError execute(const Command& command, MemoryAccess& memory, Result& result) override;
  [[nodiscard]] CommandError plan(const Command& command, MemoryAccess& memory, Result& result) override;

 private:
  TokenDecision token_decision_;
};

}  // namespace dixion
