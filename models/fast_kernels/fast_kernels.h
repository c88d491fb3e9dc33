// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/common/kernel_set.h"

namespace dixion {

/// Kernels for the vector unit of the workstation, chosen when first used (Highway). The bits are those of
/// portable_kernels(). Slow to start: operands are repacked, so it pays from some dozens of rows on.
[[nodiscard]] const KernelSet& fast_kernels();

}  // namespace dixion
