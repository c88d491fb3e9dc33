// SPDX-License-Identifier: Apache-2.0
/// Masks drawn from a seed, for measurements and tests: the same bits on every machine.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/sparsity/mask.h"

namespace dixion {

struct RandomMaskShape {
  std::size_t rows = 16;
  std::size_t columns = 4096;
  /// Expected share of needed outputs, 0 to 1.
  double density = 0.05;
  /// 0: every output is drawn alike. e > 0: column probabilities follow min(1, c u^e), u spread evenly over (0, 1) and
  /// dealt to the columns at random, c such that the mean is `density`; the larger, the fewer columns hold the bits.
  unsigned skew = 0;
};

/// ConfigError for a density outside 0 to 1 or a skew above 64.
[[nodiscard]] BitMask random_mask(const RandomMaskShape& shape, std::uint64_t seed);

}  // namespace dixion
