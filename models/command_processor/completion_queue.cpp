// SPDX-License-Identifier: Apache-2.0
#include "models/command_processor/completion_queue.h"

namespace dixion {

void CompletionQueue::place(std::uint64_t base, std::uint32_t records) {
  base_ = base;
  records_ = records;
}

void CompletionQueue::reset() {
  pending_.clear();
  head_ = tail_ = writing_ = 0;
}

CompletionQueue::Pending CompletionQueue::front() const {
  Pending pending = pending_.front();
  pending.record.phase = (tail_ & records_) == 0 ? 1 : 0;  // the bit above the slot number counts rounds
  return pending;
}

std::uint64_t CompletionQueue::front_address() const {
  return base_ + std::uint64_t{tail_ & (records_ - 1)} * sizeof(dixion_completion_t);
}

void CompletionQueue::written() {
  pending_.pop_front();
  ++tail_;
  writing_ = 0;
}

bool CompletionQueue::consume(std::uint32_t head) {
  if (head - head_ > tail_ + writing_ - head_) return false;
  head_ = head;
  return true;
}

}  // namespace dixion
