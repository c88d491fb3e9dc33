// SPDX-License-Identifier: Apache-2.0
/// Masks of docs/numerics.md section 18: one bit per key or tile of keys, 32 to a word, the lowest bit first. "Keys" of
/// a row are its bits here.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace dixion {

inline constexpr std::size_t kMaskWordBits = 32;

/// Elements that one bit of a mask stands for.
struct MaskTile {
  unsigned rows = 1, keys = 1;  ///< powers of two

  [[nodiscard]] std::size_t mask_rows(std::size_t queries) const { return (queries + rows - 1) / rows; }
  [[nodiscard]] std::size_t row_bits(std::size_t tk) const { return (tk + keys - 1) / keys; }
  friend bool operator==(const MaskTile&, const MaskTile&) = default;
};

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

/// Calls keep(j) for every key j < tk that a row with bits of `tile` keeps, lowest first.
template <typename Keep>
void for_each_kept_key(const std::uint32_t* row, std::size_t tk, const MaskTile& tile, Keep keep) {
  for_each_kept(row, tile.row_bits(tk), [&](std::size_t bit) {
    const std::size_t end = (bit + 1) * tile.keys < tk ? (bit + 1) * tile.keys : tk;
    for (std::size_t j = bit * tile.keys; j < end; ++j) keep(j);
  });
}

inline std::size_t kept_keys(const std::uint32_t* row, std::size_t keys) {
  std::size_t count = 0;
  for_each_kept(row, keys, [&](std::size_t) { ++count; });
  return count;
}

}  // namespace dixion
