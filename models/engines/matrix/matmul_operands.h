// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "models/common/engine.h"
#include "models/engines/matrix/matmul_function.h"

namespace dixion {

/// Entries of the requantisation table in `operand`, or the pair in immediates 0 and 1 where it is absent. A shift
/// above 62 in the table is bad data.
[[nodiscard]] CommandError load_factors(const Command& command, unsigned operand, MemoryAccess& memory,
                                        std::vector<RequantEntry>& factors);

}  // namespace dixion
