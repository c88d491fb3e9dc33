// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "models/common/command.h"
#include "models/common/memory_access.h"
#include "models/engines/matrix/matmul_function.h"

namespace dixion {

/// The command's operand `table`, or, where it is absent, the factor in immediates 0 and 1. Error: unreadable, or a
/// shift above 62.
[[nodiscard]] CommandError load_factors(const Command& command, MemoryAccess& memory, unsigned table,
                                        std::vector<RequantEntry>& factors);

}  // namespace dixion
