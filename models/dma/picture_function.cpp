// SPDX-License-Identifier: Apache-2.0
#include "models/dma/picture_function.h"

#include <algorithm>

namespace dixion {

void unfold(const Picture& picture, const Window& window, const std::uint8_t* src, std::uint8_t* dst) {
  const std::size_t rows = (picture.height + 2 * window.pad_y - window.height) / window.stride_y + 1;
  const std::size_t columns = (picture.width + 2 * window.pad_x - window.width) / window.stride_x + 1;
  for (std::size_t batch = 0; batch < picture.batch; ++batch) {
    for (std::size_t place = 0; place < rows * columns; ++place) {
      // Upper left corner, in the padded picture. Padding is narrower than the window: some of its columns are inside.
      const std::size_t top = place / columns * window.stride_y, left = place % columns * window.stride_x;
      const std::size_t first = std::max<std::size_t>(left, window.pad_x);
      const std::size_t last = std::min(left + window.width, picture.width + window.pad_x);
      for (std::size_t y = top; y < top + window.height; ++y, dst += window.width * picture.pixel_bytes) {
        if (y < window.pad_y || y - window.pad_y >= picture.height) continue;
        const std::size_t row = batch * picture.height + y - window.pad_y;
        const std::uint8_t* from = src + (row * picture.width + first - window.pad_x) * picture.pixel_bytes;
        std::copy_n(from, (last - first) * picture.pixel_bytes, dst + (first - left) * picture.pixel_bytes);
      }
    }
  }
}

void enlarge(const Picture& picture, std::size_t factor_y, std::size_t factor_x, const std::uint8_t* src,
             std::uint8_t* dst) {
  for (std::size_t row = 0; row < picture.batch * picture.height; ++row) {
    const std::uint8_t* const start = dst;
    for (std::size_t x = 0; x < picture.width; ++x, src += picture.pixel_bytes) {
      for (std::size_t i = 0; i < factor_x; ++i) dst = std::copy_n(src, picture.pixel_bytes, dst);
    }
    const std::size_t bytes = picture.width * factor_x * picture.pixel_bytes;
    for (std::size_t i = 1; i < factor_y; ++i) dst = std::copy_n(start, bytes, dst);
  }
}

}  // namespace dixion
