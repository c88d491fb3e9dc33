// SPDX-License-Identifier: Apache-2.0
#include "models/common/kernel_set.h"

namespace dixion {
namespace {

class PortableKernels final : public KernelSet {
 public:
  [[nodiscard]] const char* name() const override { return "portable"; }

  void dot_products(std::size_t m, std::size_t n, std::size_t k, const std::int16_t* a, std::size_t lda,
                    const std::int16_t* b, std::size_t ldb, std::int32_t* c, std::size_t ldc) const override {
    for (std::size_t i = 0; i < m; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        std::int32_t sum = 0;
        for (std::size_t l = 0; l < k; ++l) sum += std::int32_t{a[i * lda + l]} * b[j * ldb + l];
        c[i * ldc + j] = sum;
      }
    }
  }
};

}  // namespace

const KernelSet& portable_kernels() {
  static const PortableKernels kernels;
  return kernels;
}

}  // namespace dixion
