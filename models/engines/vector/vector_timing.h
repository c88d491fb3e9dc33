// SPDX-License-Identifier: Apache-2.0
/// accel_cycles of the vector engine. Formulas, sources, assumptions: docs/timing.md.
#pragma once

#include <cstdint>

#include "models/common/accelerator_config.h"
#include "models/common/clock.h"

namespace dixion {

inline constexpr Cycles kVectorPipeline = 12;  ///< from an element entering a lane to its result (assumed)

/// How often a lane takes an element of this opcode's dst.
[[nodiscard]] unsigned vector_passes(std::uint8_t opcode);

/// `elements` spread evenly over the lanes of `cores`, each taken `passes` times.
[[nodiscard]] Cycles elementwise_cycles(const AcceleratorConfig& config, std::uint64_t elements, unsigned passes,
                                        unsigned cores);

/// Rows spread over cores; a row's sums need all of it, so a lane left over at its end stays idle.
[[nodiscard]] Cycles norm_cycles(const AcceleratorConfig& config, std::uint64_t rows, std::uint64_t depth,
                                 unsigned cores);

}  // namespace dixion
