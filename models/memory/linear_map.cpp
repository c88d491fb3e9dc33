// SPDX-License-Identifier: Apache-2.0
#include "models/memory/linear_map.h"

#include <bit>

namespace dixion {

LinearMap::LinearMap(const std::vector<std::uint64_t>& masks) : bits_(static_cast<unsigned>(masks.size())) {
  for (unsigned byte = 0; byte < 8; ++byte) {
    for (std::uint64_t value = 0; value < 256; ++value) {
      for (unsigned bit = 0; bit < bits_; ++bit) {
        const auto parity = static_cast<unsigned>(std::popcount(masks[bit] & (value << (8 * byte)))) & 1U;
        tables_[byte][value] = static_cast<std::uint16_t>(tables_[byte][value] | (parity << bit));
      }
    }
  }
  spreads_rows_ = bits_ == 0 || rank_of(masks, bits_) == bits_;
}

std::uint64_t LinearMap::same_conflicts(std::uint64_t word, std::uint64_t span) const {
  for (unsigned bits = span == 0 ? 0 : static_cast<unsigned>(std::bit_width(span - 1)); bits < 64; ++bits) {
    const std::uint64_t size = std::uint64_t{1} << bits;
    const std::uint64_t low = word & (size - 1);
    if (low + span <= size) return low;
  }
  return word;
}

unsigned rank_of(std::vector<std::uint64_t> masks, unsigned columns) {
  unsigned rank = 0;
  for (unsigned column = 0; column < columns && rank < masks.size(); ++column) {
    const std::uint64_t bit = std::uint64_t{1} << column;
    unsigned pivot = rank;
    while (pivot < masks.size() && (masks[pivot] & bit) == 0) ++pivot;
    if (pivot == masks.size()) continue;
    std::swap(masks[rank], masks[pivot]);
    for (unsigned row = rank + 1; row < masks.size(); ++row) {
      if ((masks[row] & bit) != 0) masks[row] ^= masks[rank];
    }
    ++rank;
  }
  return rank;
}

}  // namespace dixion
