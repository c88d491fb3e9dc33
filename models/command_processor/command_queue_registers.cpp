// SPDX-License-Identifier: Apache-2.0
// What software sees and sets of a queue: registers, resets, status.
#include "models/abi/generated/queue_registers.h"
#include "models/command_processor/command_queue.h"

namespace dixion {

void CommandQueue::bind_registers() {
  registers_.on_write(DIXION_QUEUE_CONTROL, [this](unsigned, std::uint32_t old_value, std::uint32_t value) {
    control_written(old_value, value);
  });
  registers_.on_read(DIXION_QUEUE_STATUS, [this](unsigned) { return pack_status(); });
  for (const std::uint32_t offset :
       {DIXION_QUEUE_RING_BASE_LO, DIXION_QUEUE_RING_BASE_HI, DIXION_QUEUE_RING_SIZE, DIXION_QUEUE_COMPLETION_BASE_LO,
        DIXION_QUEUE_COMPLETION_BASE_HI, DIXION_QUEUE_COMPLETION_SIZE}) {
    registers_.on_write(offset, [this, offset](unsigned, std::uint32_t old_value, std::uint32_t value) {
      if (!enabled_) return;
      registers_.set(offset, old_value);
      reject(registers_.name_of(offset).c_str(), value, "no write while CONTROL.ENABLE is set");
    });
  }
  registers_.on_read(DIXION_QUEUE_HEAD, [this](unsigned) { return ring_.head(); });
  registers_.on_read(DIXION_QUEUE_DOORBELL, [this](unsigned) { return ring_.tail(); });
  registers_.on_write(DIXION_QUEUE_DOORBELL,
                      [this](unsigned, std::uint32_t, std::uint32_t tail) { doorbell_written(tail); });
  registers_.on_read(DIXION_QUEUE_COMPLETION_TAIL, [this](unsigned) { return completions_.tail(); });
  registers_.on_read(DIXION_QUEUE_COMPLETION_HEAD, [this](unsigned) { return completions_.head(); });
  registers_.on_write(DIXION_QUEUE_COMPLETION_HEAD,
                      [this](unsigned, std::uint32_t, std::uint32_t head) { completion_head_written(head); });
}

void CommandQueue::reject(const char* register_name, std::uint64_t value, const std::string& expected) {
  shared_.report(prefix_ + register_name, value, expected);
  if (registers_.get(DIXION_QUEUE_ERROR_CAUSE) == DIXION_CAUSE_NONE) {
    registers_.set(DIXION_QUEUE_ERROR_CAUSE, DIXION_CAUSE_BAD_REGISTER);
    registers_.set(DIXION_QUEUE_ERROR_FIELD, DIXION_FIELD_NONE);
    registers_.set(DIXION_QUEUE_ERROR_VALUE, static_cast<std::uint32_t>(value));
    registers_.set(DIXION_QUEUE_ERROR_LIST_INDEX, Command::kNotInList);
  }
  shared_.interrupts.raise(1U << (8 + number_));
}

bool CommandQueue::place_rings() {
  const auto check = [this](std::uint32_t base_offset, std::uint32_t size_offset, std::uint64_t entry_bytes) {
    const std::uint64_t base = registers_.get64(base_offset);
    const std::uint32_t size = registers_.get(size_offset);
    if (!is_ring_size(size)) {
      reject(registers_.name_of(size_offset).c_str(), size, "a power of two from 8 to 65536");
    } else if (base % 64 != 0) {
      reject(registers_.name_of(base_offset).c_str(), base, "a multiple of 64");
    } else if (!shared_.memory.fetch.contains(base, size * entry_bytes)) {
      reject(registers_.name_of(base_offset).c_str(), base, "a ring inside memory");
    } else {
      return true;
    }
    return false;
  };
  if (!check(DIXION_QUEUE_RING_BASE_LO, DIXION_QUEUE_RING_SIZE, sizeof(dixion_command_t)) ||
      !check(DIXION_QUEUE_COMPLETION_BASE_LO, DIXION_QUEUE_COMPLETION_SIZE, sizeof(dixion_completion_t))) {
    return false;
  }
  ring_.place(registers_.get64(DIXION_QUEUE_RING_BASE_LO), registers_.get(DIXION_QUEUE_RING_SIZE));
  completions_.place(registers_.get64(DIXION_QUEUE_COMPLETION_BASE_LO), registers_.get(DIXION_QUEUE_COMPLETION_SIZE));
  return true;
}

void CommandQueue::control_written(std::uint32_t, std::uint32_t value) {
  if ((value & DIXION_QUEUE_CONTROL_RESET_MASK) != 0) {
    forget();
    return;
  }
  if ((value & DIXION_QUEUE_CONTROL_RESUME_MASK) != 0) {
    const std::uint32_t cause = registers_.get(DIXION_QUEUE_ERROR_CAUSE);
    if (!halted_ && cause == DIXION_CAUSE_NONE) shared_.report(prefix_ + "CONTROL.RESUME", 1, "a queue with an error");
    halted_ = false;
    for (std::uint32_t offset = DIXION_QUEUE_ERROR_COMMAND; offset <= DIXION_QUEUE_ERROR_LIST_INDEX; offset += 4) {
      registers_.set(offset, 0);
    }
  }
  const bool enable = (value & DIXION_QUEUE_CONTROL_ENABLE_MASK) != 0;
  if (enable && !enabled_ && shared_.resetting) {
    reject("CONTROL.ENABLE", 1, "0 until the accelerator's STATUS.RESET_DONE");
  } else if (!enable || enabled_ || place_rings()) {
    enabled_ = enable;
  }
  registers_.set(DIXION_QUEUE_CONTROL, enabled_ ? DIXION_QUEUE_CONTROL_ENABLE_MASK : 0);
  fetch_.notify(sc_core::SC_ZERO_TIME);
  shared_.dispatch.notify(sc_core::SC_ZERO_TIME);
}

void CommandQueue::doorbell_written(std::uint32_t tail) {
  if (!enabled_ || !shared_.enabled) {
    reject("DOORBELL", tail, enabled_ ? "the accelerator's CONTROL.ENABLE set" : "the queue's CONTROL.ENABLE set");
  } else if (!ring_.publish(tail)) {
    reject("DOORBELL", tail,
           "an index from " + std::to_string(ring_.tail()) +
               " to HEAD + RING_SIZE = " + std::to_string(ring_.head() + ring_.slots()));
  } else {
    ++counts_.doorbells;
    shared_.emit(Stage::kDoorbell, tail, 0, static_cast<std::uint8_t>(number_));
    fetch_.notify(sc_core::SC_ZERO_TIME);
  }
}

void CommandQueue::completion_head_written(std::uint32_t head) {
  if (!completions_.consume(head)) {
    reject("COMPLETION_HEAD", head,
           "an index from " + std::to_string(completions_.head()) +
               " to COMPLETION_TAIL = " + std::to_string(completions_.tail()));
    return;
  }
  complete_.notify(sc_core::SC_ZERO_TIME);
  shared_.dispatch.notify(sc_core::SC_ZERO_TIME);
}

void CommandQueue::forget() {
  ++generation_;
  orphans_ += window_.on_units();
  counts_.dropped += window_.waiting();
  window_.clear();
  ring_.reset();
  completions_.reset();
  enabled_ = false;
  halted_ = false;
  registers_.set(DIXION_QUEUE_CONTROL, 0);
  for (std::uint32_t offset = DIXION_QUEUE_ERROR_COMMAND; offset <= DIXION_QUEUE_ERROR_LIST_INDEX; offset += 4) {
    registers_.set(offset, 0);
  }
  fetch_.notify(sc_core::SC_ZERO_TIME);
  complete_.notify(sc_core::SC_ZERO_TIME);
  shared_.explain.notify(sc_core::SC_ZERO_TIME);
}

void CommandQueue::reset() {
  forget();
  registers_.reset();
}

bool CommandQueue::idle() const {
  return ring_.available() == 0 && window_.empty() && completions_.empty() && !fetching_ && orphans_ == 0;
}

std::uint32_t CommandQueue::pack_status() const {
  return (idle() ? DIXION_QUEUE_STATUS_IDLE_MASK : 0) | (halted_ ? DIXION_QUEUE_STATUS_HALTED_MASK : 0) |
         (stalled() ? DIXION_QUEUE_STATUS_COMPLETION_FULL_MASK : 0);
}

QueueStatus CommandQueue::status() const {
  QueueStatus status;
  status.queue = number_;
  status.enabled = enabled_;
  status.halted = halted_;
  status.idle = idle();
  status.head = ring_.head();
  status.doorbell = ring_.tail();
  status.recent = window_.recent();
  window_.explain(shared_.machine(), status);
  if (stalled()) status.oldest_waits_for = QueueStatus::Wait::kCompletionRing;
  if (halted_) status.oldest_waits_for = QueueStatus::Wait::kResume;
  return status;
}

StatisticsList CommandQueue::statistics(const std::string& prefix) const {
  return {
      {prefix + ".doorbells", "count", "doorbell writes that were accepted", counts_.doorbells},
      {prefix + ".fetched", "commands", "commands read from ring and lists", counts_.fetched},
      {prefix + ".completed", "commands", "commands that ended without error, CALL included", counts_.completed},
      {prefix + ".failed", "commands", "commands that ended with an error", counts_.failed},
      {prefix + ".dropped", "commands", "commands lost to a reset, and CALLs whose list an error cut short",
       counts_.dropped},
      {prefix + ".records", "count", "completion records written", counts_.records},
      {prefix + ".completion_stall", "accel_cycles", "a record waited for room in the completion ring",
       counts_.stall_cycles},
  };
}

}  // namespace dixion
