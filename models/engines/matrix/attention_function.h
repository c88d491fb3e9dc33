// SPDX-License-Identifier: Apache-2.0
/// Attention of docs/numerics.md section 5 on dense buffers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "models/common/kernel_set.h"

namespace dixion {

struct AttentionOperands {
  std::size_t heads = 0;               ///< batch times heads
  std::size_t queries = 0;             ///< Tq
  std::size_t keys = 0;                ///< Tk
  std::size_t depth = 0;               ///< D
  const std::int16_t* q = nullptr;     ///< [heads, Tq, D], 12-bit values
  const std::int16_t* k = nullptr;     ///< [heads, Tk, D]
  const std::int16_t* v = nullptr;     ///< [heads, Tk, D]
  std::int32_t score_multiplier = 1;   ///< positive
  std::uint32_t score_shift = 0;       ///< at most 62
  std::int32_t output_multiplier = 1;  ///< positive
  std::uint32_t output_shift = 0;      ///< at most 62
};

/// exp2n(min(rshr(difference * multiplier, shift), 2^31 - 1)) of section 4, prepared for one multiplier and shift.
class ScoreExponential {
 public:
  ScoreExponential(std::int32_t multiplier, std::uint32_t shift);

  /// `difference` >= 0 is how far a score lies below the row's maximum; 0...4095.
  [[nodiscard]] std::int32_t operator()(std::int64_t difference) const;

 private:
  struct Segment {
    std::int32_t base, slope;
  };
  std::array<Segment, 64> segments_;  // EXP2 and the step to its next entry
  std::int64_t last_;                 // largest difference whose result may be above 0
  std::int64_t multiplier_;
  std::uint32_t shift_;
};

/// Writes [heads, Tq, D] INT12 to `dst`; returns the number of saturations.
std::uint64_t attention_function(const KernelSet& kernels, const AttentionOperands& operands, std::int16_t* dst);

}  // namespace dixion
