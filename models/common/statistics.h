// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dixion {

/// How far a statistic can be trusted.
enum class Fidelity : std::uint8_t { kExact, kApproximate, kEstimate };

/// `count` of a statistic's value are from below / 2 to under `below`; below 1 ("1") there is only 0.
struct Bucket {
  std::uint64_t below;
  std::uint64_t count;
};

/// One value at the end of a run, declared where it is counted; statistics.json, the summary and docs/statistics.md are
/// made from this list. Units name their clock: "accel_cycles", "hart_cycles", "dram_cycles", "bytes", "commands".
struct Statistic {
  std::string name;  ///< path from the SoC, e.g. "accelerator.matrix.busy"; numbers only in the names of instances
  std::string unit;
  std::string sentence;  ///< the same whatever the configuration
  std::uint64_t value;
  Fidelity fidelity = Fidelity::kExact;
  std::uint64_t standard_error = 0;  ///< of an estimate, in the same unit
  std::vector<Bucket> buckets{};     ///< of a histogram, those that are not empty; the value is their sum
};

using StatisticsList = std::vector<Statistic>;

}  // namespace dixion
