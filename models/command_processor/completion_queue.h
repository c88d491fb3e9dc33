// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>

#include "models/abi/generated/commands.h"

namespace dixion {

/// Records on their way to a queue's completion ring. Tail (written) and head (consumed by software) count up freely.
class CompletionQueue {
 public:
  struct Pending {
    dixion_completion_t record{};  ///< phase is filled when it gets its slot
    std::uint32_t list_index = 0xffffffff;
    std::uint8_t opcode = 0;
    bool interrupt = false;  ///< the command asked for one
    bool error = false;      ///< the queue halted on it
  };

  /// `records` satisfies is_ring_size().
  void place(std::uint64_t base, std::uint32_t records);
  /// Drops what is pending; indices to 0.
  void reset();

  void push(const Pending& pending) { pending_.push_back(pending); }
  [[nodiscard]] bool empty() const { return pending_.empty(); }
  /// Software has consumed too little for the next record.
  [[nodiscard]] bool full() const { return tail_ + writing_ - head_ >= records_; }
  /// The oldest pending record with its phase; not empty().
  [[nodiscard]] Pending front() const;
  /// Where it belongs.
  [[nodiscard]] std::uint64_t front_address() const;
  /// The oldest pending record is on its way to memory, where software may find it before the tail moves.
  void writing() { writing_ = 1; }
  /// The oldest pending record is in memory.
  void written();
  /// Software consumed everything before `head`. False, without effect, unless it lies from the old head to the
  /// tail, a record on its way included.
  [[nodiscard]] bool consume(std::uint32_t head);

  [[nodiscard]] std::uint32_t head() const { return head_; }
  [[nodiscard]] std::uint32_t tail() const { return tail_; }

 private:
  std::uint64_t base_ = 0;
  std::uint32_t records_ = 0;
  std::uint32_t head_ = 0;
  std::uint32_t tail_ = 0;
  std::uint32_t writing_ = 0;  ///< records on their way to memory, 0 or 1
  std::deque<Pending> pending_;
};

}  // namespace dixion
