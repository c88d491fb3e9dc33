// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/memory/linear_map.h"

namespace dixion {

/// bank = word mod banks.
class InterleaveMap final : public LinearMap {
 public:
  explicit InterleaveMap(unsigned banks) : LinearMap(masks(banks)) {}
  [[nodiscard]] const char* name() const override { return "interleave"; }
  /// Moving a pattern turns the banks round.
  [[nodiscard]] std::uint64_t same_conflicts(std::uint64_t /*word*/, std::uint64_t /*span*/) const override {
    return 0;
  }

 private:
  static std::vector<std::uint64_t> masks(unsigned banks) {
    std::vector<std::uint64_t> result;
    for (std::uint64_t bit = 1; bit < banks; bit *= 2) result.push_back(bit);
    return result;
  }
};

}  // namespace dixion
