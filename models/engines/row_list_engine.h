// SPDX-License-Identifier: Apache-2.0
/// An engine that takes row lists, made from one that knows nothing of them: listed rows are gathered into compact
/// operands, the engine's command runs on these, rows of the results are scattered. Commands without a list pass
/// through.
#pragma once

#include "models/common/engine.h"
#include "models/common/mask_store.h"
#include "models/engines/row_gather.h"

namespace dixion {

class RowListEngine final : public Engine {
 public:
  /// `engine` and `masks` outlive this one. `masks`: those of timing mode, may be null.
  explicit RowListEngine(Engine& engine, MaskStore* masks = nullptr) : engine_(engine), masks_(masks) {}

  [[nodiscard]] CommandError check(const Command& command) const override;
  /// With a list: as if all rows were listed; execute() and plan() tell the demand of those that are.
  [[nodiscard]] Demand demand(const Command& command) const override { return engine_.demand(command); }
  [[nodiscard]] CommandError execute(const Command& command, MemoryAccess& memory, Result& result) override;
  [[nodiscard]] CommandError plan(const Command& command, MemoryAccess& memory, Result& result) override;

 private:
  Engine& engine_;
  MaskStore* masks_;
  CompactMemory compact_;
};

}  // namespace dixion
