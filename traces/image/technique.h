// SPDX-License-Identifier: Apache-2.0
/// What the passes of techniques share: each puts other operators in place of some of the graph's.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "traces/image/graph.h"

namespace dixion {

/// In the settings of CONMERGE_BUILD: the mask is one of attention's scores.
inline constexpr std::uint32_t kScoreSchedule = 0x100;

[[nodiscard]] const abi::OpcodeInfo* opcode_info(dixion_opcode wanted);

/// Tensor of the operand called `name`; kNoTensor if it is absent or the opcode has none of that name.
[[nodiscard]] int operand_of(const GraphOperator& op, const std::string& name);
/// The opcode has an operand of that name (DefectError).
void set_operand(GraphOperator& op, const std::string& name, int tensor);
/// `op` as another opcode: operands that both have by the same name stay, the others are absent.
[[nodiscard]] GraphOperator as_opcode(const GraphOperator& op, dixion_opcode opcode);

/// A tensor that lies dense in memory of its own, kept for the whole run.
[[nodiscard]] GraphTensor dense_tensor(const std::string& name, std::vector<std::uint64_t> shape, dixion_format format,
                                       double scale = 1);
/// A tensor of integers that operators write and later steps read; its index.
int add_run_tensor(Graph& graph, const std::string& name, std::vector<std::uint64_t> shape, dixion_format format);

/// "0-3,7" -> {0, 1, 2, 3, 7}; empty: all layers that can be. ConfigError(`key`, ...) for anything else.
[[nodiscard]] std::set<unsigned> layers_of(const std::string& text, const std::string& key);
/// ConfigError(`key`, ...) if `text` names a layer that is not `found`; `what` says what it lacks.
void require_layers(const std::string& text, const std::set<unsigned>& found, const std::string& key,
                    const std::string& what);
/// ConfigError(`key`, ...) if a workload cannot have so many operators.
void require_operator_limit(std::size_t operators, const std::string& key);

}  // namespace dixion
