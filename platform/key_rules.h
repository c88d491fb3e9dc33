// SPDX-License-Identifier: Apache-2.0
/// What the (key) option of config.proto says about a field: meaning, unit, range.
#pragma once

#include <string>
#include <vector>

#include <google/protobuf/message.h>

namespace dixion {

/// Checks every set integer of `message` and below against its range. `path` is the name of `message` itself.
/// Throws ConfigError("soc.accelerator.cores", "65 is above the maximum of 64").
void check_key_ranges(const google::protobuf::Message& message, const std::string& path);

/// One line per key: "soc.accelerator.cores = 4  [1 to 64] compute cores".
std::vector<std::string> describe_key_rules(const google::protobuf::Message& message, const std::string& path);

}  // namespace dixion
