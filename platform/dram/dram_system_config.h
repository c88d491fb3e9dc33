// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "platform/dram/core.h"

namespace dixion {

struct DramSystemConfig {
  dram::CoreConfig core;
  std::uint64_t controller_ps = 20'000;  ///< from the port to the channel and back, assumed
  unsigned outstanding = 64;             ///< four-phase requests taken before the first is answered, at least 1
};

}  // namespace dixion
