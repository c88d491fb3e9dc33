// SPDX-License-Identifier: Apache-2.0
#include "platform/compare/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dixion {
namespace {

using testing::HasSubstr;
using testing::Not;

Comparison example() {
  Comparison comparison;
  comparison.a = "out/a";
  comparison.b = "out/b";
  comparison.configuration = {{"soc.accelerator.cores", "4", "2"}, {"workload.name", "\"a,b\"", ""}};
  comparison.groups = {{"run", {{"accel_cycles", 2000, 3000}, {"macs", 0, 0}, {"stall_cycles", 0, 5}}}};
  comparison.quality = {PictureQuality::State::kCompared, 100, 3, 41.256};
  return comparison;
}

TEST(Render, TextTellsSettingsValuesRatiosAndQuality) {
  const std::string text = render_text(example());
  EXPECT_THAT(text, HasSubstr("soc.accelerator.cores: 4 -> 2\n"));
  EXPECT_THAT(text, HasSubstr("workload.name: \"a,b\" -> (none)\n"));
  EXPECT_THAT(text, testing::ContainsRegex("accel_cycles +2,000 +3,000 +1\\.500\n"));
  EXPECT_THAT(text, testing::ContainsRegex("stall_cycles +0 +5 +-\n"));
  EXPECT_THAT(text, Not(HasSubstr("macs")));
  EXPECT_THAT(text, HasSubstr("quality: 3 of 100 values differ, PSNR 41.26 dB\n"));
}

TEST(Render, CsvHoldsEverythingAndQuotesWhatNeedsIt) {
  EXPECT_EQ(render_csv(example()),
            "group,metric,a,b,b_over_a\n"
            "configuration,soc.accelerator.cores,4,2,\n"
            "configuration,workload.name,\"\"\"a,b\"\"\",,\n"
            "run,accel_cycles,2000,3000,1.500\n"
            "run,macs,0,0,\n"
            "run,stall_cycles,0,5,\n"
            "quality,different_values,0,3,\n"
            "quality,psnr_db,,41.26,\n");
}

TEST(Render, RecognisedSamplesAreToldIfBothRunsKnowThem) {
  Comparison comparison = example();
  EXPECT_THAT(render_text(comparison), Not(HasSubstr("recognised")));
  comparison.samples = 160;
  comparison.recognised.a = 158;
  comparison.recognised.b = 157;
  EXPECT_THAT(render_text(comparison), HasSubstr("recognised: A 158, B 157 of 160 samples\n"));
  EXPECT_THAT(render_csv(comparison), HasSubstr("quality,recognised,158,157,\n"));
}

TEST(Render, LongListsOfSettingsAreCut) {
  Comparison comparison = example();
  comparison.configuration.assign(40, {"k", "1", "2"});
  EXPECT_THAT(render_text(comparison), Not(HasSubstr("more")));
  comparison.configuration.push_back({"last", "1", "2"});
  EXPECT_THAT(render_text(comparison), HasSubstr("and 1 more"));
  EXPECT_THAT(render_csv(comparison), HasSubstr("configuration,last,1,2,\n"));
}

TEST(Render, EqualOrMissingOutputsAreSaid) {
  Comparison comparison = example();
  comparison.configuration.clear();
  comparison.quality.different = 0;
  EXPECT_THAT(render_text(comparison), testing::AllOf(HasSubstr("the same"), HasSubstr("outputs are equal")));
  comparison.quality = {};
  EXPECT_THAT(render_text(comparison), HasSubstr("at least one run has no output"));
  comparison.quality.state = PictureQuality::State::kDifferentSizes;
  EXPECT_THAT(render_text(comparison), HasSubstr("different sizes"));
}

}  // namespace
}  // namespace dixion
