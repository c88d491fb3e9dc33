// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "models/common/fixed_point.h"
#include "models/common/kernel_set.h"

namespace dixion {
namespace {

template <typename Element>
void dot_products_of(std::size_t m, std::size_t n, std::size_t k, const std::int16_t* a, std::size_t lda,
                     const Element* b, std::size_t ldb, std::int32_t* c, std::size_t ldc) {
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      std::int32_t sum = 0;
      for (std::size_t l = 0; l < k; ++l) sum += std::int32_t{a[i * lda + l]} * b[j * ldb + l];
      c[i * ldc + j] = sum;
    }
  }
}

class PortableKernels final : public KernelSet {
 public:
  [[nodiscard]] const char* name() const override { return "portable"; }

  void dot_products(std::size_t m, std::size_t n, std::size_t k, const std::int16_t* a, std::size_t lda,
                    const std::int16_t* b, std::size_t ldb, std::int32_t* c, std::size_t ldc) const override {
    dot_products_of(m, n, k, a, lda, b, ldb, c, ldc);
  }

  void dot_products(std::size_t m, std::size_t n, std::size_t k, const std::int16_t* a, std::size_t lda,
                    const std::int8_t* b, std::size_t ldb, std::int32_t* c, std::size_t ldc) const override {
    dot_products_of(m, n, k, a, lda, b, ldb, c, ldc);
  }

  std::uint64_t requantise(std::size_t count, const std::int32_t* x, const RequantRow& row, unsigned bits,
                           std::int32_t* dst) const override {
    std::uint64_t saturations = 0;
    for (std::size_t j = 0; j < count; ++j) {
      const Requantiser requant(row.multipliers[j], static_cast<std::uint32_t>(row.shifts[j]), bits);
      dst[j] = requant.narrow(x[j] + row.addends[j], saturations);
    }
    return saturations;
  }

  std::int64_t softmax_weights(std::size_t count, const std::int32_t* scores, const ScoreExponential& exponential,
                               std::int16_t* weights) const override {
    const std::int64_t top = *std::max_element(scores, scores + count);
    std::int64_t sum = 0;
    for (std::size_t j = 0; j < count; ++j) {
      const std::int32_t weight = exponential(top - scores[j]);
      weights[j] = static_cast<std::int16_t>(weight);
      sum += weight;
    }
    return sum;
  }
};

}  // namespace

const KernelSet& portable_kernels() {
  static const PortableKernels kernels;
  return kernels;
}

}  // namespace dixion
