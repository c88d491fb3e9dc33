// SPDX-License-Identifier: Apache-2.0
#include "platform/results/statistics_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/common/latency_histogram.h"

namespace dixion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(StatisticsReport, JsonSaysHowFarEachValueCanBeTrusted) {
  const std::string json = statistics_json({{"a.exact", "bytes", "one", 7},
                                            {"a.guess", "accel_cycles", "two", 100, Fidelity::kEstimate, 3},
                                            {"a.rough", "accel_cycles", "three", 8, Fidelity::kApproximate}});
  EXPECT_THAT(json, HasSubstr("\"schema\": 2,"));
  EXPECT_THAT(json,
              HasSubstr("\"name\": \"a.guess\",\n      \"value\": 100,\n      \"unit\": \"accel_cycles\",\n      "
                        "\"fidelity\": \"estimate\",\n      \"standard_error\": 3,\n      \"sentence\": \"two\""));
  EXPECT_EQ(json.find("standard_error"), json.rfind("standard_error"));
  EXPECT_THAT(json, HasSubstr("\"fidelity\": \"exact\""));
  EXPECT_THAT(json, HasSubstr("\"fidelity\": \"approximate\""));
  EXPECT_THAT(json, Not(HasSubstr("buckets")));
}

TEST(StatisticsReport, JsonHasTheBucketsOfAHistogram) {
  LatencyHistogram histogram;
  histogram.add(100);
  const std::string json = statistics_json({histogram.statistic("m.latency", "how long")});
  EXPECT_THAT(json, HasSubstr("\"buckets\": [\n        {\n          \"below\": 128,\n          \"count\": 1"));
}

TEST(StatisticsReport, InstancesShareALineOfThePageAndBlocksAHeading) {
  const std::string page = statistics_page({{"host.hart0.cycles", "hart_cycles", "all", 1},
                                            {"dram.dma.bytes", "bytes", "moved", 1},
                                            {"host.hart1.cycles", "hart_cycles", "all", 2},
                                            {"dram.cycles", "dram_cycles", "clocks", 3},
                                            {"energy.mac8", "pJ", "small", 4},
                                            {"energy.mac12", "pJ", "large", 5}});
  EXPECT_THAT(page, HasSubstr("\n## host.hart<n>\n\n| name | unit | fidelity | meaning |\n|---|---|---|---|\n"
                              "| `host.hart<n>.cycles` | hart_cycles | exact | all |\n\n## dram\n"));
  EXPECT_THAT(page, HasSubstr("| `dram.dma.bytes` | bytes | exact | moved |\n| `dram.cycles` |"));
  EXPECT_THAT(page, HasSubstr("| `energy.mac8` | pJ | exact | small |\n| `energy.mac12` | pJ | exact | large |\n"));
  EXPECT_EQ(page.find("hart<n>.cycles"), page.rfind("hart<n>.cycles"));
}

TEST(StatisticsReport, SharesNameWhatOccurredInOrder) {
  const StatisticsList list{{"a.commands", "commands", "", 5},       {"a.busy", "accel_cycles", "", 625},
                            {"a.stall.fill", "accel_cycles", "", 0}, {"a.stall.dram", "accel_cycles", "", 250},
                            {"a.idle", "accel_cycles", "", 125},     {"a.total", "accel_cycles", "", 1000},
                            {"ab.busy", "accel_cycles", "", 1000}};
  EXPECT_THAT(cycle_shares(list, "a"), ElementsAre(" 62.5 % busy", " 25.0 % dram", " 12.5 % idle"));
  EXPECT_TRUE(cycle_shares(list, "b").empty());
}

TEST(LatencyHistogram, BucketsArePowersOfTwo) {
  LatencyHistogram histogram;
  for (const std::uint64_t ns : {0ULL, 1ULL, 2ULL, 3ULL, 4ULL, 1023ULL, 1024ULL}) histogram.add(ns);
  histogram.add(~std::uint64_t{0});
  const Statistic all = histogram.statistic("l", "s");
  EXPECT_EQ(all.value, 8U);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> buckets;
  for (const Bucket& bucket : all.buckets) buckets.emplace_back(bucket.below, bucket.count);
  EXPECT_THAT(buckets, ElementsAre(std::pair(1U, 1U), std::pair(2U, 1U), std::pair(4U, 2U), std::pair(8U, 1U),
                                   std::pair(1024U, 1U), std::pair(2048U, 1U), std::pair(~std::uint64_t{0}, 1U)));
}

}  // namespace
}  // namespace dixion
