// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace dixion {

/// How far two outputs (INT32 Q16, little-endian) lie apart.
struct PictureQuality {
  enum class State : std::uint8_t { kCompared, kMissing, kDifferentSizes };
  State state = State::kMissing;
  std::uint64_t values = 0;
  std::uint64_t different = 0;
  double psnr_db = 0;  ///< as platform/results/quality.h defines it; 0 when `different` is 0
};

/// `pictures`: the outputs are pictures, not latents.
[[nodiscard]] PictureQuality picture_quality(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b,
                                             bool pictures);

}  // namespace dixion
