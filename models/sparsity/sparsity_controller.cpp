// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/sparsity_controller.h"

#include "models/common/operands.h"

namespace dixion {

SparsityController::SparsityController(const AcceleratorConfig& config)
    : config_(config), rule_(make_merge_rule(config.merge_rule)) {}

CommandError SparsityController::check(const Command& command) const {
  switch (command.info->value) {
    case DIXION_OPCODE_MASK_THRESHOLD:
      return check_threshold(command);
    case DIXION_OPCODE_CONMERGE_BUILD:
      return check_build(command);
    default:
      return not_an_opcode_of(command, "sparsity controller");
  }
}

Demand SparsityController::demand(const Command& command) const {
  return command.info->value == DIXION_OPCODE_MASK_THRESHOLD ? threshold_demand(command) : build_demand(command);
}

CommandError SparsityController::execute(const Command& command, MemoryAccess& memory, Result& result) {
  return command.info->value == DIXION_OPCODE_MASK_THRESHOLD ? execute_threshold(command, memory, result)
                                                             : execute_build(command, memory, result);
}

}  // namespace dixion
