// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/sparsity_controller.h"

#include "models/common/operands.h"

namespace dixion {

SparsityController::SparsityController(const AcceleratorConfig& config, const MaskStore* masks)
    : config_(config), masks_(masks), rule_(make_merge_rule(config.merge_rule)), token_decision_(config, masks) {}

CommandError SparsityController::check(const Command& command) const {
  switch (command.info->value) {
    case DIXION_OPCODE_MASK_THRESHOLD:
      return check_threshold(command);
    case DIXION_OPCODE_CONMERGE_BUILD:
      return check_build(command);
    case DIXION_OPCODE_TOKEN_DECISION:
      return TokenDecision::check(command);
    default:
      return not_an_opcode_of(command, "sparsity controller");
  }
}

Demand SparsityController::demand(const Command& command) const {
  switch (command.info->value) {
    case DIXION_OPCODE_MASK_THRESHOLD:
      return threshold_demand(command);
    case DIXION_OPCODE_CONMERGE_BUILD:
      return build_demand(command);
    default:
      return token_decision_.demand(command);
  }
}

CommandError SparsityController::execute(const Command& command, MemoryAccess& memory, Result& result) {
  switch (command.info->value) {
    case DIXION_OPCODE_MASK_THRESHOLD:
      return execute_threshold(command, memory, result);
    case DIXION_OPCODE_CONMERGE_BUILD:
      return execute_build(command, memory, result);
    default:
      return token_decision_.execute(command, memory, result);
  }
}

CommandError SparsityController::plan(const Command& command, MemoryAccess& memory, Result& result) {
  if (command.info->value != DIXION_OPCODE_TOKEN_DECISION) return {};
  return token_decision_.plan(command, memory, result);
}

}  // namespace dixion
