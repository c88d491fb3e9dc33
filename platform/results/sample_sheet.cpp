// SPDX-License-Identifier: Apache-2.0
#include "platform/results/sample_sheet.h"

#include <algorithm>

#include <png.h>

#include "models/common/check.h"

namespace dixion {

namespace {

constexpr std::size_t kPerRow = 8;
constexpr std::size_t kFrame = 4;  // pixels between samples
constexpr std::uint8_t kFrameGrey = 96;

/// Q16 from -1 to 1 onto 0 to 255, rounded half up.
std::uint8_t grey(std::int32_t value) {
  const std::int64_t clamped = std::clamp<std::int64_t>(value, -65536, 65536) + 65536;
  return static_cast<std::uint8_t>((clamped * 255 + 65536) / 131072);
}

}  // namespace

GreyImage make_sample_sheet(std::span<const std::int32_t> latent, std::size_t samples, std::size_t height,
                            std::size_t width, std::size_t scale) {
  DIXION_CHECK(latent.size() == samples * height * width && samples > 0 && scale > 0, "latent and shape disagree");
  const std::size_t columns = std::min(samples, kPerRow);
  const std::size_t rows = (samples + columns - 1) / columns;
  GreyImage image;
  image.width = columns * (width * scale + kFrame) + kFrame;
  image.height = rows * (height * scale + kFrame) + kFrame;
  image.pixels.assign(image.width * image.height, kFrameGrey);
  for (std::size_t sample = 0; sample < samples; ++sample) {
    const std::size_t left = kFrame + sample % columns * (width * scale + kFrame);
    const std::size_t top = kFrame + sample / columns * (height * scale + kFrame);
    for (std::size_t y = 0; y < height * scale; ++y) {
      for (std::size_t x = 0; x < width * scale; ++x) {
        const std::size_t source = (sample * height + y / scale) * width + x / scale;
        image.pixels[(top + y) * image.width + left + x] = grey(latent[source]);
      }
    }
  }
  return image;
}

void write_png(const std::string& path, const GreyImage& image) {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  header.width = static_cast<png_uint_32>(image.width);
  header.height = static_cast<png_uint_32>(image.height);
  header.format = PNG_FORMAT_GRAY;
  if (png_image_write_to_file(&header, path.c_str(), 0, image.pixels.data(), 0, nullptr) == 0) {
    throw ConfigError("--out", path + ": " + header.message);
  }
}

}  // namespace dixion
