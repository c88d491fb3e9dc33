// SPDX-License-Identifier: Apache-2.0
/// The matrix product of docs/numerics.md section 3 on dense buffers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/abi/generated/commands.h"
#include "models/common/kernel_set.h"

namespace dixion {

/// One entry of a REQUANT tensor as it lies in memory.
struct RequantEntry {
  std::int32_t multiplier;
  std::int32_t shift;
};
static_assert(sizeof(RequantEntry) == 8);

struct MatmulOperands {
  std::size_t batch = 1;
  std::size_t rows = 0;     ///< M
  std::size_t columns = 0;  ///< N
  std::size_t depth = 0;    ///< K
  bool weight_per_batch = false;
  const std::int16_t* src = nullptr;     ///< [batch, M, K], 12-bit values
  const std::int8_t* weight8 = nullptr;  ///< INT8 [N, K] or [batch, N, K], or null: then
  const std::int16_t* weight = nullptr;  ///< the same in 12-bit values
  const std::int32_t* bias = nullptr;    ///< [N] or null
  std::vector<RequantEntry> factors;     ///< N entries or one for all, shifts in 0...62
  dixion_format dst_format = DIXION_FORMAT_INT12;
};

/// Longest sum of products of a `bits_a`-bit and a `bits_b`-bit number that int32 always holds.
[[nodiscard]] std::size_t exact_depth(unsigned bits_a, unsigned bits_b);

/// Writes [batch, M, N] in the format of dst to `dst`; returns the number of saturations. Blocks of rows and columns
/// run on the threads of `kernels`.
std::uint64_t matmul_function(const KernelSet& kernels, const MatmulOperands& operands, std::uint8_t* dst);

}  // namespace dixion
