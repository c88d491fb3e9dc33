// SPDX-License-Identifier: Apache-2.0
/// The prediction engine: which attention scores matter, found with powers of two before Q, K and V are computed.
/// Models: an array of log-domain units per core and the choice of the largest scores (predict_timing.h), exact values
/// (predict_function.h). Omits: memory traffic of predicted Q and K that a core SRAM does not hold.
#pragma once

#include <cstdint>
#include <vector>

#include "models/common/accelerator_config.h"
#include "models/common/engine.h"
#include "models/common/kernel_set.h"
#include "models/engines/matrix/operand_delivery.h"

namespace dixion {

class PredictionEngine final : public Engine {
 public:
  /// `kernels` outlives the engine. Without rows of units the engine refuses every command.
  PredictionEngine(const AcceleratorConfig& config, const KernelSet& kernels);

  [[nodiscard]] CommandError check(const Command& command) const override;
  [[nodiscard]] Demand demand(const Command& command) const override;
  [[nodiscard]] CommandError execute(const Command& command, MemoryAccess& memory, Result& result) override;

 private:
  bool present_;
  AcceleratorConfig array_;
  const KernelSet& kernels_;
  mutable OperandDelivery delivery_;  // remembers results only
  // Dense operands. Kept between commands only to keep their memory.
  std::vector<std::int16_t> src_;
  std::vector<std::uint8_t> weight_;
};

}  // namespace dixion
