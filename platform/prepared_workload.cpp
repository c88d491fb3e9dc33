// SPDX-License-Identifier: Apache-2.0
#include "platform/prepared_workload.h"

#include <filesystem>
#include <utility>

#include "platform/presets.h"
#include "platform/settings.h"
#include "traces/image/packer.h"
#include "traces/proto/text_config.h"

namespace dixion {

PreparedWorkload prepare_workload(const std::string& name_or_file, const std::vector<std::string>& sets,
                                  std::optional<std::uint64_t> seed) {
  const std::filesystem::path file = find_preset("--workload", "workload", workload_folders(), name_or_file);
  workload::Workload description = load_workload(file);
  apply_settings("workload", sets, description);
  if (seed) description.set_seed(*seed);
  PackedImage image = pack_workload(description, file.parent_path());
  return {preset_name(name_or_file), print_text(description), std::move(image.bytes), std::move(image.operator_names),
          image.steps};
}

}  // namespace dixion
