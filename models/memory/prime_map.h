// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/memory/bank_map.h"

namespace dixion {

/// bank = word mod p, where p is the smallest prime that is not below the number of banks configured: 17 for 16, 37 for
/// 32, 67 for 64 (D. H. Lawrie, C. R. Vora, "The prime memory system for array access", IEEE TC 1982). As many words as
/// banks are configured are asked for at a time and the row of a word is word / banks, so the banks beyond cost area: a
/// bank has as many rows as ever, and some of its words are never used.
class PrimeMap final : public BankMap {
 public:
  explicit PrimeMap(unsigned banks) : PrimeMap(banks, prime_from(banks)) {}
  /// Any modulus from 1; below `banks` rows conflict.
  PrimeMap(unsigned banks, unsigned modulus) : modulus_(modulus), spreads_rows_(modulus >= banks) {}

  [[nodiscard]] const char* name() const override { return "prime"; }
  [[nodiscard]] unsigned banks() const override { return modulus_; }
  [[nodiscard]] unsigned bank_of(std::uint64_t word) const override { return static_cast<unsigned>(word % modulus_); }
  [[nodiscard]] bool spreads_rows() const override { return spreads_rows_; }
  /// Moving a pattern turns the banks round.
  [[nodiscard]] std::uint64_t same_conflicts(std::uint64_t /*word*/, std::uint64_t /*span*/) const override {
    return 0;
  }

 private:
  static unsigned prime_from(unsigned banks) {
    const auto is_prime = [](unsigned n) {
      for (unsigned factor = 2; factor * factor <= n; ++factor) {
        if (n % factor == 0) return false;
      }
      return true;
    };
    unsigned prime = banks;  // a single bank stays one
    while (!is_prime(prime)) ++prime;
    return prime;
  }

  unsigned modulus_;
  bool spreads_rows_;
};

}  // namespace dixion
