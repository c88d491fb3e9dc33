// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "firmware/runtime/image_format.h"

namespace dixion {

inline constexpr std::uint32_t kAllStepKinds = (std::uint32_t{1} << DIXION_STEP_KINDS) - 1;

/// Bit k: steps of kind k reuse (or do not) by the technique with bit DIXION_STEP_KIND_*.
constexpr std::uint32_t step_kinds_with(std::uint32_t technique, bool reuse) {
  std::uint32_t kinds = 0;
  for (std::uint32_t kind = 0; kind < DIXION_STEP_KINDS; ++kind) {
    if (((kind & technique) != 0) == reuse) kinds |= std::uint32_t{1} << kind;
  }
  return kinds;
}

/// Those of the operator's kinds (0 stands for all) that are also in `kinds`.
constexpr std::uint32_t restrict_step_kinds(std::uint32_t operator_kinds, std::uint32_t kinds) {
  return (operator_kinds == 0 ? kAllStepKinds : operator_kinds) & kinds;
}

}  // namespace dixion
