// SPDX-License-Identifier: Apache-2.0
/// accel_cycles of TOKEN_DECISION. Formula and assumptions: docs/timing.md, "Sparsity controller".
#pragma once

#include <cstdint>

#include "models/common/accelerator_config.h"
#include "models/common/clock.h"

namespace dixion {

/// Passes over a sample's changes that find the one at a given rank: 48 bits, 8 at a time.
inline constexpr unsigned kRankPasses = 6;

[[nodiscard]] Cycles token_decision_cycles(const AcceleratorConfig& config, std::uint64_t samples, std::uint64_t tokens,
                                           std::uint64_t channels, bool ranks, unsigned cores);

}  // namespace dixion
