// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "models/fast_kernels/micro_kernel.h"

// Vectors without a size at compile time cannot stand in arrays.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/fast_kernels/micro_kernel_highway.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace dixion {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

HWY_INLINE std::int32_t MakePair(std::int32_t first, std::int32_t second) {
  const std::int16_t both[2] = {static_cast<std::int16_t>(first), static_cast<std::int16_t>(second)};
  std::int32_t pair;
  std::memcpy(&pair, both, sizeof pair);
  return pair;
}

template <typename Element>
void PackColumns(std::size_t width, std::size_t columns, std::size_t k, const Element* b, std::size_t ldb,
                 std::int32_t* panel) {
  const std::size_t pairs = k / 2;
  for (std::size_t j = 0; j < width; ++j) {
    const Element* row = b + j * ldb;
    for (std::size_t p = 0; p < pairs; ++p) {
      panel[p * width + j] = j < columns ? MakePair(row[2 * p], row[2 * p + 1]) : 0;
    }
    if (k % 2 != 0) panel[pairs * width + j] = j < columns ? MakePair(row[k - 1], 0) : 0;
  }
}

#if HWY_TARGET == HWY_SCALAR

// One lane holds no pair.
constexpr std::size_t kTileRows = 4;
constexpr std::size_t kTileVectors = 8;
std::size_t LaneCount() { return 1; }

void Multiply(std::size_t row_count, std::size_t vector_count, std::size_t pairs, const std::int16_t* a,
              std::size_t lda, const std::int32_t* panel, std::int32_t* c, std::size_t ldc) {
  for (std::size_t i = 0; i < row_count; ++i) {
    for (std::size_t j = 0; j < vector_count; ++j) {
      std::int32_t sum = 0;
      for (std::size_t p = 0; p < pairs; ++p) {
        std::int16_t both[2];
        std::memcpy(both, panel + p * vector_count + j, sizeof both);
        sum += std::int32_t{a[i * lda + 2 * p]} * both[0] + std::int32_t{a[i * lda + 2 * p + 1]} * both[1];
      }
      c[i * ldc + j] = sum;
    }
  }
}

void OneRow(std::size_t columns, std::size_t k, const std::int16_t* a, const std::int8_t* b, std::size_t ldb,
            std::int32_t* sums) {
  for (std::size_t j = 0; j < columns; ++j) {
    sums[j] = 0;
    for (std::size_t l = 0; l < k; ++l) sums[j] += std::int32_t{a[l]} * b[j * ldb + l];
  }
}

#else

using D32 = hn::ScalableTag<std::int32_t>;
using D16 = hn::Repartition<std::int16_t, D32>;

constexpr std::size_t kTileRows = 6;  // times two vectors of columns: accumulators for 16 registers
constexpr std::size_t kTileVectors = 2;
std::size_t LaneCount() { return hn::Lanes(D32()); }

template <std::size_t kRows, std::size_t kVectors>
void MultiplyTile(std::size_t pairs, const std::int16_t* HWY_RESTRICT a, std::size_t lda,
                  const std::int32_t* HWY_RESTRICT panel, std::int32_t* HWY_RESTRICT c, std::size_t ldc) {
  const D32 d;
  const D16 d16;
  const std::size_t lanes = hn::Lanes(d);
  hn::Vec<D32> even[kRows][kVectors];
  hn::Vec<D32> odd[kRows][kVectors];  // some targets spread products over two sums
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t v = 0; v < kVectors; ++v) even[r][v] = odd[r][v] = hn::Zero(d);
  }
  for (std::size_t p = 0; p < pairs; ++p) {
    hn::Vec<D16> b[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v) {
      b[v] = hn::BitCast(d16, hn::Load(d, panel + (p * kVectors + v) * lanes));
    }
    for (std::size_t r = 0; r < kRows; ++r) {
      std::int32_t own;
      std::memcpy(&own, a + r * lda + 2 * p, sizeof own);
      const auto pair = hn::BitCast(d16, hn::Set(d, own));
      for (std::size_t v = 0; v < kVectors; ++v) {
        even[r][v] = hn::ReorderWidenMulAccumulate(d, pair, b[v], even[r][v], odd[r][v]);
      }
    }
  }
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      hn::StoreU(hn::RearrangeToOddPlusEven(even[r][v], odd[r][v]), d, c + r * ldc + v * lanes);
    }
  }
}

template <std::size_t kVectors>
void MultiplyRows(std::size_t rows, std::size_t pairs, const std::int16_t* a, std::size_t lda,
                  const std::int32_t* panel, std::int32_t* c, std::size_t ldc) {
  switch (rows) {
    case 1:
      return MultiplyTile<1, kVectors>(pairs, a, lda, panel, c, ldc);
    case 2:
      return MultiplyTile<2, kVectors>(pairs, a, lda, panel, c, ldc);
    case 3:
      return MultiplyTile<3, kVectors>(pairs, a, lda, panel, c, ldc);
    case 4:
      return MultiplyTile<4, kVectors>(pairs, a, lda, panel, c, ldc);
    case 5:
      return MultiplyTile<5, kVectors>(pairs, a, lda, panel, c, ldc);
    default:
      return MultiplyTile<kTileRows, kVectors>(pairs, a, lda, panel, c, ldc);
  }
}

void Multiply(std::size_t row_count, std::size_t vector_count, std::size_t pairs, const std::int16_t* a,
              std::size_t lda, const std::int32_t* panel, std::int32_t* c, std::size_t ldc) {
  if (vector_count == 1) {
    MultiplyRows<1>(row_count, pairs, a, lda, panel, c, ldc);
  } else {
    MultiplyRows<kTileVectors>(row_count, pairs, a, lda, panel, c, ldc);
  }
}

void OneRow(std::size_t columns, std::size_t k, const std::int16_t* a, const std::int8_t* b, std::size_t ldb,
            std::int32_t* sums) {
  const D32 d;
  const D16 d16;
  const hn::Rebind<std::int8_t, D16> d8;
  const std::size_t lanes = hn::Lanes(d16);
  for (std::size_t j = 0; j < columns; ++j) {
    const std::int8_t* row = b + j * ldb;
    auto even = hn::Zero(d), odd = hn::Zero(d);
    std::size_t l = 0;
    for (; l + lanes <= k; l += lanes) {
      const auto weights = hn::PromoteTo(d16, hn::LoadU(d8, row + l));
      even = hn::ReorderWidenMulAccumulate(d, hn::LoadU(d16, a + l), weights, even, odd);
    }
    std::int32_t sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(even, odd)));
    for (; l < k; ++l) sum += std::int32_t{a[l]} * row[l];
    sums[j] = sum;
  }
}

#endif

template <typename Element>
void Pack(std::size_t columns, std::size_t vector_count, std::size_t k, const Element* b, std::size_t ldb,
          std::int32_t* panel) {
  PackColumns(vector_count * LaneCount(), columns, k, b, ldb, panel);
}

const MicroKernel& Kernel() {
  static const MicroKernel kernel{hwy::TargetName(HWY_TARGET), kTileRows,         LaneCount(), kTileVectors, Multiply,
                                  Pack<std::int16_t>,          Pack<std::int8_t>, OneRow};
  return kernel;
}

}  // namespace HWY_NAMESPACE
}  // namespace dixion
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dixion {

HWY_EXPORT(Kernel);

const MicroKernel& highway_micro_kernel() { return HWY_DYNAMIC_DISPATCH(Kernel)(); }

}  // namespace dixion
#endif
