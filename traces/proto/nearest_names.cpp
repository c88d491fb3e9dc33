// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>

#include "traces/proto/text_config.h"

namespace dixion {
namespace {

constexpr std::size_t kMostNames = 3;

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// Letters to insert, delete, replace or swap with their neighbour to get from a to b.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      std::size_t& best = table[i][j];
      if (i == 0 || j == 0) {
        best = i + j;
        continue;
      }
      const std::size_t replaced = table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      best = std::min({table[i - 1][j] + 1, table[i][j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) best = std::min(best, table[i - 2][j - 2] + 1);
    }
  }
  return table[a.size()][b.size()];
}

std::string join(const std::vector<std::string>& names, const char* quote, const char* between, const char* last) {
  std::string result;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) result += i + 1 == names.size() ? last : between;
    result += quote + names[i] + quote;
  }
  return result;
}

}  // namespace

std::vector<std::string> nearest_names(std::string_view name, const std::vector<std::string>& known) {
  const std::string wanted = lower(name);
  const std::size_t farthest = wanted.size() < 2 ? 0 : std::max<std::size_t>(1, wanted.size() / 3);
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const std::string& candidate : known) {
    const std::string other = lower(candidate);
    const bool part = wanted.size() >= 3 && (other.starts_with(wanted) || wanted.starts_with(other));
    const std::size_t far = distance(wanted, other);
    if (far <= farthest || (part && !other.empty())) ranked.emplace_back(far, candidate);
  }
  std::sort(ranked.begin(), ranked.end());
  ranked.erase(std::unique(ranked.begin(), ranked.end()), ranked.end());
  if (ranked.size() > kMostNames) ranked.resize(kMostNames);
  std::vector<std::string> result;
  for (auto& [far, candidate] : ranked) result.push_back(std::move(candidate));
  return result;
}

std::string suggestion(std::string_view name, const std::vector<std::string>& known) {
  if (const auto near = nearest_names(name, known); !near.empty()) {
    return "; did you mean " + join(near, "'", ", ", " or ") + "?";
  }
  return known.empty() ? std::string() : "; known: " + join(known, "", ", ", ", ");
}

}  // namespace dixion
