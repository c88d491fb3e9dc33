// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/ranked_rule.h"

#include <algorithm>
#include <numeric>

namespace dixion {
namespace {

__extension__ using Wide = unsigned __int128;
constexpr std::uint64_t kOne = std::uint64_t{1} << 16;

}  // namespace

std::vector<bool> RankedRule::active(std::span<const std::uint64_t> change, const TokenSettings& settings) const {
  const std::size_t tokens = change.size();
  std::vector<bool> active(tokens, true);
  if (settings.threshold > 0) {
    const Wide limit = Wide{std::accumulate(change.begin(), change.end(), std::uint64_t{0})} * settings.threshold;
    for (std::size_t t = 0; t < tokens; ++t) active[t] = Wide{change[t]} * tokens * kOne > limit;
  }
  if (settings.share > 0) {
    std::vector<std::size_t> order(tokens);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return change[a] > change[b]; });
    const std::size_t most = (tokens * settings.share + kOne - 1) / kOne;
    for (std::size_t i = most; i < tokens; ++i) active[order[i]] = false;
  }
  return active;
}

}  // namespace dixion
