// SPDX-License-Identifier: Apache-2.0
#include "platform/compare/picture_quality.h"

#include <cstring>

#include "platform/results/quality.h"

namespace dixion {

namespace {

std::vector<std::int32_t> values_of(const std::vector<std::uint8_t>& bytes) {
  std::vector<std::int32_t> values(bytes.size() / sizeof(std::int32_t));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

}  // namespace

PictureQuality picture_quality(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b, bool pictures) {
  PictureQuality quality;
  if (a.empty() || b.empty()) return quality;
  quality.state = PictureQuality::State::kDifferentSizes;
  if (a.size() != b.size() || a.size() % sizeof(std::int32_t) != 0) return quality;
  quality.state = PictureQuality::State::kCompared;
  const std::vector<std::int32_t> left = values_of(a), right = values_of(b);
  quality.values = left.size();
  for (std::size_t at = 0; at < left.size(); ++at) quality.different += left[at] != right[at] ? 1U : 0U;
  if (quality.different != 0) quality.psnr_db = psnr_db(left, right, pictures);
  return quality;
}

}  // namespace dixion
