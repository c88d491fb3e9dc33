// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace dixion {

/// A picture, one byte per pixel, row-major, 0 black.
struct GreyImage {
  std::size_t width = 0;
  std::size_t height = 0;
  std::vector<std::uint8_t> pixels;
};

/// Samples side by side, eight per row, each pixel as a square of `scale` pixels, with a grey frame between them.
/// `latent` is [samples][height][width] in Q16: -1.0 (-65536) is black, 1.0 white, what lies outside is clamped.
GreyImage make_sample_sheet(std::span<const std::int32_t> latent, std::size_t samples, std::size_t height,
                            std::size_t width, std::size_t scale = 4);

/// Writes an 8-bit grey PNG. Throws ConfigError with the reason when the file cannot be written.
void write_png(const std::string& path, const GreyImage& image);

}  // namespace dixion
