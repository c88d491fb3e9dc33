// SPDX-License-Identifier: Apache-2.0
#include "models/fast_kernels/products.h"

#include <algorithm>
#include <type_traits>
#include <vector>

#include <hwy/aligned_allocator.h>

namespace dixion {
namespace {

constexpr std::size_t kFewRows = 3;  // up to here packing costs more than it saves

/// Memory that is kept from call to call, by thread: fresh pages cost more than what is written to them.
class Scratch {
 public:
  std::int32_t* panel(std::size_t size) {
    if (size > panel_size_) {
      panel_ = hwy::AllocateAligned<std::int32_t>(size);
      panel_size_ = size;
    }
    return panel_.get();
  }
  std::vector<std::int32_t> edge;       ///< a tile of results that is wider than what is left of c
  std::vector<std::int16_t> last_rows;  ///< rows of a that end with a whole pair

 private:
  hwy::AlignedFreeUniquePtr<std::int32_t[]> panel_;
  std::size_t panel_size_ = 0;
};

Scratch& scratch() {
  thread_local Scratch own;
  return own;
}

template <typename Element>
void multiply(const MicroKernel& kernel, std::size_t m, std::size_t n, std::size_t k, const std::int16_t* a,
              std::size_t lda, const Element* b, std::size_t ldb, std::int32_t* c, std::size_t ldc) {
  if constexpr (std::is_same_v<Element, std::int8_t>) {
    if (m <= kFewRows) {
      for (std::size_t i = 0; i < m; ++i) kernel.one_row(n, k, a + i * lda, b, ldb, c + i * ldc);
      return;
    }
  }
  const std::size_t pairs = (k + 1) / 2, widest = kernel.vectors * kernel.lanes;
  Scratch& own = scratch();
  std::int32_t* panel = own.panel(pairs * widest);
  own.edge.resize(kernel.rows * widest);
  const std::size_t last_row = (m - 1) / kernel.rows * kernel.rows;
  if (k % 2 != 0) {
    // The pair behind the last element of a is multiplied by 0, but nothing may lie there.
    own.last_rows.assign((m - last_row) * 2 * pairs, 0);
    for (std::size_t i = last_row; i < m; ++i) {
      std::copy_n(a + i * lda, k, own.last_rows.data() + (i - last_row) * 2 * pairs);
    }
  }
  for (std::size_t j = 0; j < n; j += widest) {
    const std::size_t columns = std::min(widest, n - j);
    const std::size_t vectors = (columns + kernel.lanes - 1) / kernel.lanes, width = vectors * kernel.lanes;
    if constexpr (std::is_same_v<Element, std::int8_t>) {
      kernel.pack_int8(columns, vectors, k, b + j * ldb, ldb, panel);
    } else {
      kernel.pack_int16(columns, vectors, k, b + j * ldb, ldb, panel);
    }
    for (std::size_t i = 0; i < m; i += kernel.rows) {
      const std::size_t rows = std::min(kernel.rows, m - i);
      const bool padded = k % 2 != 0 && i == last_row, narrow = columns < width;
      const std::int16_t* from = padded ? own.last_rows.data() : a + i * lda;
      std::int32_t* to = narrow ? own.edge.data() : c + i * ldc + j;
      kernel.multiply(rows, vectors, pairs, from, padded ? 2 * pairs : lda, panel, to, narrow ? width : ldc);
      for (std::size_t r = 0; narrow && r < rows; ++r) std::copy_n(to + r * width, columns, c + (i + r) * ldc + j);
    }
  }
}

}  // namespace

void multiply_by_panels(const MicroKernel& kernel, std::size_t m, std::size_t n, std::size_t k, const std::int16_t* a,
                        std::size_t lda, const std::int16_t* b, std::size_t ldb, std::int32_t* c, std::size_t ldc) {
  multiply(kernel, m, n, k, a, lda, b, ldb, c, ldc);
}

void multiply_by_panels(const MicroKernel& kernel, std::size_t m, std::size_t n, std::size_t k, const std::int16_t* a,
                        std::size_t lda, const std::int8_t* b, std::size_t ldb, std::int32_t* c, std::size_t ldc) {
  multiply(kernel, m, n, k, a, lda, b, ldb, c, ldc);
}

}  // namespace dixion
