// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <string>

#include <systemc>

#include "models/command_processor/command_window.h"
#include "models/command_processor/descriptor_table.h"
#include "models/command_processor/interrupt_controller.h"
#include "models/command_processor/scoreboard.h"
#include "models/command_processor/semaphores.h"
#include "models/common/accelerator_config.h"
#include "models/common/execution.h"
#include "models/common/guest_error.h"
#include "models/common/trace_sink.h"
#include "models/interconnect/kernel_time.h"

namespace dixion {

/// Memory as the command processor reaches it; three, so that its traffic can be told apart.
struct ProcessorMemory {
  ProcessorMemory(TimedMemory& for_fetch, TimedMemory& for_descriptors, TimedMemory& for_records)
      : fetch(for_fetch), descriptors(for_descriptors), records(for_records) {}
  ProcessorMemory(TimedMemory& all) : ProcessorMemory(all, all, all) {}

  TimedMemory& fetch;  ///< rings, lists, parameter blocks
  TimedMemory& descriptors;
  TimedMemory& records;  ///< completion records, timestamps
};

/// What the command processor's queues have in common. Lives in CommandProcessor.
struct ProcessorShared {
  ProcessorShared(const AcceleratorConfig& accelerator_config, const ProcessorMemory& timed_memory, std::string block,
                  InterruptSink* interrupt_sink, GuestErrorSink* error_sink, TraceSink* trace_sink)
      : config(accelerator_config),
        clock(make_clock(accelerator_config.clock_hz)),
        memory(timed_memory),
        where(std::move(block)),
        errors(error_sink),
        trace(trace_sink),
        interrupts(interrupt_sink, [this](unsigned line) { emit(Stage::kInterrupt, line); }),
        descriptors(timed_memory.descriptors) {}

  const AcceleratorConfig config;
  const Clock clock;
  const ProcessorMemory memory;
  const std::string where;  ///< for guest errors
  GuestErrorSink* errors;
  TraceSink* trace;

  InterruptController interrupts;
  DescriptorTable descriptors;
  Semaphores semaphores;
  Scoreboard scoreboard;
  std::array<ExecutionUnitIf*, kUnits> units{};
  bool enabled = false;        ///< CONTROL.ENABLE
  bool resetting = false;      ///< a device reset has not finished
  sc_core::sc_event dispatch;  ///< something may start now
  sc_core::sc_event explain;   ///< what units wait for may have changed, though nothing can start
  sc_core::sc_event settled;   ///< something in flight has ended: a reset may be done

  [[nodiscard]] Cycles now() const { return clock.cycle(ticks_now()); }

  [[nodiscard]] CommandWindow::Machine machine() const {
    CommandWindow::Machine state{semaphores, scoreboard, {}};
    for (unsigned i = 0; i < kUnits; ++i) state.available[i] = units[i] != nullptr && units[i]->available();
    return state;
  }

  void report(const std::string& subject, std::uint64_t value, const std::string& expected) const {
    if (errors != nullptr) {
      errors->guest_error({where, subject, value, expected});
    } else {
      const std::string text = subject + " = " + std::to_string(value) + ", expected " + expected;
      SC_REPORT_WARNING(where.c_str(), text.c_str());
    }
  }

  void emit(Stage stage, std::uint64_t id, std::uint32_t tag = 0, std::uint8_t queue = 0, std::uint8_t opcode = 0,
            const CommandCost* cost = nullptr) const {
    if (trace != nullptr) trace->event({stage, ticks_now(), id, tag, queue, opcode, cost});
  }
  void emit(Stage stage, const Command& command, std::uint8_t opcode, const CommandCost* cost = nullptr) const {
    emit(stage, command.id, command.tag, command.queue, opcode, cost);
  }
};

}  // namespace dixion
