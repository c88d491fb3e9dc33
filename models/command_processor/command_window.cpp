// SPDX-License-Identifier: Apache-2.0
#include "models/command_processor/command_window.h"

#include <algorithm>
#include <utility>

#include "models/common/check.h"

namespace dixion {

namespace {

bool waits_satisfied(const DecodedCommand& decoded, const Semaphores& semaphores) {
  return semaphores.satisfied(decoded.waits[0]) && semaphores.satisfied(decoded.waits[1]);
}

bool unit_ready(const Command& command, const CommandWindow::Machine& machine) {
  return machine.available[static_cast<std::size_t>(command.info->unit)] &&
         machine.scoreboard.free(command.info->unit, command.cores);
}

bool is_call(const CommandWindow::Entry& entry) { return entry.decoded.opcode == DIXION_OPCODE_CALL; }

const char* unit_name(abi::Unit unit) {
  switch (unit) {
    case abi::Unit::kDma:
      return "DMA";
    case abi::Unit::kMatrix:
      return "the matrix engine";
    case abi::Unit::kVector:
      return "the vector engine";
    case abi::Unit::kPrediction:
      return "the prediction engine";
    case abi::Unit::kSparsity:
      return "the sparsity controller";
    default:
      return "the control unit";
  }
}

}  // namespace

CommandWindow::Entry& CommandWindow::push(DecodedCommand decoded, CommandError error, Sequence call) {
  Entry& entry = entries_.emplace_back();
  entry.sequence = next_++;
  entry.decoded = std::move(decoded);
  entry.error = std::move(error);
  entry.call = call;
  if (Entry* parent = find(call)) ++parent->unfinished;
  const Command& command = entry.decoded.command;
  recent_.push_back(
      {entry.sequence,
       {command.id, command.list_index, command.tag, entry.decoded.opcode, QueueStatus::State::kWaiting}});
  if (recent_.size() > QueueStatus::kRecent) recent_.pop_front();
  return entry;
}

const CommandWindow::Entry* CommandWindow::fenced_by(const Entry& entry) const {
  if (!entry.decoded.fence) return nullptr;
  // Completed entries are gone, so what stands before it, but for its own CALL, is unfinished.
  for (const Entry& other : entries_) {
    if (other.sequence >= entry.sequence) break;
    if (other.sequence != entry.call) return &other;
  }
  return nullptr;
}

CommandWindow::Entry* CommandWindow::startable(const Machine& machine) {
  std::array<CoreMask, kUnits> blocked{};  // lanes that an earlier command takes first
  bool first = true;
  for (Entry& entry : entries_) {
    if (entry.running) continue;
    if (entry.error) return first ? &entry : nullptr;
    if (fenced_by(entry) != nullptr) return nullptr;
    const Command& command = entry.decoded.command;
    const auto unit = static_cast<std::size_t>(command.info->unit);
    const CoreMask lanes = lanes_are_independent(command.info->unit) ? command.cores : ~CoreMask{0};
    const bool ready = is_call(entry) || unit_ready(command, machine);
    if ((blocked[unit] & lanes) == 0 && ready && waits_satisfied(entry.decoded, machine.semaphores)) return &entry;
    if (entry.decoded.fence) return nullptr;
    blocked[unit] |= lanes;
    first = false;
  }
  return nullptr;
}

void CommandWindow::explain(const Machine& machine, QueueStatus& status) const {
  const auto oldest = std::find_if(entries_.begin(), entries_.end(), [](const Entry& entry) { return !entry.running; });
  if (oldest == entries_.end()) return;
  const DecodedCommand& decoded = oldest->decoded;
  if (fenced_by(*oldest) != nullptr) {
    status.oldest_waits_for = QueueStatus::Wait::kFence;
    return;
  }
  for (const Semaphores::Wait& wait : decoded.waits) {
    if (machine.semaphores.satisfied(wait)) continue;
    status.oldest_waits_for = QueueStatus::Wait::kSemaphore;
    status.semaphore = wait.semaphore;
    status.value = machine.semaphores.value(wait.semaphore);
    status.target = wait.target;
    return;
  }
  if (oldest->error || is_call(*oldest)) return;
  status.oldest_waits_for = QueueStatus::Wait::kUnit;
  status.unit = unit_name(decoded.command.info->unit);
}

const CommandWindow::Entry* CommandWindow::find(Sequence sequence) const {
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), sequence,
                                      [](const Entry& entry, Sequence wanted) { return entry.sequence < wanted; });
  return found != entries_.end() && found->sequence == sequence ? &*found : nullptr;
}

CommandWindow::Entry* CommandWindow::find(Sequence sequence) {
  return const_cast<Entry*>(std::as_const(*this).find(sequence));
}

CommandWindow::Entry& CommandWindow::running(const Command& command) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&command](const Entry& entry) {
    return entry.running && entry.decoded.command.id == command.id &&
           entry.decoded.command.list_index == command.list_index;
  });
  DIXION_CHECK(found != entries_.end(), "a command completed that is not running");
  return *found;
}

void CommandWindow::remove(Sequence sequence, bool failed) {
  Entry* entry = find(sequence);
  DIXION_CHECK(entry != nullptr, "unknown command");
  const Sequence call = entry->call;
  for (Recent& recent : recent_) {
    if (recent.sequence == sequence) {
      recent.command.state = failed ? QueueStatus::State::kFailed : QueueStatus::State::kDone;
    }
  }
  // With a failed command goes what has not started of its list, or of the list that it is the CALL of.
  const auto gone = std::erase_if(entries_, [=](const Entry& other) {
    const bool same_list = other.call != 0 && (other.call == call || other.call == sequence);
    return other.sequence == sequence || (failed && same_list && !other.running);
  });
  if (Entry* parent = find(call)) {
    parent->unfinished -= static_cast<std::uint32_t>(gone);
    parent->cut = parent->cut || failed;
  }
}

void CommandWindow::clear() {
  entries_.clear();
  recent_.clear();
}

std::size_t CommandWindow::waiting() const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(), [](const Entry& entry) { return !entry.running; }));
}

std::size_t CommandWindow::on_units() const {
  return static_cast<std::size_t>(std::count_if(entries_.begin(), entries_.end(),
                                                [](const Entry& entry) { return entry.running && !is_call(entry); }));
}

std::vector<QueueStatus::RecentCommand> CommandWindow::recent() const {
  std::vector<QueueStatus::RecentCommand> commands;
  for (const Recent& recent : recent_) {
    commands.push_back(recent.command);
    if (recent.command.state != QueueStatus::State::kWaiting) continue;
    const Entry* entry = find(recent.sequence);
    if (entry == nullptr) commands.back().state = QueueStatus::State::kDropped;
    if (entry != nullptr && entry->running) commands.back().state = QueueStatus::State::kRunning;
  }
  return commands;
}

}  // namespace dixion
