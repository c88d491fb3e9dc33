// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <limits>

#include "models/common/fixed_point.h"
#include "models/engines/matrix/mask_rule.h"

namespace dixion {

/// Softmax thresholding: keys whose softmax weight is above threshold / keys.
class ThresholdRule final : public MaskRule {
 public:
  [[nodiscard]] const char* name() const override { return "threshold"; }

  void mark(const QuerySoftmax& query, KeptKeys& kept) const override {
    // e * Tk * 2^16 > threshold * L for an integer e.
    const Wide limit = static_cast<Wide>(query.sum) * query.threshold / (static_cast<Wide>(query.weights.size()) << 16);
    const auto bound = static_cast<std::int32_t>(std::min<Wide>(limit, std::numeric_limits<std::int16_t>::max()));
    for (std::size_t key = 0; key < query.weights.size(); ++key) {
      if (query.weights[key] > bound) kept.keep(key);
    }
  }
};

}  // namespace dixion
