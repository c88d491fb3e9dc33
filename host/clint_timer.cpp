// SPDX-License-Identifier: Apache-2.0
#include "host/clint_timer.h"

#include <limits>
#include <utility>

namespace dixion::host {

ClintTimer::ClintTimer(const sc_core::sc_module_name& name, unsigned harts, std::uint64_t mtime_hz,
                       std::function<void(unsigned, bool)> interrupt)
    : sc_module(name),
      harts_(harts),
      clock_(mtime_hz, sc_core::sc_time(1, sc_core::SC_SEC).value()),
      interrupt_(std::move(interrupt)) {
  SC_HAS_PROCESS(ClintTimer);
  SC_METHOD(expire);
  sensitive << event_;
  dont_initialize();
}

std::optional<Ticks> ClintTimer::deadline(unsigned hart) const {
  const std::uint64_t compare = clint_->mtimecmp(hart);
  if (mtime() >= compare) return std::nullopt;
  const std::uint64_t left = compare - mtime();
  const std::uint64_t last = count(std::numeric_limits<Ticks>::max());
  if (left > last - count_now()) return std::nullopt;
  return clock_.edge(count_now() + left);
}

void ClintTimer::changed(unsigned hart) {
  interrupt_(hart, mtime() >= clint_->mtimecmp(hart));
  if (const std::optional<Ticks> time = deadline(hart)) arm(*time);
}

void ClintTimer::arm(Ticks time) {
  // A timer that moved back keeps its event, which looks again: cancelled events would pile up in the kernel's heap.
  if (armed_ && *armed_ <= time) return;
  event_.cancel();
  event_.notify(sc_core::sc_time::from_value(time - now()));
  armed_ = time;
}

void ClintTimer::expire() {
  armed_.reset();
  for (unsigned hart = 0; hart < harts_; ++hart) changed(hart);
}

}  // namespace dixion::host
