// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace dixion {

/// The integer inner loops that decide the simulator's speed. A portable set is built in (portable_kernels()); the
/// platform links a faster one that gives the same bits.
class KernelSet {
 public:
  virtual ~KernelSet() = default;
  [[nodiscard]] virtual const char* name() const = 0;
  /// c[i * ldc + j] = sum over k of a[i * lda + k] * b[j * ldb + k], i < m, j < n, in int32.
  /// The caller guarantees that no partial sum leaves int32 (it splits K by the operands' magnitudes).
  virtual void dot_products(std::size_t m, std::size_t n, std::size_t k, const std::int16_t* a, std::size_t lda,
                            const std::int16_t* b, std::size_t ldb, std::int32_t* c, std::size_t ldc) const = 0;
};

/// Plain C++ loops; needs no vector unit.
[[nodiscard]] const KernelSet& portable_kernels();

}  // namespace dixion
