// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include <systemc>

#include "host/clint.h"
#include "models/common/clock.h"

namespace dixion::host {

/// Time for the CLINT: mtime as a function of simulated time, and one event for the earliest mtimecmp. Nothing ticks.
class ClintTimer final : public sc_core::sc_module {
 public:
  /// `interrupt(hart, level)` is the machine timer interrupt.
  ClintTimer(const sc_core::sc_module_name& name, unsigned harts, std::uint64_t mtime_hz,
             std::function<void(unsigned hart, bool level)> interrupt);

  /// The CLINT whose mtimecmp counts; before simulation starts.
  void attach(const Clint& clint) { clint_ = &clint; }
  /// Counter without what software added to it, at a time in ticks.
  [[nodiscard]] std::uint64_t count(Ticks time) const { return clock_.cycle(time); }
  [[nodiscard]] std::uint64_t count_now() const { return count(now()); }
  /// When hart's timer fires, in ticks; nothing if it has fired or never will within the range of simulated time.
  [[nodiscard]] std::optional<Ticks> deadline(unsigned hart) const;
  /// mtimecmp or mtime was written.
  void changed(unsigned hart);

 private:
  [[nodiscard]] static Ticks now() { return sc_core::sc_time_stamp().value(); }
  [[nodiscard]] std::uint64_t mtime() const { return count_now() + clint_->mtime_offset(); }
  void arm(Ticks time);
  void expire();

  unsigned harts_;
  Clock clock_;
  std::function<void(unsigned, bool)> interrupt_;
  const Clint* clint_ = nullptr;
  sc_core::sc_event event_;
  std::optional<Ticks> armed_;  ///< when event_ fires
};

}  // namespace dixion::host
