// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <utility>

#include "models/common/statistics.h"

namespace dixion {

/// Counts latencies in buckets of powers of two: bucket i holds those from 2^(i-1) to under 2^i, bucket 0 holds 0.
class LatencyHistogram {
 public:
  void add(std::uint64_t nanoseconds) { ++counts_[static_cast<std::size_t>(std::bit_width(nanoseconds))]; }

  /// The number of latencies, with the buckets in ns that are not empty, ascending.
  [[nodiscard]] Statistic statistic(std::string name, std::string sentence) const {
    Statistic all{std::move(name), "requests", std::move(sentence), 0};
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] == 0) continue;
      all.value += counts_[i];
      // The last bucket has no bound that fits: its bound is the largest number.
      all.buckets.push_back({i < 64 ? std::uint64_t{1} << i : ~std::uint64_t{0}, counts_[i]});
    }
    return all;
  }

 private:
  std::array<std::uint64_t, 65> counts_{};
};

}  // namespace dixion
