// SPDX-License-Identifier: Apache-2.0
#include "platform/prepared_workload.h"

#include <filesystem>
#include <utility>

#include "models/common/check.h"
#include "platform/presets.h"
#include "platform/settings.h"
#include "traces/proto/text_config.h"

namespace dixion {

namespace {

struct FoundWorkload {
  std::filesystem::path file;
  workload::Workload description;
};

FoundWorkload find_workload(const std::string& name_or_file, const std::vector<std::string>& sets) {
  FoundWorkload found;
  found.file = find_preset("--workload", "workload", workload_folders(), name_or_file);
  found.description = load_workload(found.file);
  apply_settings("workload", sets, found.description);
  return found;
}

}  // namespace

PreparedWorkload prepare_workload(const std::string& name_or_file, const std::vector<std::string>& sets,
                                  std::optional<std::uint64_t> seed, ImageContent content) {
  FoundWorkload found = find_workload(name_or_file, sets);
  if (seed) found.description.set_seed(*seed);
  PackedImage image = pack_workload(found.description, found.file.parent_path(), content);
  PreparedWorkload prepared;
  prepared.name = preset_name(name_or_file);
  prepared.text = print_text(found.description);
  prepared.image = std::move(image.bytes);
  prepared.image_size = image.size;
  prepared.operators = std::move(image.operator_names);
  prepared.steps = image.steps;
  prepared.techniques = found.description.techniques();
  prepared.sample_classes = std::move(image.sample_classes);
  prepared.output_shape = std::move(image.output_shape);
  prepared.predicts = found.description.techniques().ep().enabled();
  const workload::FfnReuse& ffn = found.description.techniques().ffn_reuse();
  const workload::EagerPrediction& ep = found.description.techniques().ep();
  if (ffn.enabled() && ffn.conmerge()) prepared.merges.emplace_back("workload.techniques.ffn_reuse.conmerge");
  if (ep.enabled() && ep.conmerge()) prepared.merges.emplace_back("workload.techniques.ep.conmerge");
  const auto& names = found.description.conditioning().class_names();
  prepared.class_names.assign(names.begin(), names.end());
  if (!found.description.gallery().empty()) {
    prepared.gallery = (found.file.parent_path() / found.description.gallery()).lexically_normal();
  }
  return prepared;
}

void require_engines(const PreparedWorkload& workload, const AcceleratorConfig& accelerator) {
  if (!workload.merges.empty() && (accelerator.array_rows != 16 || accelerator.array_columns != 16)) {
    throw ConfigError(workload.merges.front(),
                      "needs an array of 16 x 16; that of the SoC (soc.accelerator.array) is " +
                          std::to_string(accelerator.array_rows) + " x " + std::to_string(accelerator.array_columns));
  }
  if (workload.predicts && accelerator.prediction_rows == 0) {
    throw ConfigError("workload.techniques.ep.enabled",
                      "but the SoC has no prediction engine (soc.accelerator.prediction.rows is 0)");
  }
}

DescribedWorkload describe_workload(const std::string& name_or_file, const std::vector<std::string>& sets) {
  FoundWorkload found = find_workload(name_or_file, sets);
  WorkloadSummary summary = summarise_workload(found.description, found.file.parent_path());
  return {std::move(found.description), std::move(summary)};
}

}  // namespace dixion
