// SPDX-License-Identifier: Apache-2.0
/// The DRAM presets. One's own: docs/memory.md, "Your own preset".
#pragma once

#include <string>
#include <vector>

#include "platform/dram/parameters.h"

namespace dixion::dram {

/// LPDDR5-6400, LPDDR5X-8533, GDDR6-14, HBM2-2000, HBM2-2400, HBM2E-3024, HBM3-6400; all valid.
[[nodiscard]] const std::vector<Preset>& presets();
/// ConfigError ("dram preset", "there is no 'X'; there are ...") for an unknown name.
[[nodiscard]] const Preset& find_preset(const std::string& name);
/// `preset` with values changed: "rcd_read=20 rp=18", the timing fields, clock_hz or rows. Its name gets a "*". Throws
/// ConfigError ("dram timing", ...) for unknown names and what is no number; what it gives may still be invalid.
[[nodiscard]] Preset changed(Preset preset, const std::string& changes);

}  // namespace dixion::dram
