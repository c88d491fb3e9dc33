// SPDX-License-Identifier: Apache-2.0
#include "models/command_processor/command_processor.h"

#include <algorithm>
#include <tuple>

#include "models/abi/generated/accelerator_registers.h"
#include "models/abi/generated/accelerator_table.h"

namespace dixion {

CommandProcessor::CommandProcessor(const sc_core::sc_module_name& name, const AcceleratorConfig& config,
                                   const ProcessorMemory& memory, const Sinks& sinks)
    : sc_module(name),
      shared_(config, memory, this->name(), sinks.interrupts, sinks.errors, sinks.trace),
      bank_(abi::kAcceleratorBlock, "",
            [this](const std::string& subject, std::uint64_t value, const std::string& expected) {
              shared_.report(subject, value, expected);
            }),
      control_("control", shared_.clock, memory.records, *this, sinks.trace) {
  SC_HAS_PROCESS(CommandProcessor);
  SC_THREAD(dispatch_loop);
  SC_THREAD(reset_loop);
  SC_METHOD(retire);
  sensitive << done_event_;
  dont_initialize();
  SC_METHOD(explain_idle_lanes);
  sensitive << shared_.dispatch << shared_.explain;
  dont_initialize();
  registers.register_b_transport(this, &CommandProcessor::b_transport);
  registers.register_transport_dbg(this, &CommandProcessor::transport_dbg);
  for (unsigned q = 0; q < config.queues; ++q) {
    queues_.push_back(std::make_unique<CommandQueue>(("queue" + std::to_string(q)).c_str(), q, shared_));
  }
  views_.reserve(config.queues);
  for (unsigned unit = 0; unit < kUnits; ++unit) lanes_[unit] = lanes_of(static_cast<abi::Unit>(unit), config);
  attach(abi::Unit::kControl, control_);
  bind_identification();
  bind_controls();
  bind_counters();
}

CommandProcessor::~CommandProcessor() = default;

void CommandProcessor::attach(abi::Unit unit, ExecutionUnitIf& execution) {
  shared_.units[static_cast<std::size_t>(unit)] = &execution;
}

// What starts when.

void CommandProcessor::dispatch_loop() {
  for (;;) {
    if (!anything_startable()) {
      wait(shared_.dispatch);
      // Whatever else happens at this instant is known one delta cycle later.
      wait(sc_core::SC_ZERO_TIME);
      continue;
    }
    const Cycles begin = wait_for_edge(shared_.clock);
    const Cycles cycles = shared_.config.dispatch_cycles;
    wait_until(shared_.clock.edge(begin + cycles));
    wait(sc_core::SC_ZERO_TIME);
    counts_.dispatch_cycles += cycles;
    dispatch_first();
    shared_.explain.notify(sc_core::SC_ZERO_TIME);
  }
}

/// Runs in the delta cycle after anything that may have changed what a unit waits for.
void CommandProcessor::explain_idle_lanes() {
  views_.clear();
  for (const auto& queue : queues_) views_.push_back(queue->view());
  const std::array<WaitingLanes, kUnits> waiting = waiting_lanes(views_, shared_.machine(), lanes_);
  for (unsigned unit = 0; unit < kUnits; ++unit) {
    if (waiting[unit] == waiting_[unit] || shared_.units[unit] == nullptr) continue;
    waiting_[unit] = waiting[unit];
    shared_.units[unit]->waits_for(waiting[unit]);
  }
}

bool CommandProcessor::anything_startable() {
  return std::any_of(queues_.begin(), queues_.end(), [](const auto& queue) { return queue->startable() != nullptr; });
}

/// Queue 0 first. A reset or an error may have changed everything since the decision to dispatch.
void CommandProcessor::dispatch_first() {
  for (const auto& queue : queues_) {
    CommandWindow::Entry* entry = queue->startable();
    if (entry == nullptr) continue;
    if (entry->error) {
      queue->refuse(*entry);
      return;
    }
    ++counts_.dispatched;
    const Command command = entry->decoded.command;
    shared_.emit(Stage::kDispatch, command, entry->decoded.opcode);
    queue->started(*entry);
    if (entry->decoded.opcode == DIXION_OPCODE_CALL) {
      shared_.emit(Stage::kBegin, command, entry->decoded.opcode);
      return;
    }
    if (const auto overlap = shared_.scoreboard.begin(command)) {
      ++counts_.overlaps;
      ++overlap_register_;
      shared_.report(error_subject(entry->decoded.opcode, DIXION_FIELD_OPERAND0 + overlap->operand),
                     command.operands[overlap->operand].address,
                     "no bytes of " + error_subject(overlap->opcode, overlap->their_operand) + ", command " +
                         std::to_string(overlap->id) + " of queue " + std::to_string(overlap->queue) +
                         ", which is running: a semaphore or fence is missing before command " +
                         std::to_string(command.id) + " of queue " + std::to_string(command.queue));
    }
    shared_.units[static_cast<std::size_t>(command.info->unit)]->start(command);
    return;
  }
}

void CommandProcessor::command_done(const Command& command, const CommandError& error, const CommandCost& cost) {
  done_.push_back({command, error, cost});
  done_event_.notify(sc_core::SC_ZERO_TIME);
}

/// One delta cycle after units reported: in an order that does not depend on theirs.
void CommandProcessor::retire() {
  std::vector<Done> done;
  done.swap(done_);
  std::stable_sort(done.begin(), done.end(), [](const Done& a, const Done& b) {
    return std::tie(a.command.queue, a.command.id, a.command.list_index) <
           std::tie(b.command.queue, b.command.id, b.command.list_index);
  });
  for (const Done& each : done) {
    shared_.scoreboard.end(each.command);
    counters_.count(each.command, each.cost, static_cast<bool>(each.error));
    counts_.saturations += each.cost.saturations;
    saturation_register_ += static_cast<std::uint32_t>(each.cost.saturations);
    queues_[each.command.queue]->done(each.command, each.error, each.cost);
  }
  shared_.settled.notify(sc_core::SC_ZERO_TIME);
  shared_.dispatch.notify(sc_core::SC_ZERO_TIME);
}

// Reset.

void CommandProcessor::begin_reset() {
  shared_.resetting = true;
  shared_.enabled = false;
  ++counts_.resets;
  reset_done_ = false;
  shared_.interrupts.reset();
  shared_.semaphores.reset();
  shared_.descriptors.place(0, 0);
  counters_.freeze(false, shared_.now());
  counters_.clear(shared_.now());
  saturation_register_ = overlap_register_ = 0;
  for (const auto& queue : queues_) queue->reset();
  bank_.reset();
  bind_identification();
  reset_event_.notify(sc_core::SC_ZERO_TIME);
}

bool CommandProcessor::quiet() const {
  return shared_.scoreboard.running() == 0 &&
         std::all_of(queues_.begin(), queues_.end(), [](const auto& queue) { return queue->quiet(); });
}

void CommandProcessor::reset_loop() {
  for (;;) {
    wait(reset_event_);
    while (!quiet()) wait(shared_.settled);
    wait_until(shared_.clock.edge(wait_for_edge(shared_.clock) + 1));
    on_reset();
    shared_.resetting = false;
    reset_done_ = true;
    shared_.interrupts.raise(DIXION_ACCELERATOR_INTR_STATUS_RESET_DONE_MASK);
  }
}

// Status.

bool CommandProcessor::idle() const {
  return !shared_.resetting && shared_.scoreboard.running() == 0 &&
         std::all_of(queues_.begin(), queues_.end(), [](const auto& queue) { return queue->idle(); });
}

std::vector<QueueStatus> CommandProcessor::queue_status() const {
  std::vector<QueueStatus> list;
  for (const auto& queue : queues_) list.push_back(queue->status());
  return list;
}

StatisticsList CommandProcessor::statistics(const std::string& prefix) const {
  const DescriptorCache& cache = shared_.descriptors.cache();
  StatisticsList list{
      {prefix + ".dispatched", "commands", "commands that started", counts_.dispatched},
      {prefix + ".dispatching", "accel_cycles", "the dispatcher was at work", counts_.dispatch_cycles},
      {prefix + ".descriptor_hits", "count", "descriptors found in the cache", cache.hits()},
      {prefix + ".descriptor_misses", "count", "descriptors read from memory", cache.misses()},
      {prefix + ".overlaps", "commands", "commands that started on operands another one was using", counts_.overlaps},
      {prefix + ".saturations", "values", "results changed by saturation", counts_.saturations},
      {prefix + ".interrupts", "count", "times an interrupt line rose", shared_.interrupts.risen()},
      {prefix + ".resets", "count", "device resets", counts_.resets},
  };
  for (std::size_t q = 0; q < queues_.size(); ++q) {
    const StatisticsList more = queues_[q]->statistics(prefix + ".queue" + std::to_string(q));
    list.insert(list.end(), more.begin(), more.end());
  }
  return list;
}

}  // namespace dixion
