// SPDX-License-Identifier: Apache-2.0
/// The prediction engine: which attention scores matter, found with powers of two before Q, K and V are computed.
/// Models: an array of log-domain units per core and the choice of the largest scores (predict_timing.h), exact values
/// (predict_function.h). Omits: memory traffic of predicted Q and K that a core SRAM does not hold.
/// With a row list (row_list_engine.h) the listed tokens are predicted; the others' keys are stored ones.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "models/common/accelerator_config.h"
#include "models/common/engine.h"
#include "models/common/kernel_set.h"
#include "models/common/mask_store.h"
#include "models/engines/matrix/operand_delivery.h"

namespace dixion {

class PredictionEngine final : public Engine {
 public:
  /// `kernels` and `masks` outlive the engine. Without rows of units the engine refuses every command. `masks`: whose
  /// bits stand for masks in timing mode; without it, made-up ones.
  PredictionEngine(const AcceleratorConfig& config, const KernelSet& kernels, const MaskStore* masks = nullptr);

  [[nodiscard]] CommandError check(const Command& command) const override;
  [[nodiscard]] Demand demand(const Command& command) const override;
  [[nodiscard]] CommandError execute(const Command& command, MemoryAccess& memory, Result& result) override;

 private:
  bool present_;
  AcceleratorConfig array_;
  const KernelSet& kernels_;
  const MaskStore* masks_;
  mutable OperandDelivery delivery_;                                            // remembers results only
  mutable std::map<std::array<std::uint64_t, 3>, std::uint64_t> assumed_kept_;  // by rows, columns, look
  // Dense operands. Kept between commands only to keep their memory.
  std::vector<std::int16_t> src_, keys_;
  std::vector<std::uint32_t> token_of_;
  std::vector<std::uint8_t> weight_;
};

}  // namespace dixion
