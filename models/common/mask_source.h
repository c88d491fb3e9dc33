// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "models/common/mask_bits.h"
#include "models/common/mask_supply.h"

namespace dixion {

/// A mask as it lies in a dense buffer, which must outlive it. Bits beyond the columns are left as they are.
class BufferMask final : public MaskSource {
 public:
  explicit BufferMask(const std::uint32_t* words) : words_(words) {}
  void row(std::uint64_t number, std::size_t columns, std::uint32_t* words) const override {
    const std::size_t count = mask_words(columns);
    for (std::size_t i = 0; i < count; ++i) words[i] = words_[number * count + i];
  }
  [[nodiscard]] bool stored() const override { return true; }

 private:
  const std::uint32_t* words_;
};

}  // namespace dixion
