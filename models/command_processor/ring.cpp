// SPDX-License-Identifier: Apache-2.0
#include "models/command_processor/ring.h"

#include <algorithm>
#include <bit>

namespace dixion {

bool is_ring_size(std::uint64_t entries) { return std::has_single_bit(entries) && entries >= 8 && entries <= 65536; }

void Ring::place(std::uint64_t base, std::uint32_t slots) {
  base_ = base;
  slots_ = slots;
}

void Ring::reset() { head_ = tail_ = 0; }

bool Ring::publish(std::uint32_t tail) {
  // Unsigned distances: a tail behind the head or behind the old tail is a huge one.
  if (tail - head_ > slots_ || tail - head_ < available()) return false;
  tail_ = tail;
  return true;
}

std::uint32_t Ring::contiguous(std::uint32_t wanted) const {
  const std::uint32_t to_end = slots_ - (head_ & (slots_ - 1));
  return std::min({wanted, available(), to_end});
}

std::uint64_t Ring::head_address() const { return base_ + std::uint64_t{head_ & (slots_ - 1)} * kSlotBytes; }

}  // namespace dixion
