// SPDX-License-Identifier: Apache-2.0
/// Masks of docs/numerics.md section 18: one bit per key, 32 to a word, the lowest bit first.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace dixion {

inline constexpr std::size_t kMaskWordBits = 32;

constexpr std::size_t mask_words(std::size_t keys) { return (keys + kMaskWordBits - 1) / kMaskWordBits; }

/// Calls keep(j) for every kept key j < keys of one row, lowest first.
template <typename Keep>
void for_each_kept(const std::uint32_t* row, std::size_t keys, Keep keep) {
  for (std::size_t word = 0; word < mask_words(keys); ++word) {
    std::uint32_t bits = row[word];
    const std::size_t left = keys - word * kMaskWordBits;
    if (left < kMaskWordBits) bits &= (std::uint32_t{1} << left) - 1;
    for (; bits != 0; bits &= bits - 1) {
      keep(word * kMaskWordBits + static_cast<std::size_t>(std::countr_zero(bits)));
    }
  }
}

inline std::size_t kept_keys(const std::uint32_t* row, std::size_t keys) {
  std::size_t count = 0;
  for_each_kept(row, keys, [&](std::size_t) { ++count; });
  return count;
}

}  // namespace dixion
