// SPDX-License-Identifier: Apache-2.0
/// The DMA engine: strided copies, gathers by list, fills, windows of pictures (im2col), enlarged pictures.
/// Models: contiguous runs over channels (transfer_plan.h), bytes unchanged. Omits: conversion between formats, which
/// is the vector engine's CONVERT.
#pragma once

#include <cstdint>
#include <vector>

#include "models/common/accelerator_config.h"
#include "models/common/engine.h"

namespace dixion {

class DmaEngine final : public Engine {
 public:
  explicit DmaEngine(const AcceleratorConfig& config) : config_(config) {}

  [[nodiscard]] CommandError check(const Command& command) const override;
  [[nodiscard]] Demand demand(const Command& command) const override;
  [[nodiscard]] CommandError execute(const Command& command, MemoryAccess& memory, Result& result) override;

 private:
  [[nodiscard]] CommandError copy(const Command& command, MemoryAccess& memory, Result& result);
  [[nodiscard]] CommandError gather(const Command& command, MemoryAccess& memory, Result& result);
  [[nodiscard]] CommandError rearrange(const Command& command, MemoryAccess& memory, Result& result);
  [[nodiscard]] CommandError fill(const Command& command, Result& result);

  AcceleratorConfig config_;
};

}  // namespace dixion
