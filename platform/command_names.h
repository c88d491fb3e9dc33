// SPDX-License-Identifier: Apache-2.0
/// Words for what events carry as numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/common/trace_sink.h"

namespace dixion {

/// Names of a workload's operators, by the number in the tag.
using OperatorNames = std::vector<std::string>;

/// "MATMUL", or "opcode 0x7f" if there is no such command.
std::string opcode_name(std::uint8_t opcode);

/// Name of the operator a tag speaks of; "" when the tag or the workload has none.
std::string operator_name(const OperatorNames& names, std::uint32_t tag);

/// "step 3, layer 2, operator 17 block2.qkv"; parts that the tag leaves out are left out.
std::string describe_tag(const OperatorNames& names, std::uint32_t tag);

/// "queue 0, command 12 MATMUL (step 3, ...)".
std::string describe_command(const OperatorNames& names, const TraceEvent& event);

}  // namespace dixion
