// SPDX-License-Identifier: Apache-2.0
#include "platform/compare/picture_quality.h"

#include <cmath>
#include <cstdint>
#include <cstring>

#include <gtest/gtest.h>

namespace dixion {
namespace {

std::vector<std::uint8_t> output(const std::vector<std::int32_t>& values) {
  std::vector<std::uint8_t> bytes(values.size() * sizeof(std::int32_t));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

TEST(PictureQuality, EqualOutputsDifferInNothing) {
  const PictureQuality quality = picture_quality(output({1, -2}), output({1, -2}), false);
  EXPECT_EQ(quality.state, PictureQuality::State::kCompared);
  EXPECT_EQ(quality.values, 2U);
  EXPECT_EQ(quality.different, 0U);
}

// A tenth of the range everywhere is 20 dB; in one of a hundred values 40 dB.
TEST(PictureQuality, PsnrIsTakenAgainstBlackToWhite) {
  constexpr std::int32_t kTenth = 13107;  // of 131072
  const PictureQuality all = picture_quality(output({0, 0}), output({kTenth, -kTenth}), false);
  EXPECT_EQ(all.different, 2U);
  EXPECT_NEAR(all.psnr_db, 20.0, 0.001);
  std::vector<std::int32_t> hundred(100);
  const std::vector<std::uint8_t> before = output(hundred);
  hundred[50] = kTenth;
  EXPECT_NEAR(picture_quality(before, output(hundred), false).psnr_db, 40.0, 0.001);
}

TEST(PictureQuality, ExtremesDoNotOverflow) {
  const PictureQuality quality = picture_quality(output({INT32_MIN}), output({INT32_MAX}), false);
  EXPECT_NEAR(quality.psnr_db, 20 * std::log10(131072.0 / 4294967295.0), 0.001);
}

// Beyond white all is white; a latent has no white.
TEST(PictureQuality, PicturesAreLimitedAsAViewerLimitsThem) {
  const auto a = output({0, 65536}), b = output({0, 3 * 65536});
  const PictureQuality pictures = picture_quality(a, b, true);
  EXPECT_EQ(pictures.different, 1U);
  EXPECT_EQ(pictures.psnr_db, 100);
  EXPECT_NEAR(picture_quality(a, b, false).psnr_db, 10 * std::log10(4 * 2 / 4.0), 0.001);
}

TEST(PictureQuality, WhatCannotBeComparedIsNot) {
  EXPECT_EQ(picture_quality({}, output({1}), true).state, PictureQuality::State::kMissing);
  EXPECT_EQ(picture_quality(output({1, 2}), output({1}), true).state, PictureQuality::State::kDifferentSizes);
}

}  // namespace
}  // namespace dixion
