// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/common/engine.h"

namespace dixion {

/// What every engine says and does about a command's operands.

/// DIXION_CAUSE_BUS_ERROR at the operand.
[[nodiscard]] CommandError unreadable(const Command& command, unsigned operand);
/// DIXION_CAUSE_BAD_PARAMETER at the operand: `value` was found in its data.
[[nodiscard]] CommandError bad_data(unsigned operand, std::uint64_t value, const std::string& expected);
/// DIXION_CAUSE_ILLEGAL_OPCODE: the command went to the wrong unit.
[[nodiscard]] CommandError not_an_opcode_of(const Command& command, const char* unit);

/// One transfer per operand that is there, in operand order, one pass each.
[[nodiscard]] std::vector<Transfer> transfers_of(const Command& command);
void set_passes(Demand& demand, unsigned operand, std::uint32_t passes);

/// A result for `view` with room for its elements.
[[nodiscard]] Result::Tensor& add_result(Result& result, const TensorView& view);

}  // namespace dixion
