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

#endif

const char* TargetName() { return hwy::TargetName(HWY_TARGET); }

}  // namespace HWY_NAMESPACE
}  // namespace dixion
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dixion {
namespace {

HWY_EXPORT(DotProducts);
HWY_EXPORT(TargetName);

class FastKernels final : public KernelSet {
 public:
  [[nodiscard]] const char* name() const override { return HWY_DYNAMIC_DISPATCH(TargetName)(); }

  void dot_products(std::size_t m, std::size_t n, std::size_t k, const std::int16_t* a, std::size_t lda,
                    const std::int16_t* b, std::size_t ldb, std::int32_t* c, std::size_t ldc) const override {
    HWY_DYNAMIC_DISPATCH(DotProducts)(m, n, k, a, lda, b, ldb, c, ldc);
  }
};

}  // namespace

const KernelSet& fast_kernels() {
  static const FastKernels kernels;
  return kernels;
}

}  // namespace dixion
#endif
