// SPDX-License-Identifier: Apache-2.0
#include "platform/results/quality_reference.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <functional>
#include <numeric>
#include <string_view>

#include "models/common/check.h"
#include "platform/compare/flat_text.h"
#include "platform/compare/run_folder.h"
#include "traces/image/run_plan.h"
#include "traces/proto/text_config.h"

namespace dixion {

namespace {

/// Keys whose text may differ; classes and samples are compared by what they mean.
constexpr std::array<std::string_view, 7> kMayDiffer{"techniques.", "steps",  "guidance",   "classes",
                                                     "samples",     "source", "description"};

[[noreturn]] void refuse(const std::string& folder, const std::string& reason) {
  throw ConfigError("--reference", folder + " " + reason);
}

void check_settings_agree(const RunFolder& reference, const PreparedWorkload& workload) {
  for (const Difference& difference : differences(reference.workload_text, flatten_text(workload.text))) {
    const bool allowed = std::any_of(kMayDiffer.begin(), kMayDiffer.end(), [&](std::string_view key) {
      return key.ends_with('.') ? difference.key.starts_with(key) : difference.key == key;
    });
    if (allowed) continue;
    const auto shown = [](const std::string& value) { return value.empty() ? std::string("nothing") : value; };
    refuse(reference.name, "was run with workload." + difference.key + " = " + shown(difference.a) + ", this run has " +
                               shown(difference.b));
  }
}

void check_classes_agree(const RunFolder& reference, const PreparedWorkload& workload) {
  workload::Workload description;
  parse_text_file(std::filesystem::path(reference.name) / "workload.textproto", description);
  const std::vector<std::string> theirs = plan_run(description).sample_classes;
  const std::vector<std::string>& ours = workload.sample_classes;
  if (theirs.size() != ours.size()) {
    refuse(reference.name,
           "holds " + std::to_string(theirs.size()) + " samples, this run makes " + std::to_string(ours.size()));
  }
  const auto [their, our] = std::mismatch(theirs.begin(), theirs.end(), ours.begin());
  if (their != theirs.end()) {
    refuse(reference.name, "asked for '" + *their + "' as sample " + std::to_string(their - theirs.begin()) +
                               ", this run for '" + *our + "'");
  }
}

}  // namespace

std::vector<std::int32_t> read_reference(const std::string& folder, const PreparedWorkload& workload) {
  const RunFolder reference = read_run_folder(folder);
  if (reference.workload != workload.name) {
    refuse(folder, (reference.workload.empty() ? "had no workload" : "ran the workload '" + reference.workload + "'") +
                       ", this run has '" + workload.name + "'");
  }
  if (reference.output.empty()) {
    refuse(folder, "holds no output" + std::string(reference.mode == "timing" ? ", timing mode computes none" : ""));
  }
  check_classes_agree(reference, workload);
  check_settings_agree(reference, workload);
  const std::uint64_t values = std::accumulate(workload.output_shape.begin(), workload.output_shape.end(),
                                               std::uint64_t{1}, std::multiplies<>());
  if (reference.output.size() != values * sizeof(std::int32_t)) {
    refuse(folder, "has an output.bin of " + std::to_string(reference.output.size()) + " bytes, " +
                       std::to_string(values * sizeof(std::int32_t)) + " are needed");
  }
  std::vector<std::int32_t> output(values);
  std::memcpy(output.data(), reference.output.data(), reference.output.size());
  return output;
}

}  // namespace dixion
