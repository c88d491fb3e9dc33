// SPDX-License-Identifier: Apache-2.0
#include "platform/compare/comparison.h"

#include <gtest/gtest.h>

namespace dixion {
namespace {

RunFolder run(std::vector<LayerRow> rows) {
  RunFolder folder;
  folder.columns = {"accel_cycles", "memory_stall_cycles"};
  folder.rows = std::move(rows);
  return folder;
}

std::vector<std::string> names(const Comparison& comparison) {
  std::vector<std::string> list;
  for (const Group& group : comparison.groups) list.push_back(group.name);
  return list;
}

const Metric& metric(const Group& group, const std::string& name) {
  for (const Metric& entry : group.metrics) {
    if (entry.name == name) return entry;
  }
  ADD_FAILURE() << "no metric " << name;
  return group.metrics.front();
}

const RunFolder kA = run({{"0", "10", "MATMUL", "matrix", {100, 40}},
                          {"0", "2", "GELU", "vector", {10, 1}},
                          {"", "", "DMA_COPY", "dma", {5, 0}}});
const RunFolder kB = run({{"0", "2", "MATMUL", "matrix", {50, 4}}, {"1", "2", "MATMUL", "matrix", {7, 0}}});

TEST(Comparison, TheWholeRunComesFirst) {
  const Comparison comparison = compare_runs(kA, kB, GroupBy::kRun);
  ASSERT_EQ(names(comparison), (std::vector<std::string>{"run"}));
  EXPECT_EQ(metric(comparison.groups[0], "accel_cycles").a, 115U);
  EXPECT_EQ(metric(comparison.groups[0], "accel_cycles").b, 57U);
  EXPECT_EQ(metric(comparison.groups[0], "memory_stall_cycles").a, 41U);
}

TEST(Comparison, LayersSortByNumberAndMayBeOnOneSideOnly) {
  const Comparison comparison = compare_runs(kA, kB, GroupBy::kLayer);
  ASSERT_EQ(names(comparison), (std::vector<std::string>{"run", "layer 2", "layer 10", "outside layers"}));
  EXPECT_EQ(metric(comparison.groups[1], "accel_cycles").a, 10U);
  EXPECT_EQ(metric(comparison.groups[1], "accel_cycles").b, 57U);
  EXPECT_EQ(metric(comparison.groups[2], "accel_cycles").b, 0U);
}

TEST(Comparison, RecognisedSamplesCountIfBothSidesHaveAsMany) {
  RunFolder a = kA, b = kB;
  a.pictures = b.pictures = true;
  a.samples = b.samples = 8;
  a.recognised = 7;
  b.recognised = 6;
  const Comparison both = compare_runs(a, b, GroupBy::kRun);
  EXPECT_EQ(both.samples, 8U);
  EXPECT_EQ(both.recognised.a, 7U);
  EXPECT_EQ(both.recognised.b, 6U);
  b.samples = 4;
  EXPECT_EQ(compare_runs(a, b, GroupBy::kRun).samples, 0U);
}

TEST(Comparison, StepsAndEnginesAddUpToTheRun) {
  for (const GroupBy by : {GroupBy::kStep, GroupBy::kEngine}) {
    const Comparison comparison = compare_runs(kA, kB, by);
    std::uint64_t a = 0, b = 0;
    for (std::size_t i = 1; i < comparison.groups.size(); ++i) {
      a += metric(comparison.groups[i], "accel_cycles").a;
      b += metric(comparison.groups[i], "accel_cycles").b;
    }
    EXPECT_EQ(a, 115U);
    EXPECT_EQ(b, 57U);
  }
  EXPECT_EQ(names(compare_runs(kA, kB, GroupBy::kStep)),
            (std::vector<std::string>{"run", "step 0", "step 1", "outside steps"}));
  EXPECT_EQ(names(compare_runs(kA, kB, GroupBy::kEngine)),
            (std::vector<std::string>{"run", "engine dma", "engine matrix", "engine vector"}));
}

TEST(Comparison, ColumnsOfOneSideAreNamedAndLeftOut) {
  RunFolder a = kA;
  a.columns[1] = "bank_stall_cycles";
  const Comparison comparison = compare_runs(a, kB, GroupBy::kRun);
  EXPECT_EQ(comparison.left_out, (std::vector<std::string>{"bank_stall_cycles", "memory_stall_cycles"}));
  EXPECT_EQ(comparison.groups[0].metrics[1].name, "accel_cycles");
}

TEST(Comparison, SettingsOfSocAndWorkloadAreTold) {
  RunFolder a = kA, b = kB;
  a.mode = "timing";
  b.mode = "functional";
  a.configuration = {{"accelerator.cores", "4"}};
  b.configuration = {{"accelerator.cores", "2"}};
  b.workload_text = {{"steps", "9"}};
  const Comparison comparison = compare_runs(a, b, GroupBy::kRun);
  ASSERT_EQ(comparison.configuration.size(), 3U);
  EXPECT_EQ(comparison.configuration[0].key, "mode");
  EXPECT_EQ(comparison.configuration[1].key, "soc.accelerator.cores");
  EXPECT_EQ(comparison.configuration[2].key, "workload.steps");
}

TEST(Comparison, EnergyOfTimeStandsInTheRun) {
  RunFolder a = kA;
  a.statistics = {{"energy.leakage", 8}, {"energy.total", 20}};
  const Comparison comparison = compare_runs(a, kB, GroupBy::kRun);
  EXPECT_EQ(metric(comparison.groups[0], "energy.leakage").a, 8U);
  EXPECT_EQ(metric(comparison.groups[0], "energy.total").a, 20U);
  EXPECT_EQ(metric(comparison.groups[0], "energy.total").b, 0U);
}

TEST(Comparison, RunsWithoutCommandsHaveARunStill) {
  EXPECT_EQ(names(compare_runs(run({}), run({}), GroupBy::kLayer)), (std::vector<std::string>{"run"}));
}

}  // namespace
}  // namespace dixion
