// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "models/common/trace_sink.h"
#include "platform/console.h"

namespace dixion {

/// One line on a terminal while a workload runs: step, simulated time, wall time, what is left. Nothing elsewhere.
class Progress final : public TraceSink {
 public:
  /// `steps`: denoising steps of the workload; 0 if there is none.
  Progress(Console& console, std::uint32_t steps);
  void event(const TraceEvent& event) override;
  /// Wall time since construction.
  [[nodiscard]] double wall_seconds() const;

 private:
  using WallClock = std::chrono::steady_clock;

  Console& console_;
  std::uint32_t steps_;
  WallClock::time_point start_ = WallClock::now();
  WallClock::time_point shown_ = start_;
};

}  // namespace dixion
