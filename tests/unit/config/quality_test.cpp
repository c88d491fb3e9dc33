// SPDX-License-Identifier: Apache-2.0
#include "platform/results/quality.h"

#include <cmath>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/common/check.h"
#include "platform/results/sample_sheet.h"

namespace dixion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Picture = std::vector<std::int32_t>;

constexpr std::int32_t kOne = 65536;

std::string file(const std::string& name) { return testing::TempDir() + "dixion-quality-" + name + ".png"; }

/// Pictures of 1 x 2 pixels of the classes "left" and "right"; two examples of each.
Gallery left_or_right() {
  write_png(file("sides"), {4, 2, {255, 0, 0, 255, 200, 100, 100, 200}});
  return Gallery(file("sides"), {"left", "right"}, 1, 2);
}

std::string refusal(const std::string& path, const std::vector<std::string>& classes, std::size_t side) {
  try {
    const Gallery gallery(path, classes, side, side);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no ConfigError";
}

TEST(Psnr, FollowsItsFormula) {
  EXPECT_NEAR(psnr_db(Picture{0, 0}, Picture{6554, -6554}, true), 20 * std::log10(131072.0 / 6554), 1e-9);
  EXPECT_NEAR(psnr_db(Picture{0, 0}, Picture{0, 131072}, false), 10 * std::log10(2), 1e-9);
}

TEST(Psnr, LimitsPicturesAndItself) {
  EXPECT_EQ(psnr_db(Picture{kOne, -kOne}, Picture{2 * kOne, -9 * kOne}, true), 100);
  EXPECT_EQ(psnr_db(Picture{5}, Picture{5}, false), 100);
  EXPECT_EQ(psnr_db(Picture(1024), Picture(1024, 0), true), 100);
  EXPECT_NEAR(psnr_db(Picture{kOne}, Picture{-2 * kOne}, true), 0, 1e-9);
}

TEST(Gallery, TheNearestExampleByCosineNamesTheClass) {
  const Gallery gallery = left_or_right();
  EXPECT_EQ(gallery.recognise(Picture{kOne, -kOne}), "left");
  EXPECT_EQ(gallery.recognise(Picture{-kOne / 2, kOne / 2}), "right");
}

TEST(Gallery, OnlyDirectionCounts) {
  write_png(file("lengths"), {4, 1, {255, 255, 205, 130}});
  const Gallery gallery(file("lengths"), {"white", "left"}, 1, 2);
  EXPECT_EQ(gallery.recognise(Picture{kOne, kOne * 3 / 10}), "left");    // white has the larger product
  EXPECT_EQ(gallery.recognise(Picture{kOne / 10, kOne / 10}), "white");  // left is at the smaller distance
}

TEST(Gallery, PicturesAreLimitedFirst) {
  const Gallery gallery = left_or_right();
  EXPECT_EQ(gallery.recognise(Picture{kOne, 100 * kOne}), "left");  // all white: a tie, the first example wins
  EXPECT_EQ(gallery.recognise(Picture{kOne - 1, 100 * kOne}), "right");
}

TEST(Gallery, SheetsThatDoNotFitAreRefused) {
  write_png(file("small"), {4, 2, std::vector<std::uint8_t>(8)});
  EXPECT_THAT(refusal(file("small"), {"a", "b", "c"}, 2), HasSubstr("has 2 x 4 pixels; 3 classes"));
  EXPECT_THAT(refusal(file("small"), {"a"}, 4), HasSubstr("need rows of 4 x 4"));
  EXPECT_THAT(refusal(file("small"), {}, 2), HasSubstr("class_names"));
  EXPECT_EQ(refusal(file("small"), {"a", "b"}, 2), "no ConfigError");
  EXPECT_THAT(refusal("/nowhere.png", {"a"}, 2), HasSubstr("workload.gallery: /nowhere.png is no PNG"));
}

TEST(Quality, CountsSamplesLostAndGained) {
  const Gallery gallery = left_or_right();
  const Picture left{kOne, -kOne}, right{-kOne, kOne};
  Picture output, reference;
  // Asked for left each time: kept, lost, gained, wrong in both.
  for (const Picture& part : {left, right, left, right}) output.insert(output.end(), part.begin(), part.end());
  for (const Picture& part : {left, left, right, right}) reference.insert(reference.end(), part.begin(), part.end());
  const QualityReport report = judge_quality(output, {{"left", "left", "left", "left"}, &gallery, "dense", reference});
  EXPECT_EQ(report.recognised(), 2U);
  EXPECT_EQ(report.reference_recognised(), 2U);
  EXPECT_EQ(report.lost(), 1U);
  EXPECT_EQ(report.gained(), 1U);
  EXPECT_EQ(report.samples[1].recognised, "right");
  EXPECT_EQ(report.samples[1].different, 2U);
  EXPECT_EQ(report.samples[1].psnr_db, 0);
  EXPECT_EQ(report.samples[3].psnr_db, 100);
  EXPECT_DOUBLE_EQ(report.mean_psnr_db(), 50);
  EXPECT_NEAR(report.pooled_psnr_db, 10 * std::log10(2), 1e-9);
  EXPECT_THAT(quality_summary(report),
              ElementsAre("recognised 2 of 4", "reference 2 of 4, lost 1, gained 1",
                          "PSNR 50.00 dB in the mean, lowest 0.00 dB (sample 1)", "against dense",
                          "sample 0: left recognised, 100.00 dB", "sample 1: left looks like right, 0.00 dB",
                          "sample 2: left recognised, 0.00 dB", "sample 3: left looks like right, 100.00 dB"));
}

TEST(Quality, LongListsNameWhatWasNotRecognised) {
  const Gallery gallery = left_or_right();
  Picture output;
  for (int i = 0; i < 9; ++i) output.insert(output.end(), {kOne, i == 4 ? kOne : 0});
  output[2 * 4] = -kOne;
  const QualityReport report = judge_quality(output, {std::vector<std::string>(9, "left"), &gallery, "", {}});
  EXPECT_THAT(quality_summary(report), ElementsAre("recognised 8 of 9", "sample 4: left looks like right"));
}

TEST(Quality, WithoutGalleryAndReferenceNothingIsTold) {
  const QualityReport report = judge_quality(Picture{1, 2}, {{""}, nullptr, "", {}});
  EXPECT_TRUE(quality_summary(report).empty());
  JsonWriter json;
  json.begin_object();
  write_quality(report, json);
  json.end_object();
  EXPECT_EQ(json.text(), "{}\n");
}

TEST(Quality, OutputsThatAreNoPicturesAreOnlyCompared) {
  const QualityReport report = judge_quality(Picture{0, 0}, {{"", ""}, nullptr, "dense", {0, 131072}});
  JsonWriter json;
  json.begin_object();
  write_quality(report, json);
  json.end_object();
  EXPECT_THAT(json.text(), testing::Not(HasSubstr("recognised")));
  EXPECT_THAT(json.text(), HasSubstr("\"psnr_mean_mdb\": 50000"));
  EXPECT_THAT(json.text(), HasSubstr("\"different_values\": 1"));
}

}  // namespace
}  // namespace dixion
