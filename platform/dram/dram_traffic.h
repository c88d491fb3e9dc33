// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "models/common/statistics.h"
#include "models/interconnect/requester.h"

namespace dixion {

/// Counts what a memory moved, per requester and direction.
class DramTraffic {
 public:
  void add(Requester requester, bool write, std::uint64_t bytes) {
    Count& count = counts_[static_cast<unsigned>(requester)][write ? 1 : 0];
    ++count.requests;
    count.bytes += bytes;
  }
  [[nodiscard]] std::uint64_t bytes(Requester requester, bool write) const {
    return counts_[static_cast<unsigned>(requester)][write ? 1 : 0].bytes;
  }
  [[nodiscard]] StatisticsList statistics(const std::string& prefix) const;

 private:
  struct Count {
    std::uint64_t requests = 0;
    std::uint64_t bytes = 0;
  };
  std::array<std::array<Count, 2>, kRequesters> counts_{};
};

}  // namespace dixion
