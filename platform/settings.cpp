// SPDX-License-Identifier: Apache-2.0
#include "platform/settings.h"

#include "models/common/check.h"
#include "traces/proto/text_config.h"

namespace dixion {

namespace {

bool is_setting_of(const std::string& root, const std::string& set) { return set.starts_with(root + "."); }

}  // namespace

void check_settings(const std::vector<std::string>& sets) {
  for (const std::string& set : sets) {
    if (!is_setting_of("soc", set) && !is_setting_of("workload", set)) {
      throw ConfigError("--set", "'" + set + "' must start with 'soc.' or 'workload.', like soc.accelerator.cores=8");
    }
    if (set.find('=') == std::string::npos) throw ConfigError("--set", "'" + set + "' has no '=' and value");
  }
}

bool any_setting_of(const std::string& root, const std::vector<std::string>& sets) {
  for (const std::string& set : sets) {
    if (is_setting_of(root, set)) return true;
  }
  return false;
}

void apply_settings(const std::string& root, const std::vector<std::string>& sets, google::protobuf::Message& message) {
  for (const std::string& set : sets) {
    if (!is_setting_of(root, set)) continue;
    const std::size_t equals = set.find('=');
    apply_override(message, set.substr(root.size() + 1, equals - root.size() - 1), set.substr(equals + 1), root);
  }
}

}  // namespace dixion
