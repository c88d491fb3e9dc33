// SPDX-License-Identifier: Apache-2.0
/// Time and traffic of a command with a row list. Formulas and assumptions: docs/timing.md, "Row lists".
#pragma once

#include <vector>

#include "models/common/engine.h"
#include "models/engines/row_list.h"

namespace dixion {

/// `parts`: what the command on compact operands asks for, group by group; `dense_macs`: products if all rows were
/// listed.
[[nodiscard]] Demand row_list_demand(const Command& command, const RowList& list, const std::vector<RowGroup>& groups,
                                     const std::vector<Demand>& parts, std::uint64_t dense_macs);

}  // namespace dixion
