// SPDX-License-Identifier: Apache-2.0
#include "models/command_processor/control_unit.h"

#include "models/interconnect/kernel_time.h"

namespace dixion {

ControlUnit::ControlUnit(const sc_core::sc_module_name& name, const Clock& clock, TimedMemory& memory,
                         CompletionListener& listener, TraceSink* trace)
    : sc_module(name), clock_(clock), memory_(memory), listener_(listener), trace_(trace) {
  SC_HAS_PROCESS(ControlUnit);
  SC_THREAD(run);
}

void ControlUnit::start(const Command& command) {
  busy_ = true;
  command_ = command;
  begin_.notify(sc_core::SC_ZERO_TIME);
}

void ControlUnit::run() {
  for (;;) {
    wait(begin_);
    const Command command = command_;
    const auto trace = [&](Stage stage, const CommandCost* cost) {
      if (trace_ == nullptr) return;
      trace_->event({stage, ticks_now(), command.id, command.tag, command.queue, command.info->value, cost});
    };
    CommandCost cost;
    CommandError error;
    cost.start_cycle = wait_for_edge(clock_);
    trace(Stage::kBegin, nullptr);
    if (command.info->value == DIXION_OPCODE_TIMESTAMP) {
      error = write_timestamp(cost.start_cycle);
      if (!error) cost.dram_write_bytes = sizeof(std::uint64_t);
    }
    cost.end_cycle = wait_for_edge(clock_);
    trace(Stage::kEnd, &cost);
    busy_ = false;
    listener_.command_done(command, error, cost);
  }
}

CommandError ControlUnit::write_timestamp(Cycles cycle) {
  const TensorView& view = command_.operands[0];
  if (view.format != DIXION_FORMAT_UINT32) {
    return {DIXION_CAUSE_BAD_FORMAT, DIXION_FIELD_OPERAND0, static_cast<std::uint64_t>(view.format), "dst in UINT32"};
  }
  if (view.rank != 1 || view.extent[0] != 2) {
    return {DIXION_CAUSE_BAD_SHAPE, DIXION_FIELD_OPERAND0, view.extent[0], "dst of shape [2]"};
  }
  for (unsigned half = 0; half < 2; ++half) {
    const auto word = static_cast<std::uint32_t>(cycle >> (32 * half));
    const std::uint64_t address = view.address + half * view.stride[0];
    if (!memory_.write(address, &word, sizeof word)) {
      return {DIXION_CAUSE_BUS_ERROR, DIXION_FIELD_OPERAND0, address, "an address that memory answers"};
    }
  }
  return {};
}

}  // namespace dixion
