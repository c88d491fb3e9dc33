// SPDX-License-Identifier: Apache-2.0
/// Strided views in memory <-> dense row-major buffers. Rows that lie next to each other move in one piece.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/common/engine.h"
#include "models/common/memory_access.h"
#include "models/common/tensor_view.h"

namespace dixion {

/// A view as runs of equal length, each contiguous in memory, in row-major order.
struct ContiguousRuns {
  std::uint64_t run_bytes = 0;
  unsigned dimensions = 0;  ///< dimensions that are left, outermost first
  std::array<std::uint64_t, DIXION_MAX_RANK> count{};
  std::array<std::uint64_t, DIXION_MAX_RANK> stride{};  ///< bytes

  [[nodiscard]] std::uint64_t runs() const;
};

/// Formats whose elements have whole bytes only (element_bytes() > 0).
[[nodiscard]] ContiguousRuns contiguous_runs(const TensorView& view);

/// Each of these replaces `values` by the elements of `view`, dense and row-major. False if any byte is unreadable.
/// Bytes as they lie in memory; any format with element_bytes() > 0.
[[nodiscard]] bool load_bytes(const TensorView& view, MemoryAccess& memory, std::vector<std::uint8_t>& values);
/// INT8, INT12 and INT16.
[[nodiscard]] bool load_values(const TensorView& view, MemoryAccess& memory, std::vector<std::int16_t>& values);
/// INT8, INT12, INT16 and INT32.
[[nodiscard]] bool load_values(const TensorView& view, MemoryAccess& memory, std::vector<std::int32_t>& values);

/// Writes a result to where its view says. False if any byte is not writable; earlier ones may have been written.
[[nodiscard]] bool store(const Result::Tensor& tensor, MemoryAccess& memory);

}  // namespace dixion
