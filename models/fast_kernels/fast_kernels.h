// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "models/common/kernel_set.h"

namespace dixion {

/// Kernels for the vector unit of the workstation, chosen when first used (AVX-512 VNNI, else what Highway finds),
/// spread over `threads` threads, at least 1. The bits are those of portable_kernels() whatever the threads. Threads
/// start with the first work that can be split and end with the object.
[[nodiscard]] std::unique_ptr<KernelSet> make_fast_kernels(unsigned threads);

/// Two, or one where the process may use only one processor.
[[nodiscard]] unsigned default_threads();

/// The same for everyone, with default_threads().
[[nodiscard]] const KernelSet& fast_kernels();

}  // namespace dixion
