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

}  // namespace dixion::dram
