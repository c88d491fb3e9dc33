// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "models/abi/generated/commands.h"

namespace dixion {

/// Monotonic 32-bit counters. Number 0 means none: always satisfied, never changed.
class Semaphores {
 public:
  struct Wait {
    std::uint8_t semaphore = 0;
    std::uint32_t target = 0;
  };
  struct Signal {
    std::uint8_t semaphore = 0;
    std::uint16_t value = 0;
  };

  /// The counter has reached the target, compared as a signed distance so that it may wrap around.
  [[nodiscard]] bool satisfied(const Wait& wait) const {
    return wait.semaphore == 0 || static_cast<std::int32_t>(values_[wait.semaphore] - wait.target) >= 0;
  }
  void signal(const Signal& signal) {
    if (signal.semaphore != 0) values_[signal.semaphore] += signal.value;
  }
  [[nodiscard]] std::uint32_t value(unsigned semaphore) const { return values_.at(semaphore); }
  void set(unsigned semaphore, std::uint32_t value) {
    if (semaphore != 0) values_.at(semaphore) = value;
  }
  void reset() { values_.fill(0); }

 private:
  std::array<std::uint32_t, DIXION_SEMAPHORES> values_{};
};

}  // namespace dixion
