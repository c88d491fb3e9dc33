// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>

#include "models/memory/linear_map.h"

namespace dixion {

/// bank = xor of all groups of log2(banks) bits of the word number: aligned strides of 2^n spread over all banks.
class XorMap final : public LinearMap {
 public:
  explicit XorMap(unsigned banks) : LinearMap(masks(banks)) {}
  [[nodiscard]] const char* name() const override { return "xor"; }

 private:
  static std::vector<std::uint64_t> masks(unsigned banks) {
    const auto bits = static_cast<unsigned>(std::countr_zero(banks));
    std::vector<std::uint64_t> result(bits);
    for (unsigned bit = 0; bits != 0 && bit < 64; ++bit) result[bit % bits] |= std::uint64_t{1} << bit;
    return result;
  }
};

}  // namespace dixion
