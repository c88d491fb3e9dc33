// SPDX-License-Identifier: Apache-2.0
/// Words in which the catalogue of mistakes is written.
#pragma once

#include <cstdint>

#include "tests/model/accelerator/misuse_bench.h"

namespace dixion::test {

using Bench = MisuseBench;
using Command = dixion_command_t;
inline constexpr auto kCommand = Mistake::Kind::kCommand;
inline constexpr std::uint32_t kOperand0 = DIXION_FIELD_OPERAND0;
inline constexpr std::uint32_t kImmediate0 = DIXION_FIELD_IMMEDIATE0;

/// The mistake lies in a tensor's values.
inline Mistake in_values(Mistake mistake) {
  mistake.in_values = true;
  return mistake;
}

}  // namespace dixion::test
