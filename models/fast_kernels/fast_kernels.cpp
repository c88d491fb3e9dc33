// SPDX-License-Identifier: Apache-2.0
#include "models/fast_kernels/fast_kernels.h"

#include <algorithm>
#include <cstring>
#include <string>

// Vectors without a size at compile time cannot stand in arrays.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/fast_kernels/fast_kernels.cpp"
#include <hwy/aligned_allocator.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace dixion {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR

// One lane holds no pair.
void DotProducts(std::size_t m, std::size_t n, std::size_t k, const std::int16_t* a, std::size_t lda,
                 const std::int16_t* b, std::size_t ldb, std::int32_t* c, std::size_t ldc) {
  portable_kernels().dot_products(m, n, k, a, lda, b, ldb, c, ldc);
}

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
using D16 = hn::Repartition<std::int16_t, D32>;

constexpr std::size_t kTileRows = 6;  // times two vectors of columns: accumulators for 16 registers
constexpr std::size_t kTileVectors = 2;

// Two neighbours along k travel as one 32-bit lane: products of a pair are added by the multiplication itself.
HWY_INLINE std::int32_t LoadPair(const std::int16_t* values) {
  std::int32_t pair;
  std::memcpy(&pair, values, sizeof pair);
  return pair;
}

HWY_INLINE std::int32_t LastPair(const std::int16_t* values) {
  const std::int16_t both[2] = {values[0], 0};
  return LoadPair(both);
}

/// panel[p * width + j] = pair p of row j of b; missing rows and an odd last element are padded with 0.
void PackPanel(std::size_t width, std::size_t columns, std::size_t k, const std::int16_t* b, std::size_t ldb,
               std::int32_t* panel) {
  const std::size_t pairs = k / 2;
  for (std::size_t j = 0; j < width; ++j) {
    const std::int16_t* row = b + j * ldb;
    for (std::size_t p = 0; p < pairs; ++p) panel[p * width + j] = j < columns ? LoadPair(row + 2 * p) : 0;
    if (k % 2 != 0) panel[pairs * width + j] = j < columns ? LastPair(row + k - 1) : 0;
  }
}

template <std::size_t kRows, std::size_t kVectors>
struct Tile {
  using V = hn::Vec<D32>;
  V even[kRows][kVectors];
  V odd[kRows][kVectors];  // some targets spread products over two sums

  HWY_INLINE void Clear() {
    const D32 d;
    for (std::size_t r = 0; r < kRows; ++r) {
      for (std::size_t v = 0; v < kVectors; ++v) even[r][v] = odd[r][v] = hn::Zero(d);
    }
  }
};

template <std::size_t kRows, std::size_t kVectors>
HWY_INLINE void MultiplyTile(std::size_t k, const std::int16_t* HWY_RESTRICT a, std::size_t lda,
                             const std::int32_t* HWY_RESTRICT panel, std::int32_t* HWY_RESTRICT c, std::size_t ldc) {
  const D32 d;
  const D16 d16;
  const std::size_t lanes = hn::Lanes(d);
  Tile<kRows, kVectors> tile;
  tile.Clear();
  const std::size_t pairs = k / 2;
  for (std::size_t p = 0; p < pairs; ++p) {
    hn::Vec<D16> b[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v) {
      b[v] = hn::BitCast(d16, hn::Load(d, panel + (p * kVectors + v) * lanes));
    }
    for (std::size_t r = 0; r < kRows; ++r) {
      const auto pair = hn::BitCast(d16, hn::Set(d, LoadPair(a + r * lda + 2 * p)));
      for (std::size_t v = 0; v < kVectors; ++v) {
        tile.even[r][v] = hn::ReorderWidenMulAccumulate(d, pair, b[v], tile.even[r][v], tile.odd[r][v]);
      }
    }
  }
  if (k % 2 != 0) {
    for (std::size_t r = 0; r < kRows; ++r) {
      const auto pair = hn::BitCast(d16, hn::Set(d, LastPair(a + r * lda + k - 1)));
      for (std::size_t v = 0; v < kVectors; ++v) {
        const auto b = hn::BitCast(d16, hn::Load(d, panel + (pairs * kVectors + v) * lanes));
        tile.even[r][v] = hn::ReorderWidenMulAccumulate(d, pair, b, tile.even[r][v], tile.odd[r][v]);
      }
    }
  }
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      hn::StoreU(hn::RearrangeToOddPlusEven(tile.even[r][v], tile.odd[r][v]), d, c + r * ldc + v * lanes);
    }
  }
}

template <std::size_t kVectors>
HWY_INLINE void MultiplyRows(std::size_t rows, std::size_t k, const std::int16_t* a, std::size_t lda,
                             const std::int32_t* panel, std::int32_t* c, std::size_t ldc) {
  switch (rows) {
    case 1:
      return MultiplyTile<1, kVectors>(k, a, lda, panel, c, ldc);
    case 2:
      return MultiplyTile<2, kVectors>(k, a, lda, panel, c, ldc);
    case 3:
      return MultiplyTile<3, kVectors>(k, a, lda, panel, c, ldc);
    case 4:
      return MultiplyTile<4, kVectors>(k, a, lda, panel, c, ldc);
    case 5:
      return MultiplyTile<5, kVectors>(k, a, lda, panel, c, ldc);
    default:
      return MultiplyTile<kTileRows, kVectors>(k, a, lda, panel, c, ldc);
  }
}

/// All rows against one panel of up to kVectors vectors of columns.
template <std::size_t kVectors>
void MultiplyPanel(std::size_t m, std::size_t columns, std::size_t k, const std::int16_t* a, std::size_t lda,
                   const std::int32_t* panel, std::int32_t* c, std::size_t ldc) {
  const std::size_t width = kVectors * hn::Lanes(D32());
  HWY_ALIGN std::int32_t edge[kTileRows * kVectors * hn::MaxLanes(D32())];
  for (std::size_t i = 0; i < m; i += kTileRows) {
    const std::size_t rows = std::min(kTileRows, m - i);
    if (columns == width) {
      MultiplyRows<kVectors>(rows, k, a + i * lda, lda, panel, c + i * ldc, ldc);
      continue;
    }
    MultiplyRows<kVectors>(rows, k, a + i * lda, lda, panel, edge, width);
    for (std::size_t r = 0; r < rows; ++r) std::copy_n(edge + r * width, columns, c + (i + r) * ldc);
  }
}

void DotProducts(std::size_t m, std::size_t n, std::size_t k, const std::int16_t* a, std::size_t lda,
                 const std::int16_t* b, std::size_t ldb, std::int32_t* c, std::size_t ldc) {
  const std::size_t lanes = hn::Lanes(D32());
  const std::size_t wide = kTileVectors * lanes;
  auto panel = hwy::AllocateAligned<std::int32_t>((k + 1) / 2 * wide);
  for (std::size_t j = 0; j < n; j += wide) {
    const std::size_t columns = std::min(wide, n - j);
    if (columns > lanes) {
      PackPanel(wide, columns, k, b + j * ldb, ldb, panel.get());
      MultiplyPanel<kTileVectors>(m, columns, k, a, lda, panel.get(), c + j, ldc);
    } else {
      PackPanel(lanes, columns, k, b + j * ldb, ldb, panel.get());
      MultiplyPanel<1>(m, columns, k, a, lda, panel.get(), c + j, ldc);
    }
  }
}

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

const char* TargetName() { return hwy::TargetName(HWY_TARGET); }

}  // namespace HWY_NAMESPACE
}  // namespace dixion
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dixion {
namespace {

HWY_EXPORT(DotProducts);
HWY_EXPORT(Requantise);
HWY_EXPORT(SoftmaxWeights);
HWY_EXPORT(TargetName);

class FastKernels final : public KernelSet {
 public:
  [[nodiscard]] const char* name() const override { return HWY_DYNAMIC_DISPATCH(TargetName)(); }

  void dot_products(std::size_t m, std::size_t n, std::size_t k, const std::int16_t* a, std::size_t lda,
                    const std::int16_t* b, std::size_t ldb, std::int32_t* c, std::size_t ldc) const override {
    HWY_DYNAMIC_DISPATCH(DotProducts)(m, n, k, a, lda, b, ldb, c, ldc);
  }

  std::uint64_t requantise(std::size_t count, const std::int32_t* x, const RequantRow& row, unsigned bits,
                           std::int32_t* dst) const override {
    return HWY_DYNAMIC_DISPATCH(Requantise)(count, x, row, bits, dst);
  }

  std::int64_t softmax_weights(std::size_t count, const std::int32_t* scores, const ScoreExponential& exponential,
                               std::int16_t* weights) const override {
    return HWY_DYNAMIC_DISPATCH(SoftmaxWeights)(count, scores, exponential, weights);
  }
};

}  // namespace

const KernelSet& fast_kernels() {
  static const FastKernels kernels;
  return kernels;
}

}  // namespace dixion
#endif
