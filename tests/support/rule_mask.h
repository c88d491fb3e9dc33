// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/common/mask_bits.h"

namespace dixion::test {

/// Row i of a mask keeps the columns that `keep(i, j)` says.
class RuleMask final : public MaskSource {
 public:
  explicit RuleMask(bool (*keep)(std::uint64_t, std::uint64_t)) : keep_(keep) {}
  void row(std::uint64_t number, std::size_t keys, std::uint32_t* words) const override {
    for (std::size_t i = 0; i < mask_words(keys); ++i) words[i] = 0;
    for (std::size_t j = 0; j < keys; ++j) {
      if (keep_(number, j)) words[j / 32] |= std::uint32_t{1} << j % 32;
    }
  }

 private:
  bool (*keep_)(std::uint64_t, std::uint64_t);
};

}  // namespace dixion::test
