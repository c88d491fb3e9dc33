// SPDX-License-Identifier: Apache-2.0
/// What tests of the vector engine's operators share.
#pragma once

#include <cstdint>

#include "models/engines/vector/vector.h"
#include "tests/support/engine_bench.h"

namespace dixion::test {

inline constexpr std::int32_t kHigh = 2147483647, kLow = -kHigh - 1;
inline constexpr dixion_format kFormats[] = {DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32};

inline VectorEngine make_vector_engine() { return {AcceleratorConfig{}, portable_kernels()}; }

/// A signed immediate as the command holds it.
inline std::uint32_t word(std::int32_t value) { return static_cast<std::uint32_t>(value); }

}  // namespace dixion::test
