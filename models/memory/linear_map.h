// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/memory/bank_map.h"

namespace dixion {

/// A map in which every bit of the bank is the xor of some bits of the word number: a matrix over GF(2).
class LinearMap : public BankMap {
 public:
  /// `masks`: per bit of the bank, lowest first, the bits of the word number that it is the xor of; at most 16.
  explicit LinearMap(const std::vector<std::uint64_t>& masks);

  [[nodiscard]] unsigned banks() const final { return 1U << bits_; }
  [[nodiscard]] unsigned bank_of(std::uint64_t word) const final {
    unsigned bank = 0;
    for (std::size_t byte = 0; word != 0; ++byte, word >>= 8U) bank ^= tables_[byte][word & 0xffU];
    return bank;
  }
  [[nodiscard]] bool spreads_rows() const final { return spreads_rows_; }
  /// Without carries bank(a + b) = bank(a) xor bank(b): what stands above the pattern's reach only renames banks.
  [[nodiscard]] std::uint64_t same_conflicts(std::uint64_t word, std::uint64_t span) const override;

 private:
  unsigned bits_;
  bool spreads_rows_ = false;
  std::array<std::array<std::uint16_t, 256>, 8> tables_{};  ///< bank of a byte of the word number at its place
};

/// Rank over GF(2) of the first `columns` (1 to 64) bits of `masks`.
[[nodiscard]] unsigned rank_of(std::vector<std::uint64_t> masks, unsigned columns);

}  // namespace dixion
