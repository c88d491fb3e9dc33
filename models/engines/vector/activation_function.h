// SPDX-License-Identifier: Apache-2.0
/// GELU, GELU_TANH, SILU and RELU of docs/numerics.md section 8.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/common/fixed_point.h"

namespace dixion {

enum class Activation : std::uint8_t { kGelu, kGeluTanh, kSilu, kRelu };

/// A table with linear interpolation around 0, x above and 0 below. Q16 in and out. RELU has no table.
class ActivationCurve {
 public:
  explicit ActivationCurve(Activation kind);
  [[nodiscard]] std::int32_t operator()(std::int32_t x) const {
    if (x >= end_) return x;
    if (x < -end_) return 0;
    const std::int64_t offset = x + end_;
    return static_cast<std::int32_t>(interpolate(table_, offset >> step_bits_, offset & mask_, step_bits_));
  }

 private:
  const std::int32_t* table_ = nullptr;
  std::int64_t end_;
  std::int64_t mask_;
  unsigned step_bits_;  // table entries are 2^step_bits_ apart
};

/// dst[i] = to_dst(curve(to_q16(src[i]))); returns the number of saturations. Src is int16 or int32, Dst too.
template <typename Src, typename Dst>
std::uint64_t activate(Activation kind, const Requantiser& to_q16, const Requantiser& to_dst, std::size_t count,
                       const Src* src, Dst* dst);

}  // namespace dixion
