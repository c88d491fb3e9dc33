// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "models/common/clock.h"
#include "models/common/command.h"
#include "models/common/trace_sink.h"

namespace dixion {

/// The counters software sees (PERF_COUNTER). Work is counted when its command completes.
class PerformanceCounters {
 public:
  static constexpr unsigned kCounters = 16;

  void count(const Command& command, const CommandCost& cost, bool failed);
  /// Value at `now`, or of the moment of freeze().
  [[nodiscard]] std::uint64_t read(unsigned counter, Cycles now) const;
  void freeze(bool on, Cycles now);
  void clear(Cycles now);

 private:
  [[nodiscard]] std::array<std::uint64_t, kCounters> live(Cycles now) const;

  std::array<std::uint64_t, kCounters> values_{};
  std::array<std::uint64_t, kCounters> frozen_{};
  Cycles cleared_at_ = 0;
  bool is_frozen_ = false;
};

}  // namespace dixion
