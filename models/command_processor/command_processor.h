// SPDX-License-Identifier: Apache-2.0
/// Reads commands from queues in memory, decides what starts when, and tells software about what has ended.
/// Models: registers, rings, lists, prefetch, issue per unit, semaphores, completion records, interrupts, errors,
/// resets. Omits: command priorities, preemption.
/// Time: config.register_cycles per register access; config.dispatch_cycles per command, one command at a time; memory
/// accesses take what the memory takes. Registers: docs/registers/. Read next: CommandProcessor::dispatch_loop.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "models/abi/register_info.h"
#include "models/command_processor/command_queue.h"
#include "models/command_processor/control_unit.h"
#include "models/command_processor/performance_counters.h"
#include "models/command_processor/processor_shared.h"
#include "models/common/register_bank.h"

namespace dixion {

class CommandProcessor final : public sc_core::sc_module, public CompletionListener {
 public:
  /// Each may be null.
  struct Sinks {
    InterruptSink* interrupts = nullptr;
    GuestErrorSink* errors = nullptr;
    TraceSink* trace = nullptr;
  };

  /// `config` must be valid (Accelerator::validate). All references outlive the simulation.
  CommandProcessor(const sc_core::sc_module_name& name, const AcceleratorConfig& config, const ProcessorMemory& memory,
                   const Sinks& sinks);
  ~CommandProcessor() override;

  /// The whole 64 KiB window: page 0 global, page 1 + q queue q.
  tlm_utils::simple_target_socket<CommandProcessor, 64> registers{"registers"};

  /// Commands of this unit go there; before simulation starts. The unit's listener must be this processor.
  void attach(abi::Unit unit, ExecutionUnitIf& execution);

  /// Called when a device reset has come to its end, before software is told. Must be set before simulation starts.
  std::function<void()> on_reset = [] {};

  void command_done(const Command& command, const CommandError& error, const CommandCost& cost) override;

  [[nodiscard]] bool idle() const;
  [[nodiscard]] std::vector<QueueStatus> queue_status() const;
  /// Names start with `prefix`, e.g. "accelerator.command_processor".
  [[nodiscard]] StatisticsList statistics(const std::string& prefix) const;

 private:
  void bind_identification();
  void bind_controls();
  void bind_counters();
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& txn);
  /// The bank and offset behind an address; null outside all pages.
  [[nodiscard]] RegisterBank* page(std::uint64_t address, std::uint32_t& offset);
  void place_descriptors(std::uint32_t offset, std::uint32_t old_value, std::uint32_t value);
  [[nodiscard]] std::uint32_t pack_status() const;

  void dispatch_loop();
  [[nodiscard]] bool anything_startable();
  void dispatch_first();
  void retire();
  void explain_idle_lanes();
  void begin_reset();
  void reset_loop();
  [[nodiscard]] bool quiet() const;

  /// A command that a unit is through with, until the end of the delta cycle.
  struct Done {
    Command command;
    CommandError error;
    CommandCost cost;
  };

  ProcessorShared shared_;
  RegisterBank bank_;
  ControlUnit control_;
  std::vector<std::unique_ptr<CommandQueue>> queues_;
  PerformanceCounters counters_;
  std::vector<QueueView> views_;
  std::array<WaitingLanes, kUnits> waiting_{};  // as the units were told
  std::array<unsigned, kUnits> lanes_{};
  std::vector<Done> done_;
  sc_core::sc_event done_event_;
  sc_core::sc_event reset_event_;
  bool reset_done_ = false;

  struct Counts {
    std::uint64_t dispatched = 0, dispatch_cycles = 0, overlaps = 0, saturations = 0, resets = 0;
  } counts_;
  std::uint32_t saturation_register_ = 0;
  std::uint32_t overlap_register_ = 0;
};

}  // namespace dixion
