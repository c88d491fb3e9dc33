// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace dixion {

/// Number of entries a ring may have: a power of two from 8 to 65536.
[[nodiscard]] bool is_ring_size(std::uint64_t entries);

/// Positions in a queue's command ring. Head and tail count up freely (modulo 2^32); a slot is the index modulo size.
class Ring {
 public:
  static constexpr std::uint32_t kSlotBytes = 64;

  /// `slots` satisfies is_ring_size(). Head and tail stay.
  void place(std::uint64_t base, std::uint32_t slots);
  /// Head and tail to 0.
  void reset();

  /// Publishes a new tail. False, without effect, unless 0 <= tail - head <= slots.
  [[nodiscard]] bool publish(std::uint32_t tail);
  /// Commands submitted and not yet fetched.
  [[nodiscard]] std::uint32_t available() const { return tail_ - head_; }
  /// How many of at most `wanted` available slots lie next to each other from the head on.
  [[nodiscard]] std::uint32_t contiguous(std::uint32_t wanted) const;
  [[nodiscard]] std::uint64_t head_address() const;
  /// `count` slots were fetched.
  void advance(std::uint32_t count) { head_ += count; }

  [[nodiscard]] std::uint32_t head() const { return head_; }
  [[nodiscard]] std::uint32_t tail() const { return tail_; }
  [[nodiscard]] std::uint32_t slots() const { return slots_; }

 private:
  std::uint64_t base_ = 0;
  std::uint32_t slots_ = 0;
  std::uint32_t head_ = 0;
  std::uint32_t tail_ = 0;
};

}  // namespace dixion
