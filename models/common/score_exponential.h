// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "models/common/fixed_point.h"

namespace dixion {

/// exp2n(min(rshr(difference * multiplier, shift), 2^31 - 1)) of docs/numerics.md sections 4 and 5, prepared for one
/// multiplier and shift. `difference` >= 0 is how far a score lies below its row's maximum.
class ScoreExponential {
 public:
  static constexpr std::int64_t kZeroFrom = std::int64_t{21} << 16;  ///< exp2n is 0 from 21.0 on

  /// multiplier positive, shift at most kMaxShift.
  ScoreExponential(std::int32_t multiplier, std::uint32_t shift);

  /// 0...4095.
  [[nodiscard]] std::int32_t operator()(std::int64_t difference) const {
    if (difference > last_) return 0;
    const std::int64_t t = narrow() ? (difference * multiplier_ + half_) >> shift_ : wide(difference);
    const auto i = static_cast<std::size_t>((t >> 10) & 63);
    const std::int32_t v = bases_[i] + ((slopes_[i] * static_cast<std::int32_t>(t & 1023) + 512) >> 10);
    const auto down = static_cast<unsigned>(8 + (t >> 16));
    return std::min(4095, (v + (1 << (down - 1))) >> down);
  }

  /// Products with differences up to last() fit in 64 bits, and so does the one after.
  [[nodiscard]] bool narrow() const { return shift_ <= 40; }
  /// The largest difference whose result may be above 0.
  [[nodiscard]] std::int64_t last() const { return last_; }
  [[nodiscard]] std::int32_t multiplier() const { return static_cast<std::int32_t>(multiplier_); }
  [[nodiscard]] std::uint32_t shift() const { return shift_; }
  /// EXP2 and the steps to its next entries.
  [[nodiscard]] const std::array<std::int32_t, 64>& bases() const { return bases_; }
  [[nodiscard]] const std::array<std::int32_t, 64>& slopes() const { return slopes_; }

 private:
  [[nodiscard]] std::int64_t wide(std::int64_t difference) const;

  std::array<std::int32_t, 64> bases_, slopes_;
  std::int64_t last_;
  std::int64_t multiplier_;
  std::int64_t half_;  // 2^(shift - 1)
  std::uint32_t shift_;
};

}  // namespace dixion
