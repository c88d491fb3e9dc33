// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "models/common/clock.h"
#include "models/common/trace_sink.h"

namespace dixion {

/// Divides a command's cycles into computing and stalls while it goes on: each call takes what lies between the last
/// one and `until`, so nothing is counted twice or left out. Reasons follow each other in the order of StallReason.
class CommandBooks {
 public:
  CommandBooks(Cycles begun, unsigned lanes, CommandCost& cost) : cost_(cost), booked_(begun), lanes_(lanes) {}

  void stall(Cycles until, StallReason reason) { cost_.stalls[index_of(reason)] += take(until); }
  /// Of these cycles `operand_bank` were lost to the banks of the core SRAM.
  void compute(Cycles until, Cycles operand_bank) {
    stall(std::min(until, booked_ + operand_bank), StallReason::kOperandBank);
    cost_.busy_cycles += take(until);
  }

 private:
  std::uint64_t take(Cycles until) {
    if (until <= booked_) return 0;
    const std::uint64_t cycles = (until - booked_) * lanes_;
    booked_ = until;
    return cycles;
  }

  CommandCost& cost_;
  Cycles booked_;
  unsigned lanes_;
};

}  // namespace dixion
