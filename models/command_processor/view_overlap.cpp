// SPDX-License-Identifier: Apache-2.0
#include "models/command_processor/view_overlap.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace dixion {

namespace {

/// A view as runs of contiguous bytes that repeat with one pitch.
struct Rows {
  std::uint64_t first = 0;
  std::uint64_t run = 0;    // bytes
  std::uint64_t pitch = 0;  // bytes from run to run; 0 if there is one run
  std::uint64_t count = 1;
  bool known = true;  // false: the view is no such pattern

  [[nodiscard]] std::uint64_t end() const { return first + (count - 1) * pitch + run; }
};

Rows rows_of(const TensorView& view) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> dimensions;  // stride, extent
  for (unsigned d = 0; d < view.rank; ++d) {
    if (view.stride[d] != 0 && view.extent[d] > 1) dimensions.emplace_back(view.stride[d], view.extent[d]);
  }
  std::sort(dimensions.begin(), dimensions.end());
  Rows rows{view.address, element_bytes(view.format)};
  for (const auto& [stride, extent] : dimensions) {
    if (rows.count == 1 && stride <= rows.run) {
      rows.run += (extent - 1) * stride;
    } else if (rows.count == 1) {
      rows.pitch = stride;
      rows.count = extent;
    } else if (stride == rows.pitch * rows.count) {
      rows.count *= extent;
    } else {
      rows.known = false;
    }
  }
  return rows;
}

/// One run [first, end) against rows.
bool hits(std::uint64_t first, std::uint64_t end, const Rows& rows) {
  if (rows.count == 1) return first < rows.first + rows.run && rows.first < end;
  // The first row that ends behind `first`.
  const std::uint64_t row = first < rows.first + rows.run ? 0 : (first - rows.first - rows.run) / rows.pitch + 1;
  return row < rows.count && rows.first + row * rows.pitch < end;
}

}  // namespace

bool views_overlap(const TensorView& a, const TensorView& b) {
  const Rows x = rows_of(a);
  const Rows y = rows_of(b);
  if (!x.known || !y.known || x.end() <= y.first || y.end() <= x.first) return false;
  if (x.count == 1) return hits(x.first, x.first + x.run, y);
  if (y.count == 1) return hits(y.first, y.first + y.run, x);
  if (x.pitch != y.pitch) return false;
  // Equal pitch: only the rows of the later view's start, and the one that may begin inside it, can meet.
  const Rows& early = x.first <= y.first ? x : y;
  const Rows& late = x.first <= y.first ? y : x;
  return hits(late.first, late.first + late.run, early);
}

}  // namespace dixion
