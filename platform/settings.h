// SPDX-License-Identifier: Apache-2.0
/// What --set changes.
#pragma once

#include <string>
#include <vector>

#include <google/protobuf/message.h>

namespace dixion {

/// Every setting must be "soc.path=value" or "workload.path=value". Throws ConfigError.
void check_settings(const std::vector<std::string>& sets);

/// True if some setting speaks of `root`.
[[nodiscard]] bool any_setting_of(const std::string& root, const std::vector<std::string>& sets);

/// Applies those settings that speak of `root`, in order, to the message that `root` names. Throws ConfigError.
void apply_settings(const std::string& root, const std::vector<std::string>& sets, google::protobuf::Message& message);

}  // namespace dixion
