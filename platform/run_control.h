// SPDX-License-Identifier: Apache-2.0
/// Ends the simulation: firmware's verdict, limit of simulated time, Ctrl-C.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include <systemc>

#include "models/common/clock.h"
#include "platform/verdict.h"

namespace dixion {

/// Ctrl-C for as long as one of these lives: the first sets the flag, the second kills the process.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  [[nodiscard]] static const std::atomic<bool>& flag();

 private:
  void (*previous_)(int);
};

/// The first verdict wins and stops the kernel. The time limit is a scheduled event, because the end of
/// sc_start(duration) is invisible to a hart that looks for pending activity.
class RunControl final : public sc_core::sc_module {
 public:
  /// `limit`: simulated time after which the run ends; none if empty.
  RunControl(const sc_core::sc_module_name& name, std::optional<Ticks> limit);
  ~RunControl() override;

  /// Call from a SystemC process.
  void end(Verdict verdict);
  /// Asked when the limit is reached: true if nothing could have happened anyway, which is a hang, not a long run.
  std::function<bool()> nothing_can_happen;
  [[nodiscard]] const std::optional<Verdict>& verdict() const { return verdict_; }

 private:
  class Doorman;  // carries Ctrl-C from a thread of the workstation into the kernel

  void start_of_simulation() override;
  void on_limit();
  void on_interrupt();

  std::optional<Ticks> limit_;
  sc_core::sc_event limit_reached_;
  std::optional<Verdict> verdict_;
  std::unique_ptr<Doorman> doorman_;
  std::atomic<bool> over_{false};
  std::thread watcher_;
};

}  // namespace dixion
