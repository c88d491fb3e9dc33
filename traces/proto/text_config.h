// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/message.h>

#include "models/common/check.h"

/// Configuration as Protobuf text: files and `path=value` overrides, intolerant of anything unknown. Used for SoCs
/// and workloads alike; knows no schema.
namespace dixion {

/// Parses `path` over `message` (fields not named keep their value). A name ending in .json is read through
/// Protobuf's JSON mapping. Throws ConfigError "<file>:<line>:<column>: ..." for a file that cannot be read, bad
/// syntax, unknown keys and enumerators (with the nearest known ones) and values that do not fit.
void parse_text_file(const std::filesystem::path& path, google::protobuf::Message& message);

/// Like parse_text_file, from memory; `source` stands in messages where the file's name would.
void parse_text(const std::string& text, const std::string& source, google::protobuf::Message& message);

/// Sets one field: `path` is "steps", "sampler.clip" or "sections[2].operators[0].split". Strings need no quotes; a
/// repeated scalar takes a comma-separated list that replaces the old one. `prefix` (say "workload") stands before
/// the path in messages. Throws ConfigError, with the nearest known keys, if path or value do not fit.
void apply_override(google::protobuf::Message& message, std::string_view path, std::string_view value,
                    std::string_view prefix);

/// The message as commented-free text that parse_text reads back, fields in the schema's order.
std::string print_text(const google::protobuf::Message& message);

/// Reads JSON through Protobuf's mapping. Throws ConfigError(`source`, ...) in one line.
void parse_json(const std::string& json, const std::string& source, google::protobuf::Message& message);

/// Whole content of a file. Throws ConfigError naming it and the operating system's reason.
std::string read_file(const std::filesystem::path& path);

/// Up to three of `known` that are most like `name`, best first; nothing if none is alike. Case does not count.
std::vector<std::string> nearest_names(std::string_view name, const std::vector<std::string>& known);

/// For the end of a message: "; did you mean 'a' or 'b'?", or "; known: a, b, c" when nothing is alike.
std::string suggestion(std::string_view name, const std::vector<std::string>& known);

}  // namespace dixion
