// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "models/common/command.h"

namespace dixion {

inline constexpr std::uint32_t kMaxWindow = 64;  ///< of kernel and stride, each way (assumed: width of the counters)

/// The window of DMA_IM2COL: extents and strides 1 to kMaxWindow, padding less than the extent.
struct Window {
  std::uint32_t height = 1, width = 1;
  std::uint32_t stride_y = 1, stride_x = 1;
  std::uint32_t pad_y = 0, pad_x = 0;  ///< rows and columns of zeros on each side
};

/// As the immediates say: vertical numbers in the low halves, horizontal ones in the high halves.
[[nodiscard]] inline Window window_of(const Command& command) {
  const auto low = [&](unsigned i) { return command.immediates[i] & 0xffff; };
  const auto high = [&](unsigned i) { return command.immediates[i] >> 16; };
  return {low(0), high(0), low(1), high(1), low(2), high(2)};
}

}  // namespace dixion
