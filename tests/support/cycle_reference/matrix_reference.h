// SPDX-License-Identifier: Apache-2.0
/// The matrix engine's array, its banks and FIFOs, moved one cycle at a time. Shares with the closed forms only the
/// configuration and the bank maps.
#pragma once

#include <cstdint>

#include "models/common/accelerator_config.h"
#include "models/common/clock.h"

namespace dixion::test {

/// Tiles that follow each other: all tiles of rows of src with all tiles of rows of weight.
struct ReferenceProduct {
  std::uint64_t rows = 1, columns = 1, depth = 1;  ///< M, N, K
  unsigned weight_bytes = 1;                       ///< per element
  bool weights_pass = true;                        ///< rows of src stay, and are the inner loop
  unsigned dst_bytes = 2;
  unsigned cores = 1;  ///< that empty their last tile through the port at once
};

struct ReferenceCycles {
  Cycles compute = 0;  ///< from the first read to the last result at the edge of the array
  Cycles drain = 0;    ///< until the last bytes of the last tile are through the port
  Cycles waits = 0;    ///< cycles in which the array stood still for an operand
};

/// Throws DefectError if operands of different tiles or steps ever meet in a unit, or a result is not complete.
[[nodiscard]] ReferenceCycles run_reference(const AcceleratorConfig& config, const ReferenceProduct& product);

}  // namespace dixion::test
