// SPDX-License-Identifier: Apache-2.0
/// From configuration files and --set to the structs the SoC is built from. Everything is checked here, before any
/// module exists.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/common/accelerator_config.h"
#include "models/common/clock.h"
#include "platform/config.pb.h"
#include "platform/dram/dram_system_config.h"
#include "platform/energy/energy_parameters.h"

namespace dixion {

struct HostParameters {
  unsigned harts = 1;
  std::uint64_t clock_hz = 1'000'000'000;
  std::uint64_t timer_hz = 10'000'000;
  Ticks quantum_ticks = 100'000'000;
  bool exact_memory = false;
  Cycles memory_latency = 0;  ///< hart_cycles
  std::uint64_t trap_loop_threshold = 10'000;
};

/// DRAM with fixed latency and bandwidth, or with real timing.
struct MemoryParameters {
  std::uint64_t capacity_bytes = 8ULL << 30;  ///< of either
  std::uint64_t latency_ns = 100;
  std::uint64_t bytes_per_second = 51'200'000'000;  ///< with real timing: of all data buses
  std::optional<DramSystemConfig> dram{};           ///< real timing
};

/// A SoC, ready to be built.
struct SocParameters {
  HostParameters host;
  AcceleratorConfig accelerator;
  MemoryParameters memory;
  EnergyParameters energy;
};

/// Defaults of the structs above, with every key set.
[[nodiscard]] config::SocConfig default_soc_config();

/// Reads a preset by name or a file, applies "soc.path=value" settings in order and fills what is left out with the
/// defaults: the resolved configuration. Throws ConfigError.
[[nodiscard]] config::SocConfig load_soc_config(const std::string& name_or_file, const std::vector<std::string>& sets);

/// Checks every key's range and the rules across keys, e.g. ConfigError("soc.accelerator.cores", "65 is ...").
[[nodiscard]] SocParameters validate_soc_config(const config::SocConfig& config);

/// One line per key: path, value, unit, range, meaning.
[[nodiscard]] std::vector<std::string> describe_keys(const config::SocConfig& config);

}  // namespace dixion
