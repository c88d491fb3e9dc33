// SPDX-License-Identifier: Apache-2.0
/// The published networks' workloads against the MACs that follow from their published configurations.
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "traces/image/packer.h"

namespace dixion {
namespace {

/// GMACs of one denoiser call for one sample and branch, once-per-run work counted in. Enumerated from the networks'
/// configuration files, independently of the workloads (docs/workloads.md has the sources).
struct Published {
  const char* name;
  double gmacs;
  std::uint32_t steps;
};

std::ostream& operator<<(std::ostream& out, const Published& published) { return out << published.name; }

constexpr Published kPublished[] = {
    {"mld", 0.0233, 50},
    {"mdm", 3.68, 50},
    {"edge", 5.221, 50},
    {"make-an-audio", 47.9, 100},
    {"stable-diffusion-v1", 401.6, 50},
    {"dit-xl-2-256", 118.6, 50},
    {"dit-xl-2-512", 524.5, 50},
    {"videocrafter2", 6166, 50},
    {"pixart-sigma-512", 644, 20},
    {"pixart-sigma-1k", 3317, 20},
    {"pixart-sigma-2k", 26183, 20},
    {"pixart-sigma-4k", 312466, 20},
};

class NetworkShapes : public testing::TestWithParam<Published> {
 protected:
  static std::filesystem::path folder() {
    return std::filesystem::path(std::getenv("DIXION_SOURCE_DIR")) / "traces" / "workloads";
  }
  static workload::Workload load() { return load_workload(folder() / (std::string(GetParam().name) + ".textproto")); }
};

TEST_P(NetworkShapes, MacsPerCallAreThePublishedOnes) {
  const WorkloadSummary summary = summarise_workload(load(), folder());
  const double gmacs = static_cast<double>(summary.macs_per_call()) / 1e9;
  EXPECT_NEAR(gmacs / GetParam().gmacs, 1, 0.005) << gmacs;
}

TEST_P(NetworkShapes, TheWholeRunCountsOnceWorkOnceAndStepsAsOftenAsPublished) {
  const workload::Workload workload = load();
  const WorkloadSummary summary = summarise_workload(workload, folder());
  EXPECT_EQ(workload.steps(), GetParam().steps);
  EXPECT_EQ(summary.rows, 2U);  // one sample, guidance
  EXPECT_EQ(summary.run_macs, summary.once_macs + GetParam().steps * summary.step_macs);
}

TEST_P(NetworkShapes, ABatchDoesTheWorkOfItsSamples) {
  workload::Workload workload = load();
  workload.set_guidance(0);
  const WorkloadSummary one = summarise_workload(workload, folder());
  workload.set_samples(2);
  const WorkloadSummary two = summarise_workload(workload, folder());
  // All but what the step alone decides, at most a thousandth: all rows share it.
  EXPECT_NEAR(static_cast<double>(two.step_macs) / static_cast<double>(one.step_macs), 2, 0.002);
}

TEST_P(NetworkShapes, TechniquesOfDiscAreDefinedForPlainTransformersOnly) {
  workload::Workload workload = load();
  const bool plain = workload.name().starts_with("dit") || workload.name().starts_with("pixart");
  std::set<int> expected{workload::FFN_REUSE, workload::EP, workload::CONMERGE};
  if (plain) expected.merge(std::set<int>{workload::CTR, workload::ST});
  EXPECT_EQ(std::set<int>(workload.defined_techniques().begin(), workload.defined_techniques().end()), expected);
}

TEST_P(NetworkShapes, PackWithoutGuidance) {
  workload::Workload workload = load();
  workload.set_guidance(0);
  const PackedImage image = pack_workload(workload, folder(), ImageContent::kTablesOnly);
  EXPECT_EQ(image.branches, 1U);
}

INSTANTIATE_TEST_SUITE_P(Networks, NetworkShapes, testing::ValuesIn(kPublished), [](const auto& network) {
  std::string name = network.param.name;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
});

}  // namespace
}  // namespace dixion
