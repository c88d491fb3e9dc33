// SPDX-License-Identifier: Apache-2.0
/// The innermost loops of an integer product and the layout they want an operand in.
///
/// Two neighbours along K, a pair, travel as one 32-bit lane. A panel holds some columns of b (that is, rows of its
/// [n, k] layout), side by side: panel[p * width + j] is pair p of column j, width the columns rounded up to whole
/// vectors. Columns that are missing and the second half of an odd last pair are 0.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dixion {

struct MicroKernel {
  const char* name;
  std::size_t rows;     ///< most rows multiply() takes at a time
  std::size_t lanes;    ///< columns of one vector
  std::size_t vectors;  ///< most vectors of a panel

  /// c[i * ldc + j] = sum over p < pairs of a's pair p of row i times the panel's of column j, both elements added;
  /// i < row_count, j < vector_count * lanes. The panel is aligned to 64 bytes.
  void (*multiply)(std::size_t row_count, std::size_t vector_count, std::size_t pairs, const std::int16_t* a,
                   std::size_t lda, const std::int32_t* panel, std::int32_t* c, std::size_t ldc);
  /// Fills a panel of vector_count vectors from `columns` rows of b of k elements each.
  void (*pack_int16)(std::size_t columns, std::size_t vector_count, std::size_t k, const std::int16_t* b,
                     std::size_t ldb, std::int32_t* panel);
  void (*pack_int8)(std::size_t columns, std::size_t vector_count, std::size_t k, const std::int8_t* b, std::size_t ldb,
                    std::int32_t* panel);
  /// sums[j] = sum over k of a[k] * b[j * ldb + k], j < columns: packing does not pay for a row or two.
  void (*one_row)(std::size_t columns, std::size_t k, const std::int16_t* a, const std::int8_t* b, std::size_t ldb,
                  std::int32_t* sums);
};

/// With the vector instructions Highway finds.
[[nodiscard]] const MicroKernel& highway_micro_kernel();

/// With AVX-512 VNNI, which Highway 1.0 does not use; null where compiler or processor has none.
[[nodiscard]] const MicroKernel* vnni_micro_kernel();

}  // namespace dixion
