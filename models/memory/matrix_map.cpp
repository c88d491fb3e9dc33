// SPDX-License-Identifier: Apache-2.0
#include "models/memory/matrix_map.h"

#include <bit>

namespace dixion {

std::string MatrixMap::mistake(unsigned banks, const std::vector<std::uint64_t>& masks) {
  const auto bits = static_cast<unsigned>(std::countr_zero(banks));
  if (masks.size() != bits) {
    return std::to_string(banks) + " banks need " + std::to_string(bits) +
           " masks, one per bit of the bank, here are " + std::to_string(masks.size());
  }
  for (unsigned count = 1; count <= bits; ++count) {
    if (rank_of({masks.begin(), masks.begin() + count}, 64) == count) continue;
    const std::string number = std::to_string(count - 1);
    if (masks[count - 1] == 0) return "mask " + number + " is 0: half of the banks would never be used";
    return "mask " + number +
           " is the xor of masks before it (the matrix is singular): half of the banks would never be used";
  }
  return {};
}

}  // namespace dixion
