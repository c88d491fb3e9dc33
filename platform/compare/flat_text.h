// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace dixion {

/// Keys with their values, in the order of the text.
using FlatText = std::vector<std::pair<std::string, std::string>>;

/// Protobuf text as print_text() writes it, one key or brace per line: "memory.simple.latency_ns" -> "100". Knows no
/// schema. A key that repeats beside itself gets its place: "operators[1].name".
[[nodiscard]] FlatText flatten_text(const std::string& text);

/// One key that is not the same on both sides; empty where a side has no such key.
struct Difference {
  std::string key;
  std::string a;
  std::string b;
};

/// In the order of `a`, then what only `b` has.
[[nodiscard]] std::vector<Difference> differences(const FlatText& a, const FlatText& b);

}  // namespace dixion
