// SPDX-License-Identifier: Apache-2.0
#include "models/engines/vector/rotary_function.h"

namespace dixion {

std::uint64_t rotate_pairs(const Requantiser& factor, std::size_t count, const std::int16_t* x,
                           const std::int16_t* table, std::int16_t* dst) {
  std::uint64_t saturations = 0;
  for (std::size_t i = 0; i < count; i += 2) {
    // INT12 times INT16 twice stays below 2^28.
    const std::int32_t even = x[i] * table[i] - x[i + 1] * table[i + 1];
    const std::int32_t odd = x[i + 1] * table[i] + x[i] * table[i + 1];
    dst[i] = static_cast<std::int16_t>(factor.narrow(even, saturations));
    dst[i + 1] = static_cast<std::int16_t>(factor.narrow(odd, saturations));
  }
  return saturations;
}

}  // namespace dixion
