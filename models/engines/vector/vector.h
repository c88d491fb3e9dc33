// SPDX-License-Identifier: Apache-2.0
/// The vector engine: normalisations and modulation, activations, rotary positions, element-by-element operators,
/// sampler update, noise.
/// Models: lanes over cores, passes per operator (vector_timing.h), exact values (*_function.h). Omits: stalls between
/// lanes; floating-point formats, which count for time and energy only. Read next: vector_check.cpp,
/// VectorEngine::execute.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "models/common/accelerator_config.h"
#include "models/common/engine.h"
#include "models/common/kernel_set.h"
#include "models/common/mask_store.h"

namespace dixion {

class VectorEngine final : public Engine {
 public:
  /// `kernels` and `masks` outlive the engine. `masks`: whose bits stand for masks in timing mode; without it, bits of
  /// the configured density do.
  VectorEngine(const AcceleratorConfig& config, const KernelSet& kernels, MaskStore* masks = nullptr)
      : config_(config), kernels_(kernels), masks_(masks) {}

  [[nodiscard]] CommandError check(const Command& command) const override;
  [[nodiscard]] Demand demand(const Command& command) const override;
  [[nodiscard]] CommandError execute(const Command& command, MemoryAccess& memory, Result& result) override;

 private:
  using Operation = CommandError (VectorEngine::*)(const Command&, MemoryAccess&, Result&);
  [[nodiscard]] static Operation operation_of(std::uint8_t opcode);

  /// Source, shift and scale of a normalisation or modulation into first_, second_, third_.
  [[nodiscard]] CommandError load_norm_operands(const Command& command, MemoryAccess& memory);
  [[nodiscard]] CommandError norm(const Command& command, MemoryAccess& memory, Result& result);
  [[nodiscard]] CommandError grouped_norm(const Command& command, MemoryAccess& memory, Result& result);
  [[nodiscard]] CommandError modulation(const Command& command, MemoryAccess& memory, Result& result);
  [[nodiscard]] CommandError activation(const Command& command, MemoryAccess& memory, Result& result);
  [[nodiscard]] CommandError gated_activation(const Command& command, MemoryAccess& memory, Result& result);
  // vector_columns.cpp: activations by tiles' columns.
  [[nodiscard]] CommandError hidden_activation(const Command& command, MemoryAccess& memory, Result& result);
  [[nodiscard]] Demand columns_demand(const Command& command) const;
  /// Of a mask with so many elements of dst.
  [[nodiscard]] Demand columns_demand(const Command& command, std::uint64_t elements) const;
  [[nodiscard]] CommandError rotation(const Command& command, MemoryAccess& memory, Result& result);
  [[nodiscard]] CommandError sum(const Command& command, MemoryAccess& memory, Result& result);
  [[nodiscard]] CommandError residual(const Command& command, MemoryAccess& memory, Result& result);
  [[nodiscard]] CommandError conversion(const Command& command, MemoryAccess& memory, Result& result);
  [[nodiscard]] CommandError sampler(const Command& command, MemoryAccess& memory, Result& result);
  [[nodiscard]] CommandError noise(const Command& command, MemoryAccess& memory, Result& result);

  AcceleratorConfig config_;
  const KernelSet& kernels_;
  MaskStore* masks_;
  mutable std::map<std::array<std::uint64_t, 5>, std::uint64_t> assumed_;  // made-up masks; remembers results only
  // Dense operands. Kept between commands only to keep their memory.
  std::vector<std::int32_t> first_, second_, third_;
  std::vector<std::int16_t> lanes_, table_;
  std::vector<std::uint8_t> mask_bytes_;
};

}  // namespace dixion
