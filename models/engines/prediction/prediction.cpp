// SPDX-License-Identifier: Apache-2.0
#include "models/engines/prediction/prediction.h"

#include "models/common/operands.h"

namespace dixion {

CommandError PredictionEngine::check(const Command& command) const { return not_an_opcode_of(command, "prediction engine"); }

Demand PredictionEngine::demand(const Command& command) const {
  Demand demand;
  demand.compute = config_.dispatch_cycles;
  demand.transfers = transfers_of(command);
  return demand;
}

CommandError PredictionEngine::execute(const Command& command, MemoryAccess& /*memory*/, Result& /*result*/) { return check(command); }

}  // namespace dixion
