// SPDX-License-Identifier: Apache-2.0
#include "tests/support/reference/operators.h"

namespace dixion::reference {
namespace {

/// A tensor of these extents whose every element is f(indices).
template <typename Function>
Tensor generate(const std::vector<std::size_t>& extent, Function f) {
  Tensor dst(extent);
  for (std::size_t i = 0; i < dst.values.size(); ++i) {
    const std::size_t row = i / extent[3];
    dst.values[i] = f(row / extent[2] / extent[1], row / extent[2] % extent[1], row % extent[2], i % extent[3]);
  }
  return dst;
}

}  // namespace

Tensor im2col(const Tensor& src, const Window& window) {
  const std::size_t channels = src.extent[3];
  const auto places = [&](std::size_t axis) {
    return (src.extent[1 + axis] + 2 * window.padding[axis] - window.extent[axis]) / window.stride[axis] + 1;
  };
  return generate({src.extent[0], places(0), places(1), window.extent[0] * window.extent[1] * channels},
                  [&](auto batch, auto oy, auto ox, auto i) {
                    const std::size_t ky = i / channels / window.extent[1], kx = i / channels % window.extent[1];
                    const auto y = static_cast<std::int64_t>(oy * window.stride[0] + ky) -
                                   static_cast<std::int64_t>(window.padding[0]);
                    const auto x = static_cast<std::int64_t>(ox * window.stride[1] + kx) -
                                   static_cast<std::int64_t>(window.padding[1]);
                    const bool inside = y >= 0 && y < static_cast<std::int64_t>(src.extent[1]) && x >= 0 &&
                                        x < static_cast<std::int64_t>(src.extent[2]);
                    if (!inside) return 0;
                    const std::size_t pixel = (batch * src.extent[1] + static_cast<std::size_t>(y)) * src.extent[2] +
                                              static_cast<std::size_t>(x);
                    return src.values[pixel * channels + i % channels];
                  });
}

Tensor resize(const Tensor& src, std::size_t height, std::size_t width) {
  return generate({src.extent[0], height, width, src.extent[3]}, [&](auto batch, auto y, auto x, auto c) {
    const std::size_t row = batch * src.extent[1] + y * src.extent[1] / height;
    return src.values[(row * src.extent[2] + x * src.extent[2] / width) * src.extent[3] + c];
  });
}

}  // namespace dixion::reference
