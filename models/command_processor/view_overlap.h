// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/common/tensor_view.h"

namespace dixion {

/// True if the two views (rank >= 1) surely share a byte. Views that interleave, like the heads of one buffer, share
/// none. Patterns that cannot be compared in closed form (rows of different pitch, more than one pitch) count as
/// disjoint: a diagnostic that cries wolf is worse than one that misses.
[[nodiscard]] bool views_overlap(const TensorView& a, const TensorView& b);

}  // namespace dixion
