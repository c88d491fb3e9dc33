// SPDX-License-Identifier: Apache-2.0
/// A clock as whole cycles counted from time 0. Time is in ticks (1 ps under SystemC's default resolution).
/// No period is stored: a rounded period drifts (833 ps for 1.2 GHz is 400 us off after one second).
#pragma once

#include <cstdint>
#include <numeric>

namespace dixion {

/// A number of cycles of one named clock. Which clock it is, the owner's documentation says.
using Cycles = std::uint64_t;
/// Ticks of simulated time.
using Ticks = std::uint64_t;

class Clock {
 public:
  /// `hertz` > 0; `ticks_per_second` is 10^12 for the resolution of 1 ps. The period must be at least one tick.
  explicit Clock(std::uint64_t hertz, std::uint64_t ticks_per_second = 1'000'000'000'000ULL)
      : hertz_(hertz), ticks_(ticks_per_second / std::gcd(hertz, ticks_per_second)),
        cycles_(hertz / std::gcd(hertz, ticks_per_second)) {}

  /// Time of edge `n`: the first tick at or after n periods.
  [[nodiscard]] Ticks edge(Cycles n) const {
    return static_cast<Ticks>((static_cast<Wide>(n) * ticks_ + cycles_ - 1) / cycles_);
  }
  /// Number of the last edge at or before `time`: cycle(edge(n)) == n.
  [[nodiscard]] Cycles cycle(Ticks time) const {
    return static_cast<Cycles>(static_cast<Wide>(time) * cycles_ / ticks_);
  }
  /// Number of the first edge at or after `time`.
  [[nodiscard]] Cycles next_cycle(Ticks time) const {
    const Cycles n = cycle(time);
    return edge(n) == time ? n : n + 1;
  }
  [[nodiscard]] std::uint64_t hertz() const { return hertz_; }

 private:
  __extension__ using Wide = unsigned __int128;
  std::uint64_t hertz_;
  std::uint64_t ticks_;   // ticks_ / cycles_ is the period, reduced
  std::uint64_t cycles_;
};

}  // namespace dixion
