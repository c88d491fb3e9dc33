// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/token_source.h"

#include <algorithm>

namespace dixion {
namespace {

constexpr std::int64_t kRadius = 2;        // cells to each side that are averaged
constexpr std::uint32_t kPersistence = 8;  // decisions from one field of noise to the next

/// The output function of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
std::uint64_t scramble(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

/// Width of a square of so many cells, or all of them.
std::int64_t width_of(std::int64_t cells) {
  std::int64_t width = 1;
  while (width * width < cells) ++width;
  return width * width == cells ? width : cells;
}

/// 20 bits of noise per cell, two fields blended.
std::vector<std::uint64_t> noise(std::uint64_t seed, std::uint32_t generation, std::size_t cells) {
  const std::uint64_t now = scramble(seed + generation / kPersistence);
  const std::uint64_t next = scramble(seed + generation / kPersistence + 1);
  const std::uint64_t part = generation % kPersistence;
  std::vector<std::uint64_t> values(cells);
  for (std::size_t i = 0; i < cells; ++i) {
    values[i] = (scramble(now + i) >> 44) * (kPersistence - part) + (scramble(next + i) >> 44) * part;
  }
  return values;
}

}  // namespace

std::vector<std::uint64_t> StatisticalTokens::changes(std::uint32_t sample, std::uint32_t generation,
                                                      std::uint32_t tokens) const {
  const std::vector<std::uint64_t> values = noise(scramble(seed_ ^ scramble(sample)), generation, tokens);
  const std::int64_t width = width_of(tokens), height = tokens / width;
  std::vector<std::uint64_t> smooth(tokens);
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      std::uint64_t sum = 0, cells = 0;
      for (std::int64_t v = std::max<std::int64_t>(0, y - kRadius); v <= std::min(height - 1, y + kRadius); ++v) {
        for (std::int64_t u = std::max<std::int64_t>(0, x - kRadius); u <= std::min(width - 1, x + kRadius); ++u) {
          sum += values[static_cast<std::size_t>(v * width + u)];
          ++cells;
        }
      }
      smooth[static_cast<std::size_t>(y * width + x)] = sum / cells;
    }
  }
  return smooth;
}

}  // namespace dixion
