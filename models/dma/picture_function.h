// SPDX-License-Identifier: Apache-2.0
/// DMA_IM2COL and DMA_RESIZE of docs/numerics.md section 17 on dense buffers of bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/dma/window.h"

namespace dixion {

/// Extents of a dense [batch, height, width] of pixels.
struct Picture {
  std::size_t batch = 0, height = 0, width = 0;
  std::size_t pixel_bytes = 0;  ///< all channels of a pixel
};

/// dst[b, oy, ox] = the window's pixels, row by row. Bytes outside the picture are left alone: dst holds zeros before.
void unfold(const Picture& picture, const Window& window, const std::uint8_t* src, std::uint8_t* dst);

/// Every pixel `factor_y` times below each other and `factor_x` times side by side.
void enlarge(const Picture& picture, std::size_t factor_y, std::size_t factor_x, const std::uint8_t* src,
             std::uint8_t* dst);

}  // namespace dixion
