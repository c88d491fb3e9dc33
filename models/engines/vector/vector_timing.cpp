// SPDX-License-Identifier: Apache-2.0
#include "models/engines/vector/vector_timing.h"

#include "models/abi/generated/commands.h"

namespace dixion {
namespace {

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

}  // namespace

unsigned vector_passes(std::uint8_t opcode) {
  switch (opcode) {
    case DIXION_OPCODE_NORM_MODULATE:
      return 3;  // mean, squares, normalise and modulate
    case DIXION_OPCODE_SAMPLER_UPDATE:
      return 2;  // guidance and clean image, next latent
    case DIXION_OPCODE_NOISE:
      return 3;  // ten rounds make four words, then the table
    default:
      return 1;
  }
}

Cycles elementwise_cycles(const AcceleratorConfig& config, std::uint64_t elements, unsigned passes, unsigned cores) {
  return passes * ceil_div(elements, std::uint64_t{config.vector_lanes} * cores) + kVectorPipeline;
}

Cycles norm_cycles(const AcceleratorConfig& config, std::uint64_t rows, std::uint64_t depth, unsigned cores) {
  const Cycles row = vector_passes(DIXION_OPCODE_NORM_MODULATE) * ceil_div(depth, config.vector_lanes);
  return ceil_div(rows, cores) * row + kVectorPipeline;
}

}  // namespace dixion
