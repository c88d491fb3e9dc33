// SPDX-License-Identifier: Apache-2.0
/// Matrix products under a mask, of docs/numerics.md section 19, on dense buffers.
#pragma once

#include <cstdint>

#include "models/engines/matrix/matmul_function.h"

namespace dixion {

/// All functions: `operands` as for matmul_function, INT8 weights shared by all batches; `mask` is [batch, M,
/// mask_words(...)] like mask_bits.h. They return the number of saturations.

/// MATMUL_PARTIAL. `mask` marks inputs (K). Writes [batch, M, N] to `dst` in its format, raw sums to `partial`.
std::uint64_t matmul_partial_function(const KernelSet& kernels, const MatmulOperands& operands,
                                      const std::uint32_t* mask, std::uint8_t* dst, std::int32_t* partial);

/// MATMUL_RESUME. `mask` marks inputs (K); `partial` [batch, M, N] stands in place of a bias.
std::uint64_t matmul_resume_function(const KernelSet& kernels, const MatmulOperands& operands,
                                     const std::uint32_t* mask, const std::int32_t* partial, std::uint8_t* dst);

/// MATMUL_MASKED. `mask` marks outputs, N / shares bits a row: columns n, n + N / shares, ... share bit n. `dst` is all
/// 0 before.
std::uint64_t matmul_masked_function(const KernelSet& kernels, const MatmulOperands& operands,
                                     const std::uint32_t* mask, std::size_t shares, std::uint8_t* dst);

}  // namespace dixion
