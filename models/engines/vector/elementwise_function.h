// SPDX-License-Identifier: Apache-2.0
/// Element-by-element operators of docs/numerics.md sections 9 and 10 on dense buffers of `count` elements. Each
/// returns the number of saturations.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/common/fixed_point.h"
#include "models/common/kernel_set.h"

namespace dixion {

std::uint64_t add(const KernelSet& kernels, const Requantiser& factor, std::size_t count, const std::int32_t* a,
                  const std::int32_t* b, std::int32_t* dst);

std::uint64_t gated_residual(const KernelSet& kernels, const Requantiser& factor, std::size_t count,
                             const std::int32_t* x, const std::int32_t* gate, const std::int32_t* h, std::int32_t* dst);

/// `factor` has `bits` bits; Dst is int8, int16 or int32 and holds them.
template <typename Dst>
std::uint64_t convert(const KernelSet& kernels, const Requantiser& factor, unsigned bits, std::size_t count,
                      const std::int32_t* src, Dst* dst);

/// The words of the constants operand in memory order: a, b, c, d in Q24, guidance and limit in Q16.
struct SamplerConstants {
  std::int32_t a, b, c, d, guidance, limit;
};

/// `uncond` is null without guidance; limit >= 0.
std::uint64_t sampler_update(const SamplerConstants& constants, std::size_t count, const std::int32_t* x,
                             const std::int32_t* cond, const std::int32_t* uncond, std::int32_t* dst);

}  // namespace dixion
