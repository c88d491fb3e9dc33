// SPDX-License-Identifier: Apache-2.0
#include "models/command_processor/command_queue.h"

#include <algorithm>
#include <vector>

#include "models/abi/generated/queue_registers.h"
#include "models/abi/generated/queue_table.h"

namespace dixion {

CommandQueue::CommandQueue(const sc_core::sc_module_name& name, unsigned number, ProcessorShared& shared)
    : sc_module(name),
      number_(number),
      prefix_("QUEUE" + std::to_string(number) + "."),
      shared_(shared),
      registers_(abi::kQueueBlock, prefix_,
                 [&shared](const std::string& subject, std::uint64_t value, const std::string& expected) {
                   shared.report(subject, value, expected);
                 }) {
  SC_HAS_PROCESS(CommandQueue);
  SC_THREAD(fetch_loop);
  SC_THREAD(completion_loop);
  bind_registers();
}

// From ring to window.

bool CommandQueue::may_fetch() const {
  if (!enabled_ || !shared_.enabled || shared_.resetting || halted_ || orphans_ != 0) return false;
  // Not a burst for each command that starts: half a window at a time.
  const std::size_t waiting = window_.waiting();
  const std::size_t room = shared_.config.prefetch - std::min<std::size_t>(waiting, shared_.config.prefetch);
  return ring_.available() > 0 && room >= std::min(ring_.available(), shared_.config.prefetch / 2);
}

void CommandQueue::fetch_loop() {
  for (;;) {
    while (!may_fetch()) wait(fetch_);
    wait_for_edge(shared_.clock);
    if (!may_fetch()) continue;
    fetching_ = true;
    fetch_burst();
    fetching_ = false;
  }
}

void CommandQueue::begin_access() {
  ++accesses_;
  reading_ = true;
  shared_.explain.notify(sc_core::SC_ZERO_TIME);
}

void CommandQueue::end_access() {
  wait_for_edge(shared_.clock);
  --accesses_;
  reading_ = false;
  shared_.settled.notify(sc_core::SC_ZERO_TIME);
}

bool CommandQueue::read(std::uint64_t address, void* destination, std::size_t length) {
  begin_access();
  const bool ok = shared_.memory.fetch.read(address, destination, length);
  end_access();
  return ok;
}

void CommandQueue::fetch_burst() {
  const std::uint64_t generation = generation_;
  const auto room = static_cast<std::uint32_t>(shared_.config.prefetch - window_.waiting());
  std::vector<dixion_command_t> raw(ring_.contiguous(room));
  DecodeContext context{static_cast<std::uint8_t>(number_), ring_.head()};
  const std::uint64_t address = ring_.head_address();
  const bool ok = read(address, raw.data(), raw.size() * sizeof raw[0]);
  if (generation != generation_) return;
  if (!ok) {
    // Only the first is to blame for sure; the others are tried again.
    ring_.advance(1);
    DecodedCommand unknown;
    unknown.command.queue = context.queue;
    unknown.command.id = context.id;
    unknown.record = true;
    window_.push(unknown, {DIXION_CAUSE_BUS_ERROR, DIXION_FIELD_NONE, address, "a readable command ring"}, 0);
    shared_.dispatch.notify(sc_core::SC_ZERO_TIME);
    return;
  }
  ring_.advance(static_cast<std::uint32_t>(raw.size()));
  for (const dixion_command_t& command : raw) {
    shared_.emit(Stage::kFetch, context.id, command.tag, context.queue, command.opcode);
    ++counts_.fetched;
    if (!accept(command, context, 0)) return;
    ++context.id;
  }
}

bool CommandQueue::accept(const dixion_command_t& raw, const DecodeContext& context, Sequence call) {
  const std::uint64_t generation = generation_;
  DecodedCommand decoded;
  begin_access();
  CommandError error = decode(raw, context, shared_.config, shared_.descriptors, decoded);
  end_access();
  if (generation != generation_) return false;
  // An error inside the list came first: what was on its way is dropped like the rest.
  const CommandWindow::Entry* parent = window_.find(call);
  if (parent != nullptr && parent->cut) return true;
  const bool is_list = decoded.opcode == DIXION_OPCODE_CALL && !error;
  shared_.emit(Stage::kDecode, decoded.command, decoded.opcode);
  const Sequence sequence = window_.push(std::move(decoded), std::move(error), call).sequence;
  shared_.dispatch.notify(sc_core::SC_ZERO_TIME);
  return !is_list || run_list(sequence);
}

bool CommandQueue::run_list(Sequence call_sequence) {
  const std::uint64_t generation = generation_;
  while (!window_.find(call_sequence)->running) {
    wait(fetch_);
    if (generation != generation_) return false;
  }
  const DecodedCommand decoded = window_.find(call_sequence)->decoded;
  if (!fetch_list(call_sequence, decoded.command, decoded.call)) return false;
  // A CALL that failed by itself is gone already.
  if (CommandWindow::Entry* entry = window_.find(call_sequence)) {
    entry->expanded = true;
    finish_call_if_through(call_sequence);
  }
  return true;
}

bool CommandQueue::fetch_list(Sequence call_sequence, const Command& command, const dixion_call_t& call) {
  const std::uint64_t generation = generation_;
  const auto fail = [&](dixion_cause cause, std::uint32_t field, std::uint64_t value, const char* expected) {
    CommandCost cost;
    cost.start_cycle = window_.find(call_sequence)->start_cycle;
    cost.end_cycle = shared_.now();
    window_.find(call_sequence)->expanded = true;
    finish(call_sequence, {cause, field, value, expected}, cost);
    return true;
  };
  dixion_parameter_block_t parameters;
  const bool has_parameters = call.parameter_address != 0;
  if (has_parameters) {
    const bool ok = read(call.parameter_address, &parameters, sizeof parameters);
    if (generation != generation_) return false;
    if (!ok) {
      return fail(DIXION_CAUSE_BUS_ERROR, DIXION_FIELD_PARAMETER_ADDRESS, call.parameter_address,
                  "a readable parameter block");
    }
    if (parameters.reserved != 0) {
      return fail(DIXION_CAUSE_BAD_PARAMETER, DIXION_FIELD_PARAMETER_ADDRESS, parameters.reserved,
                  "0 in the parameter block's second word");
    }
  }
  const std::uint32_t prefetch = shared_.config.prefetch;
  for (std::uint32_t index = 0; index < call.list_count;) {
    const std::uint32_t wanted = std::min(prefetch / 2, call.list_count - index);
    while (!window_.find(call_sequence)->cut && (halted_ || window_.waiting() + wanted > prefetch)) {
      wait(fetch_);
      if (generation != generation_) return false;
    }
    if (window_.find(call_sequence)->cut) return true;
    std::vector<dixion_command_t> raw(std::min<std::size_t>(prefetch - window_.waiting(), call.list_count - index));
    const std::uint64_t address = call.list_address + std::uint64_t{index} * sizeof raw[0];
    const bool ok = read(address, raw.data(), raw.size() * sizeof raw[0]);
    if (generation != generation_) return false;
    if (window_.find(call_sequence)->cut) return true;
    if (!ok) return fail(DIXION_CAUSE_BUS_ERROR, DIXION_FIELD_LIST_ADDRESS, address, "a readable list");
    for (const dixion_command_t& each : raw) {
      const std::uint32_t tag = each.tag + (has_parameters ? parameters.tag_base : 0);
      shared_.emit(Stage::kFetch, command.id, tag, command.queue, each.opcode);
      ++counts_.fetched;
      const DecodeContext context{command.queue, command.id, index, has_parameters ? &parameters : nullptr};
      if (!accept(each, context, call_sequence)) return false;
      ++index;
    }
  }
  return true;
}

// Start and end of commands.

CommandWindow::Entry* CommandQueue::startable() {
  if (held()) return nullptr;
  return window_.startable(shared_.machine());
}

void CommandQueue::started(CommandWindow::Entry& entry) {
  entry.running = true;
  entry.start_cycle = shared_.now();
  fetch_.notify(sc_core::SC_ZERO_TIME);
}

void CommandQueue::refuse(CommandWindow::Entry& entry) {
  CommandCost cost;
  cost.start_cycle = cost.end_cycle = shared_.now();
  const CommandError error = entry.error;
  finish(entry.sequence, error, cost);
}

void CommandQueue::done(const Command& command, const CommandError& error, const CommandCost& cost) {
  if (orphans_ != 0) {
    --orphans_;
    ++counts_.dropped;
    fetch_.notify(sc_core::SC_ZERO_TIME);
    return;
  }
  finish(window_.running(command).sequence, error, cost);
}

void CommandQueue::finish(Sequence sequence, const CommandError& error, const CommandCost& cost) {
  const CommandWindow::Entry entry = *window_.find(sequence);
  window_.remove(sequence, static_cast<bool>(error));
  if (error) {
    ++counts_.failed;
    halt(entry.decoded.command, entry.decoded.opcode, error);
    post(entry.decoded, DIXION_STATUS_ERROR, error, cost);
  } else if (entry.cut) {
    ++counts_.dropped;
    post(entry.decoded, DIXION_STATUS_DROPPED, {}, cost);
  } else {
    ++counts_.completed;
    shared_.semaphores.signal(entry.decoded.signal);
    if (entry.decoded.record) post(entry.decoded, DIXION_STATUS_OK, {}, cost);
  }
  finish_call_if_through(entry.call);
  fetch_.notify(sc_core::SC_ZERO_TIME);
  shared_.dispatch.notify(sc_core::SC_ZERO_TIME);
}

void CommandQueue::finish_call_if_through(Sequence call) {
  const CommandWindow::Entry* entry = window_.find(call);
  if (entry == nullptr || !entry->expanded || entry->unfinished != 0) return;
  CommandCost cost;
  cost.start_cycle = entry->start_cycle;
  cost.end_cycle = shared_.now();
  shared_.emit(Stage::kEnd, entry->decoded.command, entry->decoded.opcode, &cost);
  finish(call, {}, cost);
}

void CommandQueue::halt(const Command& command, std::uint8_t opcode, const CommandError& error) {
  std::string place = "command " + std::to_string(command.id);
  if (command.list_index != Command::kNotInList) {
    place.append("[").append(std::to_string(command.list_index)).append("]");
  }
  // A bus error that is no field's fault met one of the rings; the command behind it is not known or not to blame.
  const bool ring = error.cause == DIXION_CAUSE_BUS_ERROR && error.field == DIXION_FIELD_NONE;
  shared_.report(prefix_ + (ring ? "ring" : error_subject(opcode, error.field)), error.value,
                 error.expected + " (" + cause_name(error.cause) + ", " + place + ")");
  // Of several failures before software has looked, the registers show the first.
  if (!halted_) {
    registers_.set(DIXION_QUEUE_ERROR_COMMAND, command.id);
    registers_.set(DIXION_QUEUE_ERROR_TAG, command.tag);
    registers_.set(DIXION_QUEUE_ERROR_CAUSE, error.cause);
    registers_.set(DIXION_QUEUE_ERROR_FIELD, error.field);
    registers_.set(DIXION_QUEUE_ERROR_VALUE, static_cast<std::uint32_t>(error.value));
    registers_.set(DIXION_QUEUE_ERROR_LIST_INDEX, command.list_index);
  }
  halted_ = true;
}

// Completion records.

void CommandQueue::post(const DecodedCommand& decoded, dixion_status status, const CommandError& error,
                        const CommandCost& cost) {
  CompletionQueue::Pending pending;
  pending.record.command_id = decoded.command.id;
  pending.record.tag = decoded.command.tag;
  pending.record.status = static_cast<std::uint8_t>(status);
  pending.record.cause = static_cast<std::uint8_t>(error.cause);
  pending.record.field = error ? static_cast<std::uint8_t>(error.field) : 0;
  pending.record.value = static_cast<std::uint32_t>(error.value);
  pending.record.start_cycle = cost.start_cycle;
  pending.record.end_cycle = cost.end_cycle;
  pending.list_index = decoded.command.list_index;
  pending.opcode = decoded.opcode;
  pending.interrupt = decoded.interrupt;
  pending.error = static_cast<bool>(error);
  completions_.push(pending);
  complete_.notify(sc_core::SC_ZERO_TIME);
}

void CommandQueue::completion_loop() {
  for (;;) {
    while (completions_.empty()) wait(complete_);
    const std::uint64_t generation = generation_;
    if (completions_.full()) {
      const Cycles begin = shared_.now();
      while (generation == generation_ && completions_.full()) wait(complete_);
      counts_.stall_cycles += shared_.now() - begin;
    }
    wait_for_edge(shared_.clock);
    if (generation == generation_) write_record();
  }
}

void CommandQueue::write_record() {
  const std::uint64_t generation = generation_;
  const CompletionQueue::Pending pending = completions_.front();
  const std::uint64_t address = completions_.front_address();
  ++accesses_;
  completions_.writing();
  shared_.explain.notify(sc_core::SC_ZERO_TIME);
  const bool ok = shared_.memory.records.write(address, &pending.record, sizeof pending.record);
  wait_for_edge(shared_.clock);
  --accesses_;
  shared_.settled.notify(sc_core::SC_ZERO_TIME);
  if (generation != generation_) return;
  // The record must be in memory before the line rises: the handler reads it without polling.
  completions_.written();
  ++counts_.records;
  shared_.emit(Stage::kComplete, pending.record.command_id, pending.record.tag, static_cast<std::uint8_t>(number_),
               pending.opcode);
  std::uint32_t causes = 0;
  if (pending.interrupt) causes |= 1U << number_;
  if (pending.error) causes |= 1U << (8 + number_);
  if (!ok) {
    Command lost;
    lost.id = pending.record.command_id;
    lost.tag = pending.record.tag;
    lost.list_index = pending.list_index;
    halt(lost, pending.opcode, {DIXION_CAUSE_BUS_ERROR, DIXION_FIELD_NONE, address, "a writable completion ring"});
    causes |= 1U << (8 + number_);
  }
  shared_.interrupts.raise(causes);
  shared_.dispatch.notify(sc_core::SC_ZERO_TIME);
}

}  // namespace dixion
