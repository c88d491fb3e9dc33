// SPDX-License-Identifier: Apache-2.0
/// Measures what the controller makes of a preset and compares with closed forms of the preset's values: peak,
/// latencies, ceilings, refresh. The formulas use the preset only; the measurements run bursts through one channel.
#pragma once

#include <string>
#include <vector>

#include "platform/dram/parameters.h"

namespace dixion::dram {

struct ConformanceRow {
  std::string name;
  std::string formula;  ///< in words of the timing fields
  std::string unit;
  double expected;
  double measured;

  /// |measured - expected| / expected.
  [[nodiscard]] double deviation() const;
};

/// Peak, hit, closed-row and conflict latency, four-activate ceiling, same-bank-group ceiling, refresh loss.
[[nodiscard]] std::vector<ConformanceRow> conformance(const Preset& preset);

}  // namespace dixion::dram
