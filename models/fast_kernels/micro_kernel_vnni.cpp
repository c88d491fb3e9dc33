// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstring>
#include <utility>

#include "models/fast_kernels/micro_kernel.h"

#if defined(__x86_64__) && defined(__GNUC__)
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC 12 warns of its own intrinsics (its bug 105593)
#endif
#include <immintrin.h>

#define DIXION_VNNI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define DIXION_VNNI_INLINE DIXION_VNNI __attribute__((always_inline)) inline

namespace dixion {
namespace {

constexpr std::size_t kLanes = 16;
constexpr std::size_t kRows = 8;  // times three vectors: 24 accumulators of 32 registers
constexpr std::size_t kVectors = 3;

DIXION_VNNI_INLINE __m512i broadcast_pair(const std::int16_t* values) {
  std::int32_t pair;
  std::memcpy(&pair, values, sizeof pair);
  return _mm512_set1_epi32(pair);
}

template <std::size_t kTileRows, std::size_t kTileVectors>
DIXION_VNNI void multiply_tile(std::size_t pairs, const std::int16_t* a, std::size_t lda, const std::int32_t* panel,
                               std::int32_t* c, std::size_t ldc) {
  __m512i sums[kTileRows][kTileVectors];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < kTileRows; ++r) {
#pragma GCC unroll 3
    for (std::size_t v = 0; v < kTileVectors; ++v) sums[r][v] = _mm512_setzero_si512();
  }
  for (std::size_t p = 0; p < pairs; ++p) {
    __m512i b[kTileVectors];
#pragma GCC unroll 3
    for (std::size_t v = 0; v < kTileVectors; ++v) b[v] = _mm512_load_si512(panel + (p * kTileVectors + v) * kLanes);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < kTileRows; ++r) {
      const __m512i pair = broadcast_pair(a + r * lda + 2 * p);
#pragma GCC unroll 3
      for (std::size_t v = 0; v < kTileVectors; ++v) sums[r][v] = _mm512_dpwssd_epi32(sums[r][v], b[v], pair);
    }
  }
#pragma GCC unroll 8
  for (std::size_t r = 0; r < kTileRows; ++r) {
#pragma GCC unroll 3
    for (std::size_t v = 0; v < kTileVectors; ++v) _mm512_storeu_si512(c + r * ldc + v * kLanes, sums[r][v]);
  }
}

using MultiplyTile = void (*)(std::size_t, const std::int16_t*, std::size_t, const std::int32_t*, std::int32_t*,
                              std::size_t);

template <std::size_t... kIndices>
constexpr std::array<MultiplyTile, sizeof...(kIndices)> make_tiles(std::index_sequence<kIndices...>) {
  return {multiply_tile<kIndices / kVectors + 1, kIndices % kVectors + 1>...};
}
constexpr auto kTiles = make_tiles(std::make_index_sequence<kRows * kVectors>());

void multiply(std::size_t row_count, std::size_t vector_count, std::size_t pairs, const std::int16_t* a,
              std::size_t lda, const std::int32_t* panel, std::int32_t* c, std::size_t ldc) {
  kTiles[(row_count - 1) * kVectors + vector_count - 1](pairs, a, lda, panel, c, ldc);
}

/// Elements [0, count) of a row as 16-bit lanes, zeros behind.
DIXION_VNNI_INLINE __m512i load_some(const std::int16_t* row, std::size_t count) {
  return _mm512_maskz_loadu_epi16(count >= 32 ? ~__mmask32{0} : (__mmask32{1} << count) - 1, row);
}
DIXION_VNNI_INLINE __m512i load_some(const std::int8_t* row, std::size_t count) {
  return _mm512_cvtepi8_epi16(_mm256_maskz_loadu_epi8(count >= 32 ? ~__mmask32{0} : (__mmask32{1} << count) - 1, row));
}

/// Turns 16 rows of 16 pairs into 16 pairs of 16 rows.
DIXION_VNNI_INLINE void transpose(__m512i (&rows)[kLanes]) {
  __m512i half[kLanes];
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kLanes; i += 2) {
    half[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    half[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
  }
  // rows[4 g + q]: of rows 4 g...4 g + 3, pair q of each 128-bit quarter.
#pragma GCC unroll 16
  for (std::size_t i = 0; i < kLanes; i += 4) {
    rows[i] = _mm512_unpacklo_epi64(half[i], half[i + 2]);
    rows[i + 1] = _mm512_unpackhi_epi64(half[i], half[i + 2]);
    rows[i + 2] = _mm512_unpacklo_epi64(half[i + 1], half[i + 3]);
    rows[i + 3] = _mm512_unpackhi_epi64(half[i + 1], half[i + 3]);
  }
#pragma GCC unroll 4
  for (std::size_t q = 0; q < 4; ++q) {
    const __m512i even_low = _mm512_shuffle_i32x4(rows[q], rows[q + 4], 0x88);
    const __m512i odd_low = _mm512_shuffle_i32x4(rows[q], rows[q + 4], 0xdd);
    const __m512i even_high = _mm512_shuffle_i32x4(rows[q + 8], rows[q + 12], 0x88);
    const __m512i odd_high = _mm512_shuffle_i32x4(rows[q + 8], rows[q + 12], 0xdd);
    rows[q] = _mm512_shuffle_i32x4(even_low, even_high, 0x88);
    rows[q + 4] = _mm512_shuffle_i32x4(odd_low, odd_high, 0x88);
    rows[q + 8] = _mm512_shuffle_i32x4(even_low, even_high, 0xdd);
    rows[q + 12] = _mm512_shuffle_i32x4(odd_low, odd_high, 0xdd);
  }
}

template <typename Element>
DIXION_VNNI void pack(std::size_t columns, std::size_t vector_count, std::size_t k, const Element* b, std::size_t ldb,
                      std::int32_t* panel) {
  const std::size_t width = vector_count * kLanes;
  for (std::size_t column = 0; column < width; column += kLanes) {
    for (std::size_t l = 0; l < k; l += 2 * kLanes) {
      __m512i rows[kLanes];
#pragma GCC unroll 16
      for (std::size_t i = 0; i < kLanes; ++i) {
        rows[i] = column + i < columns ? load_some(b + (column + i) * ldb + l, k - l) : _mm512_setzero_si512();
      }
      transpose(rows);
      std::int32_t* to = panel + l / 2 * width + column;
      const std::size_t pairs = (k - l + 1) / 2;
#pragma GCC unroll 16
      for (std::size_t p = 0; p < kLanes; ++p) {
        if (p < pairs) _mm512_store_si512(to + p * width, rows[p]);
      }
    }
  }
}

DIXION_VNNI void one_row(std::size_t columns, std::size_t k, const std::int16_t* a, const std::int8_t* b,
                         std::size_t ldb, std::int32_t* sums) {
  for (std::size_t j = 0; j < columns; ++j) {
    __m512i sum = _mm512_setzero_si512();
    for (std::size_t l = 0; l < k; l += 2 * kLanes) {
      sum = _mm512_dpwssd_epi32(sum, load_some(a + l, k - l), load_some(b + j * ldb + l, k - l));
    }
    sums[j] = _mm512_reduce_add_epi32(sum);
  }
}

constexpr MicroKernel kKernel{"AVX-512 VNNI",    kRows,  kLanes, kVectors, multiply, pack<std::int16_t>,
                              pack<std::int8_t>, one_row};

}  // namespace

const MicroKernel* vnni_micro_kernel() {
  static const bool supported = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                                __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
  return supported ? &kKernel : nullptr;
}

}  // namespace dixion

#else

namespace dixion {
const MicroKernel* vnni_micro_kernel() { return nullptr; }
}  // namespace dixion

#endif
