// SPDX-License-Identifier: Apache-2.0
#include "models/fast_kernels/fast_kernels.h"

#include <algorithm>

#include "models/fast_kernels/products.h"
#include "models/fast_kernels/worker_pool.h"

// Vectors without a size at compile time cannot stand in arrays.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/fast_kernels/fast_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace dixion {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR

std::uint64_t Requantise(std::size_t count, const std::int32_t* x, const RequantRow& row, unsigned bits,
                         std::int32_t* dst) {
  return portable_kernels().requantise(count, x, row, bits, dst);
}

std::int64_t SoftmaxWeights(std::size_t count, const std::int32_t* scores, const ScoreExponential& exponential,
                            std::int16_t* weights) {
  return portable_kernels().softmax_weights(count, scores, exponential, weights);
}

#else

using D32 = hn::ScalableTag<std::int32_t>;

using D64 = hn::Repartition<std::int64_t, D32>;
using DU64 = hn::Repartition<std::uint64_t, D32>;
using DU32 = hn::Repartition<std::uint32_t, D32>;

/// Rounds |product| * 2^-shift half up and limits it to high (one more below 0), then gives the sign back. Lanes that
/// were limited count as -1 in `limited`.
HWY_INLINE hn::Vec<D64> RoundAndLimit(hn::Vec<D64> product, hn::Vec<DU64> shift, std::int64_t high,
                                      hn::Vec<D64>& limited) {
  const D64 d;
  const DU64 du;
  const auto negative = hn::BroadcastSignBit(product);
  const auto magnitude = hn::BitCast(du, hn::Sub(hn::Xor(product, negative), negative));
  const auto half = hn::ShiftRight<1>(hn::Shl(hn::Set(du, 1), shift));
  const auto rounded = hn::BitCast(d, hn::Shr(hn::Add(magnitude, half), shift));
  const auto bound = hn::Sub(hn::Set(d, high), negative);
  const auto over = hn::Gt(rounded, bound);
  limited = hn::Add(limited, hn::VecFromMask(d, over));
  const auto kept = hn::IfThenElse(over, bound, rounded);
  return hn::Sub(hn::Xor(kept, negative), negative);
}

std::uint64_t Requantise(std::size_t count, const std::int32_t* x, const RequantRow& row, unsigned bits,
                         std::int32_t* dst) {
  const D32 d;
  const D64 d64;
  const DU64 du64;
  const std::size_t lanes = hn::Lanes(d);
  const std::int64_t high = (std::int64_t{1} << (bits - 1)) - 1;
  auto limited = hn::Zero(d64);
  std::size_t j = 0;
  for (; j + lanes <= count; j += lanes) {
    const auto value = hn::Add(hn::LoadU(d, x + j), hn::LoadU(d, row.addends + j));
    const auto multiplier = hn::LoadU(d, row.multipliers + j);
    const auto shift = hn::BitCast(du64, hn::LoadU(d, row.shifts + j));
    const auto even =
        RoundAndLimit(hn::MulEven(value, multiplier), hn::And(shift, hn::Set(du64, 0xffffffffU)), high, limited);
    const auto odd_value = hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(du64, value)));
    const auto odd_multiplier = hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(du64, multiplier)));
    const auto odd = RoundAndLimit(hn::MulEven(odd_value, odd_multiplier), hn::ShiftRight<32>(shift), high, limited);
    hn::StoreU(hn::OddEven(hn::BitCast(d, hn::ShiftLeft<32>(odd)), hn::BitCast(d, even)), d, dst + j);
  }
  const auto saturations = static_cast<std::uint64_t>(-hn::GetLane(hn::SumOfLanes(d64, limited)));
  if (j == count) return saturations;
  const RequantRow rest{row.addends + j, row.multipliers + j, row.shifts + j};
  return saturations + portable_kernels().requantise(count - j, x + j, rest, bits, dst + j);
}

HWY_INLINE std::int32_t Maximum(std::size_t count, const std::int32_t* values) {
  const D32 d;
  const std::size_t lanes = hn::Lanes(d);
  std::int32_t top = values[0];
  std::size_t j = 0;
  if (count >= lanes) {
    auto tops = hn::LoadU(d, values);
    for (j = lanes; j + lanes <= count; j += lanes) tops = hn::Max(tops, hn::LoadU(d, values + j));
    top = hn::GetLane(hn::MaxOfLanes(d, tops));
  }
  for (; j < count; ++j) top = std::max(top, values[j]);
  return top;
}

std::int64_t SoftmaxWeights(std::size_t count, const std::int32_t* scores, const ScoreExponential& exponential,
                            std::int16_t* weights) {
  if (!exponential.narrow()) return portable_kernels().softmax_weights(count, scores, exponential, weights);
  const D32 d;
  const DU32 du;
  const DU64 du64;
  const hn::Rebind<std::int16_t, D32> half_d16;
  const std::size_t lanes = hn::Lanes(d);
  const std::int32_t top = Maximum(count, scores);
  const auto tops = hn::Set(du, static_cast<std::uint32_t>(top));
  // Differences beyond the last that counts give 0, and so does the one behind it.
  const auto cap = hn::Set(du, static_cast<std::uint32_t>(std::min<std::int64_t>(exponential.last() + 1, 0xffffffff)));
  const auto multiplier = hn::Set(du, static_cast<std::uint32_t>(exponential.multiplier()));
  const int shift = static_cast<int>(exponential.shift());
  const auto half = hn::Set(du64, shift > 0 ? std::uint64_t{1} << (shift - 1) : 0);
  const auto zero_from = hn::Set(du, static_cast<std::uint32_t>(ScoreExponential::kZeroFrom));
  std::int64_t sum = 0;
  std::size_t j = 0;
  constexpr std::size_t kFlush = 1U << 18;  // 4095 times this stays in int32
  while (j + lanes <= count) {
    auto part = hn::Zero(d);
    for (const std::size_t end = std::min(count, j + kFlush); j + lanes <= end; j += lanes) {
      const auto score = hn::BitCast(du, hn::LoadU(d, scores + j));
      const auto difference = hn::Min(hn::Sub(tops, score), cap);
      const auto even = hn::ShiftRightSame(hn::Add(hn::MulEven(difference, multiplier), half), shift);
      const auto odd_difference = hn::BitCast(du, hn::ShiftRight<32>(hn::BitCast(du64, difference)));
      const auto odd = hn::ShiftRightSame(hn::Add(hn::MulEven(odd_difference, multiplier), half), shift);
      const auto t = hn::BitCast(
          d, hn::Min(hn::OddEven(hn::BitCast(du, hn::ShiftLeft<32>(odd)), hn::BitCast(du, even)), zero_from));
      const auto index = hn::And(hn::ShiftRight<10>(t), hn::Set(d, 63));
      const auto slope = hn::GatherIndex(d, exponential.slopes().data(), index);
      const auto base = hn::GatherIndex(d, exponential.bases().data(), index);
      const auto step = hn::Add(hn::Mul(slope, hn::And(t, hn::Set(d, 1023))), hn::Set(d, 512));
      const auto v = hn::Add(base, hn::ShiftRight<10>(step));
      const auto down = hn::Add(hn::ShiftRight<16>(t), hn::Set(d, 8));
      const auto rounding = hn::Shl(hn::Set(d, 1), hn::Sub(down, hn::Set(d, 1)));
      const auto weight = hn::Min(hn::Shr(hn::Add(v, rounding), down), hn::Set(d, 4095));
      hn::StoreU(hn::DemoteTo(half_d16, weight), half_d16, weights + j);
      part = hn::Add(part, weight);
    }
    sum += hn::GetLane(hn::SumOfLanes(d, part));
  }
  for (; j < count; ++j) {
    const std::int32_t weight = exponential(std::int64_t{top} - scores[j]);
    weights[j] = static_cast<std::int16_t>(weight);
    sum += weight;
  }
  return sum;
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace dixion
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dixion {
namespace {

HWY_EXPORT(Requantise);
HWY_EXPORT(SoftmaxWeights);

class FastKernels final : public KernelSet {
 public:
  explicit FastKernels(unsigned threads)
      : micro_(vnni_micro_kernel() != nullptr ? *vnni_micro_kernel() : highway_micro_kernel()), workers_(threads) {}

  [[nodiscard]] const char* name() const override { return micro_.name; }

  void dot_products(std::size_t m, std::size_t n, std::size_t k, const std::int16_t* a, std::size_t lda,
                    const std::int16_t* b, std::size_t ldb, std::int32_t* c, std::size_t ldc) const override {
    multiply_by_panels(micro_, m, n, k, a, lda, b, ldb, c, ldc);
  }

  void dot_products(std::size_t m, std::size_t n, std::size_t k, const std::int16_t* a, std::size_t lda,
                    const std::int8_t* b, std::size_t ldb, std::int32_t* c, std::size_t ldc) const override {
    multiply_by_panels(micro_, m, n, k, a, lda, b, ldb, c, ldc);
  }

  std::uint64_t requantise(std::size_t count, const std::int32_t* x, const RequantRow& row, unsigned bits,
                           std::int32_t* dst) const override {
    return HWY_DYNAMIC_DISPATCH(Requantise)(count, x, row, bits, dst);
  }

  std::int64_t softmax_weights(std::size_t count, const std::int32_t* scores, const ScoreExponential& exponential,
                               std::int16_t* weights) const override {
    return HWY_DYNAMIC_DISPATCH(SoftmaxWeights)(count, scores, exponential, weights);
  }

  [[nodiscard]] unsigned threads() const override { return workers_.threads(); }

  void for_each(std::size_t count, const std::function<void(std::size_t)>& body) const override {
    workers_.for_each(count, body);
  }

 private:
  const MicroKernel& micro_;
  mutable WorkerPool workers_;
};

}  // namespace

unsigned default_threads() { return std::clamp(processors(), 1U, 2U); }

std::unique_ptr<KernelSet> make_fast_kernels(unsigned threads) { return std::make_unique<FastKernels>(threads); }

const KernelSet& fast_kernels() {
  static const FastKernels kernels(default_threads());
  return kernels;
}

}  // namespace dixion
#endif
