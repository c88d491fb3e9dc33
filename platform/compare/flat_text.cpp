// SPDX-License-Identifier: Apache-2.0
#include "platform/compare/flat_text.h"

#include <map>
#include <sstream>

namespace dixion {

FlatText flatten_text(const std::string& text) {
  FlatText flat;
  std::vector<std::string> path;
  std::map<std::string, unsigned> seen;
  const auto below = [&](const std::string& name) {
    const std::string key = path.empty() ? name : path.back() + "." + name;
    const unsigned place = seen[key]++;
    return place == 0 ? key : key + "[" + std::to_string(place) + "]";
  };
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t start = line.find_first_not_of(' ');
    if (start == std::string::npos) continue;
    line.erase(0, start);
    const std::size_t colon = line.find(": ");
    if (line == "}") {
      if (!path.empty()) path.pop_back();
    } else if (colon != std::string::npos) {
      flat.emplace_back(below(line.substr(0, colon)), line.substr(colon + 2));
    } else if (line.ends_with(" {")) {
      path.push_back(below(line.substr(0, line.size() - 2)));
    }
  }
  return flat;
}

std::vector<Difference> differences(const FlatText& a, const FlatText& b) {
  const std::map<std::string, std::string> in_a(a.begin(), a.end()), in_b(b.begin(), b.end());
  std::vector<Difference> found;
  for (const auto& [key, value] : a) {
    const auto other = in_b.find(key);
    if (other == in_b.end()) {
      found.push_back({key, value, ""});
    } else if (other->second != value) {
      found.push_back({key, value, other->second});
    }
  }
  for (const auto& [key, value] : b) {
    if (!in_a.contains(key)) found.push_back({key, "", value});
  }
  return found;
}

}  // namespace dixion
