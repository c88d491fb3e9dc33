// SPDX-License-Identifier: Apache-2.0
/// What one command did, counted in actions of the energy table. Formulas: docs/energy.md.
#pragma once

#include "models/common/accelerator_config.h"
#include "models/common/command.h"
#include "models/common/engine.h"
#include "models/common/trace_sink.h"
#include "platform/energy/energy_table.h"

namespace dixion {

/// Of a command that an engine ran without error.
[[nodiscard]] ActionCounts command_actions(const AcceleratorConfig& config, const Command& command,
                                           const Demand& demand, const CommandCost& cost);

/// Of bytes between memory and a unit, where no command is known (timestamps, rings, lists, records).
[[nodiscard]] ActionCounts memory_actions(std::uint64_t dram_bytes, std::uint64_t buffer_bytes);

/// Times each element passes through a lane of the vector engine.
[[nodiscard]] unsigned energy_vector_passes(std::uint8_t opcode);

}  // namespace dixion
