// SPDX-License-Identifier: Apache-2.0
/// SystemC's time as whole ticks, and clocks in the resolution the application chose.
#pragma once

#include <systemc>

#include "models/common/clock.h"

namespace dixion {

inline Ticks ticks_now() { return sc_core::sc_time_stamp().value(); }

inline sc_core::sc_time time_of(Ticks ticks) { return sc_core::sc_time::from_value(ticks); }

/// Ticks of one second. Fixes the time resolution: only from constructors of modules and later.
inline Ticks ticks_per_second() { return sc_core::sc_time(1.0, sc_core::SC_SEC).value(); }

inline Clock make_clock(std::uint64_t hertz) { return Clock(hertz, ticks_per_second()); }

/// Waits until `time`; returns at once if it has passed. Only from an SC_THREAD.
inline void wait_until(Ticks time) {
  const Ticks now = ticks_now();
  if (time > now) sc_core::wait(time_of(time - now));
}

/// Waits for the next edge of `clock` and returns its number; at an edge it does not wait.
inline Cycles wait_for_edge(const Clock& clock) {
  const Cycles cycle = clock.next_cycle(ticks_now());
  wait_until(clock.edge(cycle));
  return cycle;
}

}  // namespace dixion
