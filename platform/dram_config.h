// SPDX-License-Identifier: Apache-2.0
/// From `memory { dram { ... } }` to the DRAM model.
#pragma once

#include "platform/config.pb.h"
#include "platform/dram/dram_system_config.h"

namespace dixion {

/// Fills what is left out with the defaults: LPDDR5-6400, four x16 channels, 8 GiB or what the channels hold, if that
/// is less.
void complete(config::Memory::Dram& config);

/// Checked completely. Throws ConfigError "soc.memory.dram: ...".
[[nodiscard]] DramSystemConfig dram_system_config(const config::Memory::Dram& config);

}  // namespace dixion
