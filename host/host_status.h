// SPDX-License-Identifier: Apache-2.0
/// What the host looks like from outside while it stands still: the host's part of a hang report.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dixion::host {

enum class HartActivity : std::uint8_t { kRunning, kWaiting, kStopped };  ///< kWaiting: in wfi

/// One hart at the last instruction boundary.
struct HartStatus {
  unsigned hart = 0;
  HartActivity activity = HartActivity::kRunning;
  std::uint64_t pc = 0;
  std::uint64_t mie = 0;
  std::uint64_t mip = 0;
  bool interrupts_enabled = false;  ///< mstatus.MIE
  bool timer_armed = false;         ///< mtimecmp lies within the range of simulated time and has not passed
  std::uint64_t timer_ticks = 0;    ///< when it fires, in ticks; valid if timer_armed
  /// An interrupt that would end wfi is pending or may still come from the timer.
  [[nodiscard]] bool can_wake_by_itself() const { return (mip & mie) != 0 || (timer_armed && (mie & (1U << 7)) != 0); }
};

/// An interrupt source whose line is high or pending at the PLIC, and why the hart does not see it.
struct SourceStatus {
  unsigned source = 0;
  bool level = false;
  bool pending = false;
  bool claimed = false;             ///< claimed and not completed
  std::uint32_t priority = 0;       ///< 0 never interrupts
  std::uint64_t enabled_harts = 0;  ///< bit h: enabled in hart h's machine context
};

struct HostStatus {
  std::vector<HartStatus> harts;
  std::vector<SourceStatus> sources;  ///< those with level, pending or claimed set, ascending

  /// All harts wait or are stopped, and neither a pending interrupt nor an armed timer can wake one.
  [[nodiscard]] bool only_devices_can_wake() const {
    for (const HartStatus& hart : harts) {
      if (hart.activity == HartActivity::kRunning || hart.can_wake_by_itself()) return false;
    }
    return true;
  }
};

/// Lines for people: one per hart and one per pending interrupt, masked ones with what masks them.
std::vector<std::string> describe(const HostStatus& status);

}  // namespace dixion::host
