// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/dram/core.h"
#include "platform/dram/dram_system_config.h"

namespace dixion {

/// What the core needs of it. Throws ConfigError ("dram preset", "dram timing") for a preset that does not exist and
/// changes that cannot be read; whether the rest makes sense, dram::validate says.
[[nodiscard]] dram::CoreConfig dram_core_config(const DramSystemConfig& config);

}  // namespace dixion
