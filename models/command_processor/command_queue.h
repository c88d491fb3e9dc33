// SPDX-License-Identifier: Apache-2.0
/// One command queue: its registers, the process that fetches and decodes its commands, and the process that writes its
/// completion records. What starts when is the command processor's decision (command_processor.h).
/// Time: fetching, lists, descriptors and records take the time of their memory accesses; every step begins at an edge
/// of the accelerator's clock. Registers: docs/registers/queue.md. Read next: CommandQueue::fetch_burst.
#pragma once

#include <cstdint>
#include <string>

#include <systemc>

#include "models/command_processor/command_window.h"
#include "models/command_processor/completion_queue.h"
#include "models/command_processor/processor_shared.h"
#include "models/command_processor/queue_status.h"
#include "models/command_processor/ring.h"
#include "models/command_processor/waiting_lanes.h"
#include "models/common/register_bank.h"
#include "models/common/statistics.h"

namespace dixion {

class CommandQueue final : public sc_core::sc_module {
 public:
  CommandQueue(const sc_core::sc_module_name& name, unsigned number, ProcessorShared& shared);

  [[nodiscard]] RegisterBank& registers() { return registers_; }

  /// The command that may start now, or one whose error is due; null if there is none.
  [[nodiscard]] CommandWindow::Entry* startable();
  /// The command runs from now on. A CALL fetches its list.
  void started(CommandWindow::Entry& entry);
  /// The command cannot start.
  void refuse(CommandWindow::Entry& entry);
  /// A unit is through with a command.
  void done(const Command& command, const CommandError& error, const CommandCost& cost);
  /// CONTROL.ENABLE of the device was set.
  void device_enabled() { fetch_.notify(sc_core::SC_ZERO_TIME); }
  /// Device reset: registers to reset value, all that is not running is forgotten.
  void reset();

  /// Nothing of this queue runs on a unit or is on its way to or from memory.
  [[nodiscard]] bool quiet() const { return orphans_ == 0 && accesses_ == 0 && window_.on_units() == 0; }
  [[nodiscard]] bool idle() const;
  [[nodiscard]] QueueView view() const { return {&window_, held(), reading_}; }
  [[nodiscard]] bool halted() const { return halted_; }
  [[nodiscard]] QueueStatus status() const;
  /// Names start with `prefix`.
  [[nodiscard]] StatisticsList statistics(const std::string& prefix) const;

 private:
  using Sequence = CommandWindow::Sequence;

  void bind_registers();
  void control_written(std::uint32_t old_value, std::uint32_t value);
  void doorbell_written(std::uint32_t tail);
  void completion_head_written(std::uint32_t head);
  /// Puts the old value back if the queue is enabled.
  void lock_while_enabled(std::uint32_t offset);
  [[nodiscard]] bool place_rings();
  [[nodiscard]] std::uint32_t pack_status() const;
  /// A register write that has no effect: reported, noted in the error registers, error interrupt raised.
  void reject(const char* register_name, std::uint64_t value, const std::string& expected);
  void forget();  // what a reset of queue or device drops

  void fetch_loop();
  [[nodiscard]] bool may_fetch() const;
  void fetch_burst();
  /// False if the queue was reset meanwhile.
  [[nodiscard]] bool accept(const dixion_command_t& raw, const DecodeContext& context, Sequence call);
  [[nodiscard]] bool run_list(Sequence call_sequence);
  [[nodiscard]] bool fetch_list(Sequence call_sequence, const Command& command, const dixion_call_t& call);
  void begin_access();
  void end_access();
  [[nodiscard]] bool read(std::uint64_t address, void* destination, std::size_t length);

  /// The entry leaves the window with this outcome; a CALL whose list is through follows.
  void finish(Sequence sequence, const CommandError& error, const CommandCost& cost);
  void finish_call_if_through(Sequence call);
  void halt(const Command& command, std::uint8_t opcode, const CommandError& error);
  void post(const DecodedCommand& decoded, dixion_status status, const CommandError& error, const CommandCost& cost);
  /// Nothing of this queue starts.
  [[nodiscard]] bool held() const { return halted_ || orphans_ != 0 || stalled(); }
  [[nodiscard]] bool stalled() const { return !completions_.empty() && completions_.full(); }

  void completion_loop();
  void write_record();

  const unsigned number_;
  const std::string prefix_;  // "QUEUE0."
  ProcessorShared& shared_;
  RegisterBank registers_;
  Ring ring_;
  CommandWindow window_;
  CompletionQueue completions_;

  bool enabled_ = false;
  bool halted_ = false;
  bool fetching_ = false;         // commands are between ring and window
  bool reading_ = false;          // they are being read or decoded right now
  std::size_t orphans_ = 0;       // commands that a reset found running
  unsigned accesses_ = 0;         // memory accesses under way
  std::uint64_t generation_ = 0;  // counts resets; who waited compares
  sc_core::sc_event fetch_;
  sc_core::sc_event complete_;

  struct Counts {
    std::uint64_t doorbells = 0, fetched = 0, completed = 0, failed = 0, dropped = 0, records = 0, stall_cycles = 0;
  } counts_;
};

}  // namespace dixion
