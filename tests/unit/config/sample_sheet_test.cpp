// SPDX-License-Identifier: Apache-2.0
#include "platform/results/sample_sheet.h"

#include <gtest/gtest.h>
#include <png.h>

#include "models/common/check.h"

namespace dixion {
namespace {

constexpr std::int32_t kWhite = 65536;

TEST(SampleSheet, MapsTheRangeOfTheLatentToGrey) {
  const std::vector<std::int32_t> latent{-3 * kWhite, -kWhite, 0, kWhite, 3 * kWhite};
  const GreyImage sheet = make_sample_sheet(latent, 1, 1, 5, 1);
  const std::size_t first = 4 * sheet.width + 4;  // behind the frame
  EXPECT_EQ(std::vector<std::uint8_t>(sheet.pixels.begin() + static_cast<std::ptrdiff_t>(first),
                                      sheet.pixels.begin() + static_cast<std::ptrdiff_t>(first) + 5),
            (std::vector<std::uint8_t>{0, 0, 128, 255, 255}));
}

TEST(SampleSheet, NinthSampleStartsASecondRow) {
  const GreyImage eight = make_sample_sheet(std::vector<std::int32_t>(8 * 6), 8, 2, 3, 4);
  EXPECT_EQ(eight.width, 8 * (3 * 4 + 4) + 4U);
  EXPECT_EQ(eight.height, 2 * 4 + 2 * 4U);
  std::vector<std::int32_t> latent(9 * 6, -kWhite);
  latent[8 * 6] = kWhite;  // first pixel of the ninth sample
  const GreyImage nine = make_sample_sheet(latent, 9, 2, 3, 4);
  EXPECT_EQ(nine.height, 2 * (2 * 4 + 4) + 4U);
  EXPECT_EQ(nine.pixels[(4 + 2 * 4 + 4) * nine.width + 4], 255);
}

TEST(SampleSheet, PngIsReadBackUnchanged) {
  const GreyImage sheet = make_sample_sheet(std::vector<std::int32_t>{-kWhite, 0, kWhite, 0}, 1, 2, 2, 2);
  const std::string path = testing::TempDir() + "sheet.png";
  write_png(path, sheet);
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  ASSERT_NE(png_image_begin_read_from_file(&header, path.c_str()), 0);
  header.format = PNG_FORMAT_GRAY;
  std::vector<std::uint8_t> pixels(PNG_IMAGE_SIZE(header));
  ASSERT_NE(png_image_finish_read(&header, nullptr, pixels.data(), 0, nullptr), 0);
  EXPECT_EQ(header.width, sheet.width);
  EXPECT_EQ(pixels, sheet.pixels);
}

TEST(SampleSheet, UnwritablePathSaysSo) {
  EXPECT_THROW(write_png("/nowhere/sheet.png", make_sample_sheet(std::vector<std::int32_t>(1), 1, 1, 1)), ConfigError);
}

}  // namespace
}  // namespace dixion
