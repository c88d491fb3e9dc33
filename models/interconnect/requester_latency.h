// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "models/common/clock.h"
#include "models/common/latency_histogram.h"
#include "models/interconnect/requester.h"

namespace dixion {

/// How long each requester's accesses and streams take at a memory, from arrival to the last byte.
class RequesterLatency {
 public:
  explicit RequesterLatency(Ticks ticks_per_second) : ticks_per_second_(ticks_per_second) {}

  void access(Requester requester, Ticks ticks) { accesses_[index(requester)].add(nanoseconds(ticks)); }
  void stream(Requester requester, Ticks ticks) { streams_[index(requester)].add(nanoseconds(ticks)); }

  /// Names start with `prefix`, e.g. "dram".
  [[nodiscard]] StatisticsList statistics(const std::string& prefix) const {
    StatisticsList list;
    for (unsigned i = 0; i < kRequesters; ++i) {
      const RequesterText text = requester_text(static_cast<Requester>(i));
      const std::string name = prefix + "." + text.name;
      const std::string who = std::string(" of ") + text.who;
      list.push_back(
          accesses_[i].statistic(name + ".access_latency", "ordinary accesses" + who + ", by the ns they took"));
      list.push_back(
          streams_[i].statistic(name + ".stream_latency", "streams" + who + ", by the ns from request to last byte"));
    }
    return list;
  }

 private:
  static std::size_t index(Requester requester) { return static_cast<std::size_t>(requester); }
  [[nodiscard]] std::uint64_t nanoseconds(Ticks ticks) const {
    __extension__ using WideTicks = unsigned __int128;
    return static_cast<std::uint64_t>(WideTicks{ticks} * 1'000'000'000 / ticks_per_second_);
  }

  Ticks ticks_per_second_;
  std::array<LatencyHistogram, kRequesters> accesses_;
  std::array<LatencyHistogram, kRequesters> streams_;
};

}  // namespace dixion
