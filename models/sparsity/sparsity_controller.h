// SPDX-License-Identifier: Apache-2.0
/// The sparsity controller: masks, token decisions, ConMerge schedules.
#pragma once

#include "models/common/accelerator_config.h"
#include "models/common/engine.h"

namespace dixion {

class SparsityController final : public Engine {
 public:
  explicit SparsityController(const AcceleratorConfig& config) : config_(config) {}

  [[nodiscard]] CommandError check(const Command& command) const override;
  [[nodiscard]] Demand demand(const Command& command) const override;
  [[nodiscard]] CommandError execute(const Command& command, MemoryAccess& memory, Result& result) override;

 private:
  AcceleratorConfig config_;
};

}  // namespace dixion
