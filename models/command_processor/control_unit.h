// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>

#include "models/common/clock.h"
#include "models/common/execution.h"
#include "models/common/trace_sink.h"

namespace dixion {

/// Runs the command processor's own commands: NOP takes no time of its own, TIMESTAMP that of its write.
class ControlUnit final : public sc_core::sc_module, public ExecutionUnitIf {
 public:
  ControlUnit(const sc_core::sc_module_name& name, const Clock& clock, TimedMemory& memory,
              CompletionListener& listener, TraceSink* trace);

  [[nodiscard]] bool available() const override { return !busy_; }
  void start(const Command& command) override;
  [[nodiscard]] bool busy() const override { return busy_; }

 private:
  void run();
  [[nodiscard]] CommandError write_timestamp(Cycles cycle);

  Clock clock_;
  TimedMemory& memory_;
  CompletionListener& listener_;
  TraceSink* trace_;
  bool busy_ = false;
  Command command_;
  sc_core::sc_event begin_;
};

}  // namespace dixion
