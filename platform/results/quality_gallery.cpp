// SPDX-License-Identifier: Apache-2.0
#include "platform/results/quality_gallery.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <png.h>

#include "models/common/check.h"
#include "platform/results/sample_sheet.h"

namespace dixion {

namespace {

constexpr std::int32_t kOne = 65536;  // Q16

[[noreturn]] void refuse(const std::string& file, const std::string& reason) {
  throw ConfigError("workload.gallery", file + " " + reason);
}

GreyImage read_png(const std::string& file) {
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_file(&header, file.c_str()) == 0)
    refuse(file, "is no PNG: " + std::string(header.message));
  header.format = PNG_FORMAT_GRAY;
  GreyImage image{header.width, header.height, std::vector<std::uint8_t>(PNG_IMAGE_SIZE(header))};
  if (png_image_finish_read(&header, nullptr, image.pixels.data(), 0, nullptr) == 0) refuse(file, header.message);
  return image;
}

std::string by(std::size_t height, std::size_t width) { return std::to_string(height) + " x " + std::to_string(width); }

}  // namespace

Gallery::Gallery(const std::string& file, std::vector<std::string> classes, std::size_t height, std::size_t width)
    : classes_(std::move(classes)) {
  DIXION_CHECK(height > 0 && width > 0, "pictures have a size");
  if (classes_.empty()) refuse(file, "cannot be used: conditioning.class_names names no classes");
  const GreyImage sheet = read_png(file);
  if (sheet.width != classes_.size() * width || sheet.height % height != 0) {
    refuse(file, "has " + by(sheet.height, sheet.width) + " pixels; " + std::to_string(classes_.size()) +
                     " classes of pictures with " + by(height, width) + " need rows of " +
                     by(height, classes_.size() * width));
  }
  for (std::size_t top = 0; top < sheet.height; top += height) {
    for (std::size_t kind = 0; kind < classes_.size(); ++kind) {
      Example example;
      example.kind = kind;
      std::int64_t squares = 0;
      for (std::size_t y = 0; y < height; ++y) {
        for (std::size_t x = 0; x < width; ++x) {
          const std::int32_t value = 2 * sheet.pixels[(top + y) * sheet.width + kind * width + x] - 255;
          example.pixels.push_back(value);
          squares += std::int64_t{value} * value;
        }
      }
      example.length = std::sqrt(static_cast<double>(squares));
      examples_.push_back(std::move(example));
    }
  }
}

const std::string& Gallery::recognise(std::span<const std::int32_t> picture) const {
  DIXION_CHECK(picture.size() == examples_.front().pixels.size(), "picture and gallery differ in size");
  std::vector<std::int32_t> limited(picture.begin(), picture.end());
  for (std::int32_t& value : limited) value = std::clamp(value, -kOne, kOne);
  // The picture's own length is the same for all, so the cosine's order needs only the example's.
  std::size_t best = 0;
  double best_likeness = 0;
  for (std::size_t i = 0; i < examples_.size(); ++i) {
    std::int64_t product = 0;
    for (std::size_t at = 0; at < limited.size(); ++at) product += std::int64_t{limited[at]} * examples_[i].pixels[at];
    const double likeness = static_cast<double>(product) / examples_[i].length;
    if (i == 0 || likeness > best_likeness) {
      best = i;
      best_likeness = likeness;
    }
  }
  return classes_[examples_[best].kind];
}

}  // namespace dixion
