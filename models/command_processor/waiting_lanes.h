// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <vector>

#include "models/command_processor/command_window.h"
#include "models/common/stall_reason.h"

namespace dixion {

/// A queue as far as it matters to units without work.
struct QueueView {
  const CommandWindow* window;
  bool held;      ///< starts nothing: completion ring full, halted, or waiting for commands from before a reset
  bool fetching;  ///< reads or decodes commands right now
};

/// What the free lanes of each unit wait for. The next command of a lane is the oldest waiting one that names it; what
/// blocks that command decides, and where queues disagree the first reason in the order of StallReason. `lanes`: how
/// many each unit has.
[[nodiscard]] std::array<WaitingLanes, kUnits> waiting_lanes(const std::vector<QueueView>& queues,
                                                             const CommandWindow::Machine& machine,
                                                             const std::array<unsigned, kUnits>& lanes);

}  // namespace dixion
