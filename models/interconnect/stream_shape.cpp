// SPDX-License-Identifier: Apache-2.0
#include "models/interconnect/stream_shape.h"

#include <utility>

namespace dixion {

std::uint64_t StreamShape::bytes() const {
  std::uint64_t total = run_bytes;
  for (unsigned i = 0; i < rank; ++i) total *= count[i];
  return total;
}

std::uint64_t StreamShape::span() const {
  std::uint64_t span = run_bytes;
  for (unsigned i = 0; i < rank; ++i) span += (count[i] - 1) * stride[i];
  return span;
}

StreamShape stream_shape(const TensorView& view) {
  StreamShape shape;
  shape.run_bytes = element_bytes(view.format);
  std::array<std::uint64_t, 4> count{};
  std::array<std::uint64_t, 4> stride{};
  unsigned rank = 0;  // dimensions kept, fastest first
  for (unsigned i = view.rank; i-- > 0;) {
    if (view.extent[i] == 1 || view.stride[i] == 0) continue;
    if (rank == 0 && view.stride[i] == shape.run_bytes) {
      shape.run_bytes *= view.extent[i];
    } else if (rank > 0 && view.stride[i] == stride[rank - 1] * count[rank - 1]) {
      count[rank - 1] *= view.extent[i];
    } else {
      count[rank] = view.extent[i];
      stride[rank] = view.stride[i];
      ++rank;
    }
  }
  shape.rank = rank;
  for (unsigned i = 0; i < rank; ++i) {
    shape.count[i] = count[rank - 1 - i];
    shape.stride[i] = stride[rank - 1 - i];
  }
  return shape;
}

StreamShape in_address_order(const StreamShape& shape) {
  StreamShape ordered = shape;
  for (unsigned i = 1; i < ordered.rank; ++i) {
    for (unsigned j = i; j > 0 && ordered.stride[j - 1] < ordered.stride[j]; --j) {
      std::swap(ordered.stride[j], ordered.stride[j - 1]);
      std::swap(ordered.count[j], ordered.count[j - 1]);
    }
  }
  while (ordered.rank != 0 && ordered.stride[ordered.rank - 1] == ordered.run_bytes) {
    ordered.run_bytes *= ordered.count[--ordered.rank];
  }
  return ordered;
}

}  // namespace dixion
