// SPDX-License-Identifier: Apache-2.0
#include "platform/compare/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/common/check.h"
#include "tests/unit/compare/run_directory.h"

namespace dixion {
namespace {

using testing::HasSubstr;

std::string refusal(const std::string& path) {
  try {
    (void)read_run_folder(path);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no ConfigError";
}

TEST(RunFolder, HoldsWhatTheFilesSay) {
  const test::RunDirectory directory("good");
  const RunFolder run = read_run_folder(directory.path());
  EXPECT_EQ(run.soc, "s");
  EXPECT_EQ(run.simulated_ps, 1000U);
  EXPECT_EQ(run.statistics.at("energy.total"), 90U);
  EXPECT_EQ(run.columns, (std::vector<std::string>{"commands", "accel_cycles", "memory_stall_cycles", "macs"}));
  ASSERT_EQ(run.rows.size(), 3U);  // not CALL
  EXPECT_EQ(run.rows[0].values, (std::vector<std::uint64_t>{1, 100, 40, 7}));
  EXPECT_EQ(run.rows[2].step, "");
  EXPECT_EQ(run.configuration, (FlatText{{"accelerator.cores", "4"}}));
  EXPECT_TRUE(run.output.empty());
}

TEST(RunFolder, KnowsWhatItsPicturesShow) {
  const test::RunDirectory directory("judged");
  EXPECT_FALSE(read_run_folder(directory.path()).pictures);
  directory.write("workload.textproto", "gallery: \"g.png\"\n");
  directory.write("result.json",
                  R"({"schema": 2, "verdict": "passed", "quality": {"recognised": 1, "samples": [{}, {}]}})");
  const RunFolder run = read_run_folder(directory.path());
  EXPECT_TRUE(run.pictures);
  EXPECT_EQ(run.samples, 2U);
  EXPECT_EQ(run.recognised, 1U);
}

TEST(RunFolder, MissingFolderAndMissingRunAreTold) {
  EXPECT_THAT(refusal("/nowhere/at/all"), HasSubstr("/nowhere/at/all: is no folder"));
  const test::RunDirectory directory("empty");
  directory.remove("result.json");
  EXPECT_THAT(refusal(directory.path()), HasSubstr("holds no result.json"));
}

TEST(RunFolder, RunsThatDidNotPassAreRefusedWithTheirVerdict) {
  const test::RunDirectory directory("limit");
  directory.write("result.json", R"({"schema": 2, "verdict": "time_limit", "reason": "5 s are over"})");
  EXPECT_THAT(refusal(directory.path()), HasSubstr("did not finish: time_limit, 5 s are over"));
}

TEST(RunFolder, OtherSchemasAreRefusedWithBothNumbers) {
  const test::RunDirectory directory("schema");
  directory.write("statistics.json", R"({"schema": 3, "statistics": []})");
  EXPECT_THAT(refusal(directory.path()), HasSubstr("statistics.json has schema 3, this dixion-vp compares schema 2"));
  directory.write("result.json", R"({"schema": 4, "verdict": "passed"})");
  EXPECT_THAT(refusal(directory.path()), HasSubstr("result.json has schema 4"));
  directory.write("result.json", R"({"verdict": "passed"})");
  EXPECT_THAT(refusal(directory.path()), HasSubstr("result.json has schema 0"));
}

TEST(RunFolder, DamagedFilesNamePlaceAndReason) {
  const test::RunDirectory directory("damaged");
  directory.write("layers.csv", "step,layer,command,unit,accel_cycles\n0,0,MATMUL,matrix\n");
  EXPECT_THAT(refusal(directory.path()), HasSubstr("layers.csv:2: 4 cells under a heading of 5"));
  directory.write("layers.csv", "step,layer,command,unit,accel_cycles\n0,0,MATMUL,matrix,1x\n");
  EXPECT_THAT(refusal(directory.path()), HasSubstr("'1x' under accel_cycles"));
  directory.write("layers.csv", "step,layer,command,unit,cycles\n");
  EXPECT_THAT(refusal(directory.path()), HasSubstr("has no column 'accel_cycles'"));
  directory.write("result.json", "{ this is no JSON");
  EXPECT_THAT(refusal(directory.path()), HasSubstr("result.json"));
  directory.remove("layers.csv");
  directory.write("result.json", R"({"schema": 2, "verdict": "passed"})");
  EXPECT_THAT(refusal(directory.path()), HasSubstr("layers.csv"));
}

}  // namespace
}  // namespace dixion
