// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/token_decision_timing.h"

namespace dixion {
namespace {

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }
constexpr Cycles kPipeline = 12;

}  // namespace

Cycles token_decision_cycles(const AcceleratorConfig& config, std::uint64_t samples, std::uint64_t tokens,
                             std::uint64_t channels, bool ranks, unsigned cores) {
  const std::uint64_t lanes = std::uint64_t{config.vector_lanes} * cores;
  const std::uint64_t passes = 1 + (ranks ? kRankPasses : 0);
  return ceil_div(samples * tokens * channels, lanes) + passes * ceil_div(samples * tokens, lanes) + kPipeline;
}

}  // namespace dixion
