// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/sparsity_controller.h"

#include "models/common/operands.h"

namespace dixion {

CommandError SparsityController::check(const Command& command) const { return not_an_opcode_of(command, "sparsity controller"); }

Demand SparsityController::demand(const Command& command) const {
  Demand demand;
  demand.compute = config_.dispatch_cycles;
  demand.transfers = transfers_of(command);
  return demand;
}

CommandError SparsityController::execute(const Command& command, MemoryAccess& /*memory*/, Result& /*result*/) { return check(command); }

}  // namespace dixion
