// SPDX-License-Identifier: Apache-2.0
#include "platform/compare/picture_quality.h"

#include <cmath>
#include <cstring>

namespace dixion {

PictureQuality picture_quality(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  PictureQuality quality;
  if (a.empty() || b.empty()) return quality;
  quality.state = PictureQuality::State::kDifferentSizes;
  if (a.size() != b.size() || a.size() % sizeof(std::int32_t) != 0) return quality;
  quality.state = PictureQuality::State::kCompared;
  quality.values = a.size() / sizeof(std::int32_t);
  constexpr double kRange = 2.0 * 65536;
  double squares = 0;
  for (std::size_t at = 0; at < a.size(); at += sizeof(std::int32_t)) {
    std::int32_t left = 0, right = 0;
    std::memcpy(&left, a.data() + at, sizeof left);
    std::memcpy(&right, b.data() + at, sizeof right);
    if (left == right) continue;
    ++quality.different;
    const double apart = static_cast<double>(left) - static_cast<double>(right);
    squares += apart * apart;
  }
  if (quality.different != 0) {
    quality.psnr_db = 10 * std::log10(kRange * kRange * static_cast<double>(quality.values) / squares);
  }
  return quality;
}

}  // namespace dixion
