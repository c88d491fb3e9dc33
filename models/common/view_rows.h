// SPDX-License-Identifier: Apache-2.0
/// Rows of a view: what its last dimension holds. They are counted over all other dimensions.
#pragma once

#include <cstdint>

#include "models/common/tensor_view.h"

namespace dixion {

[[nodiscard]] inline std::uint64_t row_count(const TensorView& view) {
  return view.elements() / view.extent_from_end(0);
}

[[nodiscard]] inline std::uint64_t row_address(const TensorView& view, std::uint64_t number) {
  std::uint64_t address = view.address;
  for (unsigned d = view.rank - 1U; d-- > 0; number /= view.extent[d]) {
    address += number % view.extent[d] * view.stride[d];
  }
  return address;
}

/// Number of the row that holds `address`, which is one of the view's; strides fall.
[[nodiscard]] inline std::uint64_t row_number(const TensorView& view, std::uint64_t address) {
  std::uint64_t offset = address - view.address, number = 0;
  for (unsigned d = 0; d + 1U < view.rank; ++d) {
    const std::uint64_t index = view.stride[d] == 0 ? 0 : offset / view.stride[d];
    offset -= index * view.stride[d];
    number = number * view.extent[d] + index;
  }
  return number;
}

[[nodiscard]] inline std::uint32_t heads_of(const TensorView& view) { return view.rank == 4 ? view.extent[1] : 1; }

/// `count` rows of one head of [T, D], [batch, T, D] or [batch, heads, T, D], from token `token` on; a batch of one
/// serves all samples.
[[nodiscard]] inline TensorView rows_of(const TensorView& view, std::uint32_t sample, std::uint32_t head,
                                        std::uint32_t token, std::uint32_t count) {
  TensorView rows;
  rows.format = view.format;
  rows.rank = 2;
  rows.extent = {count, view.extent[view.rank - 1U]};
  rows.stride = {view.stride[view.rank - 2U], view.stride[view.rank - 1U]};
  rows.address = view.address + token * rows.stride[0];
  if (view.rank >= 3 && view.extent[0] > 1) rows.address += sample * view.stride[0];
  if (view.rank == 4) rows.address += head * view.stride[1];
  return rows;
}

}  // namespace dixion
