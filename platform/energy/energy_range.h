// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace dixion {

/// An energy (or a power, a share) that is known within bounds only. low <= nominal <= high; the unit stands where it
/// is used.
struct EnergyRange {
  std::uint64_t low = 0;
  std::uint64_t nominal = 0;
  std::uint64_t high = 0;

  EnergyRange& operator+=(const EnergyRange& other) {
    low += other.low;
    nominal += other.nominal;
    high += other.high;
    return *this;
  }
  friend bool operator==(const EnergyRange&, const EnergyRange&) = default;
};

/// Each bound times `factor` / `divisor`, rounded to the nearest, halves up.
[[nodiscard]] inline EnergyRange scaled(const EnergyRange& range, std::uint64_t factor, std::uint64_t divisor) {
  const auto one = [&](std::uint64_t value) {
    __extension__ using Product = unsigned __int128;
    return static_cast<std::uint64_t>((Product{value} * factor + divisor / 2) / divisor);
  };
  return {one(range.low), one(range.nominal), one(range.high)};
}

}  // namespace dixion
