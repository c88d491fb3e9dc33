// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "models/common/mask_bits.h"

namespace dixion {

/// Where the bits of a mask come from when time is worked out: memory, or made-up ones in timing mode.
class MaskSource {
 public:
  virtual ~MaskSource() = default;
  /// Writes mask_words(keys) words of one row, counted over batch, heads and queries; at least one key is kept.
  virtual void row(std::uint64_t number, std::size_t keys, std::uint32_t* words) const = 0;
};

/// A mask as it lies in a dense buffer.
class BufferMask final : public MaskSource {
 public:
  explicit BufferMask(const std::uint32_t* words) : words_(words) {}
  void row(std::uint64_t number, std::size_t keys, std::uint32_t* words) const override {
    const std::size_t count = mask_words(keys);
    for (std::size_t i = 0; i < count; ++i) words[i] = words_[number * count + i];
  }

 private:
  const std::uint32_t* words_;
};

/// Keys are kept independently of each other with the same probability; one per row always is. No skew of rows or
/// columns: real masks have both (docs/sparsity.md).
class StatisticalMask final : public MaskSource {
 public:
  /// density 0...1.
  StatisticalMask(double density, std::uint64_t seed)
      : limit_(static_cast<std::uint64_t>(density * 4294967296.0)), seed_(seed) {}
  void row(std::uint64_t number, std::size_t keys, std::uint32_t* words) const override {
    for (std::size_t i = 0; i < mask_words(keys); ++i) words[i] = 0;
    const auto keep = [words](std::uint64_t j) { words[j / kMaskWordBits] |= std::uint32_t{1} << j % kMaskWordBits; };
    const std::uint64_t base = scramble(seed_ ^ scramble(number));
    for (std::size_t j = 0; j < keys; ++j) {
      if (scramble(base + j) >> 32 < limit_) keep(j);
    }
    keep(scramble(base - 1) % keys);
  }

 private:
  /// The output function of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
  static std::uint64_t scramble(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
  }

  std::uint64_t limit_, seed_;
};

}  // namespace dixion
