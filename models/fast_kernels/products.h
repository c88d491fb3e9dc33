// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/fast_kernels/micro_kernel.h"

namespace dixion {

/// KernelSet::dot_products by packing panels of b and running a micro-kernel over them.
void multiply_by_panels(const MicroKernel& kernel, std::size_t m, std::size_t n, std::size_t k, const std::int16_t* a,
                        std::size_t lda, const std::int16_t* b, std::size_t ldb, std::int32_t* c, std::size_t ldc);
void multiply_by_panels(const MicroKernel& kernel, std::size_t m, std::size_t n, std::size_t k, const std::int16_t* a,
                        std::size_t lda, const std::int8_t* b, std::size_t ldb, std::int32_t* c, std::size_t ldc);

}  // namespace dixion
