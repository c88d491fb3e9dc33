// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/bare_kernels.h"

#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace dixion::bench {
namespace {

/// Elements k and k + 1 (and k + 2, k + 3 of bytes) travel as one 32-bit lane.
template <typename Element>
std::int32_t lane(const Element* values) {
  std::int32_t result;
  std::memcpy(&result, values, sizeof result);
  return result;
}

/// What a compiler makes of plain loops: for machines without the instructions below.
template <typename A, typename B>
void plain(std::size_t rows, std::size_t k, const A* a, const B* panel, std::int32_t* c) {
  constexpr std::size_t kGroup = 4 / sizeof(A);
  for (std::size_t i = 0; i < rows; ++i) {
    std::int32_t sums[kBareColumns] = {};
    for (std::size_t l = 0; l < k; ++l) {
      const B* column = panel + l / kGroup * kBareColumns * kGroup + l % kGroup;
      for (std::size_t j = 0; j < kBareColumns; ++j) sums[j] += std::int32_t{a[i * k + l]} * column[j * kGroup];
    }
    std::memcpy(c + i * kBareColumns, sums, sizeof sums);
  }
}

#if defined(__x86_64__)
#define DIXION_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

constexpr std::size_t kVectors = kBareColumns / 16;

struct MultiplyInt16 {
  DIXION_VNNI static __m512i add(__m512i sum, __m512i a, __m512i b) { return _mm512_dpwssd_epi32(sum, b, a); }
};
struct MultiplyInt8 {
  DIXION_VNNI static __m512i add(__m512i sum, __m512i a, __m512i b) { return _mm512_dpbusd_epi32(sum, a, b); }
};

template <typename Multiply, typename A, typename B>
DIXION_VNNI void vnni(std::size_t rows, std::size_t k, const A* a, const B* panel, std::int32_t* c) {
  constexpr std::size_t kGroup = 4 / sizeof(A);
  for (std::size_t i = 0; i < rows; i += kBareRows, a += kBareRows * k, c += kBareRows * kBareColumns) {
    __m512i sums[kBareRows][kVectors];
#pragma GCC unroll 24
    for (auto& row : sums) {
#pragma GCC unroll 24
      for (auto& sum : row) sum = _mm512_setzero_si512();
    }
    for (std::size_t l = 0; l < k; l += kGroup) {
      __m512i b[kVectors];
#pragma GCC unroll 24
      for (std::size_t v = 0; v < kVectors; ++v) b[v] = _mm512_loadu_si512(panel + l * kBareColumns + 16 * kGroup * v);
#pragma GCC unroll 24
      for (std::size_t r = 0; r < kBareRows; ++r) {
        const __m512i own = _mm512_set1_epi32(lane(a + r * k + l));
#pragma GCC unroll 24
        for (std::size_t v = 0; v < kVectors; ++v) sums[r][v] = Multiply::add(sums[r][v], own, b[v]);
      }
    }
#pragma GCC unroll 24
    for (std::size_t r = 0; r < kBareRows; ++r) {
#pragma GCC unroll 24
      for (std::size_t v = 0; v < kVectors; ++v) _mm512_storeu_si512(c + r * kBareColumns + 16 * v, sums[r][v]);
    }
  }
}

bool has_vnni() {
  static const bool has = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni");
  return has;
}
#else
bool has_vnni() { return false; }
#endif

}  // namespace

const char* bare_kernel_name() { return has_vnni() ? "AVX-512 VNNI" : "plain C++"; }

void bare_int16(std::size_t rows, std::size_t k, const std::int16_t* a, const std::int16_t* panel, std::int32_t* c) {
#if defined(__x86_64__)
  if (has_vnni()) return vnni<MultiplyInt16>(rows, k, a, panel, c);
#endif
  plain(rows, k, a, panel, c);
}

void bare_int8(std::size_t rows, std::size_t k, const std::uint8_t* a, const std::int8_t* panel, std::int32_t* c) {
#if defined(__x86_64__)
  if (has_vnni()) return vnni<MultiplyInt8>(rows, k, a, panel, c);
#endif
  plain(rows, k, a, panel, c);
}

}  // namespace dixion::bench
