// SPDX-License-Identifier: Apache-2.0
/// What one action costs on a given machine: the configured rows with sizes and lengths put in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "models/common/accelerator_config.h"
#include "platform/energy/energy_parameters.h"

namespace dixion {

/// What dynamic energy is counted by.
enum class Action : std::uint8_t {
  kMacInt8,
  kMacInt12Int8,
  kMacInt12,
  kMacFloat16,
  kRegisterByte,
  kVectorElement,
  kCoreSramByte,
  kGlobalBufferByte,
  kNetworkByte,
  kDmaByte,
  kDramByte,
  kLogProduct,
};
inline constexpr std::size_t kActions = 12;
using ActionCounts = std::array<std::uint64_t, kActions>;

/// Where dynamic energy goes.
enum class Component : std::uint8_t { kMatrix, kVector, kCoreSram, kGlobalBuffer, kNetwork, kDma, kDram, kPrediction };
inline constexpr std::size_t kComponents = 8;

[[nodiscard]] Component component_of(Action action);
/// "core_sram".
[[nodiscard]] const char* component_name(Component component);
/// "core_sram_byte".
[[nodiscard]] const char* action_name(Action action);

struct EnergyTable {
  std::array<EnergyRange, kActions> action{};  ///< fJ each
  EnergyRange activation;                      ///< fJ per row opened; 0 where it is part of the figure per byte
  EnergyRange leakage_uw;
  EnergyRange dram_background_uw;
  EnergyRange dram_refresh_uw;
};

/// Bytes that one activation pays for in published figures per bit: a page, read as a stream.
inline constexpr std::uint64_t kStreamedPageBytes = 2048;

/// Where activations are counted, their energy is taken out of the figure per byte of DRAM.
[[nodiscard]] EnergyTable make_energy_table(const EnergyParameters& parameters, const AcceleratorConfig& accelerator);

/// fJ per byte of a bank of `bytes`: linear in the square root of the size between the rows and beyond them.
[[nodiscard]] EnergyRange sram_byte(const EnergyParameters& parameters, std::uint64_t bytes);

}  // namespace dixion
