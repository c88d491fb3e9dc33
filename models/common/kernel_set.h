// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "models/common/score_exponential.h"

namespace dixion {

/// Per element: requant(x + addend, multiplier, shift) of docs/numerics.md section 2.
struct RequantRow {
  const std::int32_t* addends;
  const std::int32_t* multipliers;
  const std::int32_t* shifts;  ///< 0...62
};

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
  virtual void dot_products(std::size_t m, std::size_t n, std::size_t k, const std::int16_t* a, std::size_t lda,
                            const std::int8_t* b, std::size_t ldb, std::int32_t* c, std::size_t ldc) const = 0;
  /// dst[j] = requant(x[j] + addend[j], ..., bits), j < count; returns the saturations. The caller guarantees that
  /// x[j] + addend[j] stays in int32. dst may be x.
  virtual std::uint64_t requantise(std::size_t count, const std::int32_t* x, const RequantRow& row, unsigned bits,
                                   std::int32_t* dst) const = 0;
  /// weights[j] = exponential(max of scores - scores[j]), j < count, count >= 1; returns their sum.
  virtual std::int64_t softmax_weights(std::size_t count, const std::int32_t* scores,
                                       const ScoreExponential& exponential, std::int16_t* weights) const = 0;

  /// How many pieces of a work may run at the same time.
  [[nodiscard]] virtual unsigned threads() const { return 1; }
  /// Calls body(0)...body(count - 1), each once; returns when all have returned. With more than one thread they run
  /// side by side in any order: each writes what no other touches, and none calls SystemC.
  virtual void for_each(std::size_t count, const std::function<void(std::size_t)>& body) const {
    for (std::size_t i = 0; i < count; ++i) body(i);
  }
};

/// KernelSet::for_each where it pays; `macs` says how much there is to do in all. Waking a thread costs some ten
/// microseconds, about a million multiplications.
inline void spread(const KernelSet& kernels, std::uint64_t macs, std::size_t count,
                   const std::function<void(std::size_t)>& body) {
  constexpr std::uint64_t kWorthThreads = 8'000'000;
  if (macs >= kWorthThreads) return kernels.for_each(count, body);
  for (std::size_t i = 0; i < count; ++i) body(i);
}

/// Plain C++ loops; needs no vector unit.
[[nodiscard]] const KernelSet& portable_kernels();

}  // namespace dixion
