// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dixion {

/// How far a statistic can be trusted.
enum class Fidelity : std::uint8_t { kExact, kApproximate, kEstimate };

/// One value at the end of a run. Units name their clock: "accel_cycles", "hart_cycles", "bytes", "commands", "macs".
struct Statistic {
  std::string name;  ///< path from the SoC, e.g. "accelerator.matrix.busy"
  std::string unit;
  std::string sentence;
  std::uint64_t value;
  Fidelity fidelity = Fidelity::kExact;
};

using StatisticsList = std::vector<Statistic>;

}  // namespace dixion
