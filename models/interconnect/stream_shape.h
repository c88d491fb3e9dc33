// SPDX-License-Identifier: Apache-2.0
/// The addresses a stream touches, relative to its first byte: runs of contiguous bytes, strided in up to four
/// dimensions.
#pragma once

#include <array>
#include <cstdint>

#include "models/common/tensor_view.h"

namespace dixion {

struct StreamShape {
  std::uint64_t run_bytes = 0;            ///< contiguous bytes of one run
  unsigned rank = 0;                      ///< dimensions of runs; 0 means a single run
  std::array<std::uint64_t, 4> count{};   ///< runs per dimension, slowest first
  std::array<std::uint64_t, 4> stride{};  ///< bytes from one run to the next, above 0

  /// Bytes that move in one pass.
  [[nodiscard]] std::uint64_t bytes() const;
  /// Bytes from the first to behind the last byte touched.
  [[nodiscard]] std::uint64_t span() const;
};

/// Shape of one pass over `view` (rank >= 1, extents >= 1): contiguous dimensions are merged, a dimension of stride 0
/// is read once.
[[nodiscard]] StreamShape stream_shape(const TensorView& view);

/// The same runs with those of the largest stride slowest; what follows each other then is merged.
[[nodiscard]] StreamShape in_address_order(const StreamShape& shape);

/// Calls `visit(address offset, run_bytes)` for every run in order, while it returns true; false if it did not.
template <typename Visitor>
bool for_each_run(const StreamShape& shape, Visitor visit) {
  std::array<std::uint64_t, 4> index{};
  for (;;) {
    std::uint64_t offset = 0;
    for (unsigned i = 0; i < shape.rank; ++i) offset += index[i] * shape.stride[i];
    if (!visit(offset, shape.run_bytes)) return false;
    unsigned dimension = shape.rank;
    for (;;) {
      if (dimension == 0) return true;
      --dimension;
      if (++index[dimension] < shape.count[dimension]) break;
      index[dimension] = 0;
    }
  }
}

}  // namespace dixion
