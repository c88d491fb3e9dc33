// SPDX-License-Identifier: Apache-2.0
#include "models/command_processor/waiting_lanes.h"

#include <bit>
#include <optional>

namespace dixion {

namespace {

using Entry = CommandWindow::Entry;
/// Lanes of a unit by what they wait for.
using LaneMasks = std::array<CoreMask, kStallReasons>;

constexpr unsigned kMostTransparent = 8;

/// What it means to wait for `entry`.
StallReason dependency(const Entry& entry) {
  const abi::OpcodeInfo* info = entry.decoded.command.info;
  if (info != nullptr && info->unit == abi::Unit::kDma) return StallReason::kDma;
  if (info != nullptr && info->unit == abi::Unit::kPrediction) return StallReason::kPrediction;
  if (entry.decoded.opcode == DIXION_OPCODE_CONMERGE_BUILD) return StallReason::kSchedule;
  if (info != nullptr && info->unit == abi::Unit::kSparsity) return StallReason::kSparsity;
  return StallReason::kSemaphore;
}

/// The oldest unfinished command that signals `semaphore`, or null: software signals too.
const Entry* signaller(std::uint8_t semaphore, const std::vector<QueueView>& queues) {
  for (const QueueView& queue : queues) {
    for (const Entry& entry : queue.window->entries()) {
      if (entry.decoded.signal.semaphore == semaphore) return &entry;
    }
  }
  return nullptr;
}

/// A NOP, a prediction or a command of the sparsity controller that has not begun stands for what it waits for itself.
bool is_transparent(const Entry& entry) {
  if (entry.running) return false;
  const StallReason reason = dependency(entry);
  return entry.decoded.opcode == DIXION_OPCODE_NOP || reason == StallReason::kPrediction ||
         reason == StallReason::kSchedule || reason == StallReason::kSparsity;
}

/// The first reason among the unsatisfied waits of `entry`; none: all are satisfied. `depth` limits how many
/// transparent commands may stand in a row, for software can make circles.
std::optional<StallReason> waits_for(const Entry& entry, const std::vector<QueueView>& queues,
                                     const CommandWindow::Machine& machine, unsigned depth) {
  std::optional<StallReason> first;
  for (const Semaphores::Wait& wait : entry.decoded.waits) {
    if (machine.semaphores.satisfied(wait)) continue;
    StallReason reason = StallReason::kSemaphore;
    if (const Entry* other = signaller(wait.semaphore, queues)) {
      reason = dependency(*other);
      if (depth > 0 && is_transparent(*other)) reason = waits_for(*other, queues, machine, depth - 1).value_or(reason);
    }
    if (!first || reason < *first) first = reason;
  }
  return first;
}

/// What keeps a waiting entry, not blocked by others before it, from starting.
StallReason blocker(const Entry& entry, const QueueView& queue, const std::vector<QueueView>& queues,
                    const CommandWindow::Machine& machine) {
  if (queue.held) return StallReason::kCompletion;
  if (entry.error) return StallReason::kCommandFetch;
  if (const Entry* before = queue.window->fenced_by(entry)) return dependency(*before);
  if (const auto reason = waits_for(entry, queues, machine, kMostTransparent)) return *reason;
  const Command& command = entry.decoded.command;
  const bool ready =
      entry.decoded.opcode == DIXION_OPCODE_CALL || (machine.available[static_cast<std::size_t>(command.info->unit)] &&
                                                     machine.scoreboard.free(command.info->unit, command.cores));
  return ready ? StallReason::kCommandFetch : StallReason::kCores;
}

void add_queue(const QueueView& queue, const std::vector<QueueView>& queues, const CommandWindow::Machine& machine,
               std::array<LaneMasks, kUnits>& masks) {
  std::array<CoreMask, kUnits> claimed{};
  std::array<std::optional<StallReason>, kUnits> first{};  // of the unit's oldest waiting command
  std::optional<StallReason> barrier;                      // of an entry that nothing passes
  for (const Entry& entry : queue.window->entries()) {
    if (entry.running) continue;
    const abi::OpcodeInfo* info = entry.decoded.command.info;
    if (info != nullptr && info->unit != abi::Unit::kControl) {
      const auto unit = static_cast<std::size_t>(info->unit);
      const CoreMask cores = entry.decoded.command.cores;
      std::optional<StallReason> reason = barrier;
      if (!reason && !CommandWindow::lanes_are_independent(info->unit)) reason = first[unit];
      if (!reason && (cores & claimed[unit]) != 0) reason = StallReason::kCores;
      if (!reason) reason = blocker(entry, queue, queues, machine);
      if (!first[unit]) first[unit] = reason;
      masks[unit][index_of(*reason)] |= cores & ~claimed[unit];
      claimed[unit] |= cores;
    }
    if (!barrier && (entry.error || entry.decoded.fence)) {
      barrier = blocker(entry, queue, queues, machine);
      // Lanes that another unit waits for are nothing that this one could have.
      if (barrier == StallReason::kCores) barrier = dependency(entry);
    }
  }
}

/// A CALL stands at its fence, and all that is still to be done before it are ConMerge schedules: until then nothing of
/// its list is even fetched.
bool schedules_hold_a_call(const QueueView& queue) {
  bool building = false;
  for (const Entry& entry : queue.window->entries()) {
    const bool call = entry.decoded.opcode == DIXION_OPCODE_CALL;
    if (call && !entry.running) return building && entry.decoded.fence;
    if (call) continue;
    if (dependency(entry) != StallReason::kSchedule) return false;
    building = true;
  }
  return false;
}

}  // namespace

std::array<WaitingLanes, kUnits> waiting_lanes(const std::vector<QueueView>& queues,
                                               const CommandWindow::Machine& machine,
                                               const std::array<unsigned, kUnits>& lanes) {
  std::array<LaneMasks, kUnits> masks{};
  bool fetching = false, held = false;
  for (const QueueView& queue : queues) {
    fetching = fetching || queue.fetching;
    held = held || schedules_hold_a_call(queue);
    add_queue(queue, queues, machine, masks);
  }
  std::array<WaitingLanes, kUnits> waiting{};
  for (std::size_t unit = 0; unit < kUnits; ++unit) {
    CoreMask explained = machine.scoreboard.taken(static_cast<abi::Unit>(unit));
    const CoreMask taken = explained;
    for (std::size_t reason = kStallsInCommand; reason < kStallReasons; ++reason) {
      const CoreMask mask = masks[unit][reason] & ~explained;
      waiting[unit].for_reason[reason] = static_cast<std::uint8_t>(std::popcount(mask));
      explained |= mask;
    }
    if (explained != taken) continue;
    const auto rest = static_cast<std::uint8_t>(lanes[unit] - static_cast<unsigned>(std::popcount(taken)));
    if (held) {
      waiting[unit].for_reason[index_of(StallReason::kSchedule)] = rest;
    } else if (fetching) {
      waiting[unit].fetching = rest;
    }
  }
  return waiting;
}

}  // namespace dixion
