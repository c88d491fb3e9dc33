// SPDX-License-Identifier: Apache-2.0
/// The matrix engine: matrix products and attention.
/// Models: tiles over cores, operand delivery, passes over operands that do not fit (matrix_timing.h), exact values
/// (matmul_function.h, attention_function.h), masks of attention. Omits: floating-point formats, which count for time
/// and energy only.
#pragma once

#include <cstdint>
#include <vector>

#include "models/common/accelerator_config.h"
#include "models/common/engine.h"
#include "models/common/kernel_set.h"
#include "models/common/mask_source.h"
#include "models/engines/matrix/matrix_timing.h"
#include "models/engines/matrix/operand_delivery.h"

namespace dixion {

class MatrixEngine final : public Engine {
 public:
  /// `kernels` outlives the engine.
  MatrixEngine(const AcceleratorConfig& config, const KernelSet& kernels)
      : config_(config), kernels_(kernels), delivery_(config) {}

  [[nodiscard]] CommandError check(const Command& command) const override;
  [[nodiscard]] Demand demand(const Command& command) const override;
  [[nodiscard]] CommandError execute(const Command& command, MemoryAccess& memory, Result& result) override;

 private:
  [[nodiscard]] Demand matmul_demand(const Command& command) const;
  /// Null: the bits are not known yet, the configured density stands for them.
  [[nodiscard]] Demand matmul_rows_demand(const Command& command, const MaskSource* bits) const;
  [[nodiscard]] Demand attention_demand(const Command& command) const;
  /// As if there were no mask.
  [[nodiscard]] Demand dense_demand(const Command& command) const;
  [[nodiscard]] CommandError execute_matmul(const Command& command, MemoryAccess& memory, Result& result);
  [[nodiscard]] CommandError execute_matmul_rows(const Command& command, MemoryAccess& memory, Result& result);
  [[nodiscard]] CommandError execute_attention(const Command& command, MemoryAccess& memory, Result& result);
  [[nodiscard]] static CommandError check_matmul_rows(const Command& command);
  [[nodiscard]] static CommandError check_attention(const Command& command);
  /// Time and work of a command with a mask. Null: the bits are not known yet, the configured density stands for them.
  void add_mask_work(const Command& command, const MaskSource* bits, Demand& demand) const;

  AcceleratorConfig config_;
  const KernelSet& kernels_;
  mutable OperandDelivery delivery_;  // remembers results only
  // Dense operands. Kept between commands only to keep their memory.
  std::vector<std::int16_t> first_, second_, third_;
  std::vector<std::uint8_t> weight_bytes_, mask_bytes_;
  std::vector<std::uint32_t> mask_;
};

}  // namespace dixion
