// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/sparsity_controller.h"

#include "models/common/operands.h"

namespace dixion {

CommandError SparsityController::check(const Command& command) const {
  if (command.info->value == DIXION_OPCODE_TOKEN_DECISION) return TokenDecision::check(command);
  return not_an_opcode_of(command, "sparsity controller");
}

Demand SparsityController::demand(const Command& command) const { return token_decision_.demand(command); }

CommandError SparsityController::execute(const Command& command, MemoryAccess& memory, Result& result) {
  return token_decision_.execute(command, memory, result);
}

CommandError SparsityController::plan(const Command& command, MemoryAccess& memory, Result& result) {
  return token_decision_.plan(command, memory, result);
}

}  // namespace dixion
