// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "platform/mask_file.h"

namespace dixion {

/// Words that are asked for in order, as many at a time as there are banks.
struct BankProbe {
  std::uint64_t stride = 0;  ///< bytes from one to the next
  std::uint64_t base = 0;    ///< address of the first
  std::uint64_t count = 0;   ///< 0: as many as there are banks
  unsigned banks = 64;       ///< power of two
  unsigned word_bytes = 64;
  std::string map;                    ///< "interleave", "xor", "ipoly", "prime", "matrix"; empty: the first four
  std::vector<std::uint64_t> matrix;  ///< masks of "matrix"
  /// A PBM file or a recording: each row asks for what it keeps, column j at base + j x stride. Empty: all are asked
  /// for, once.
  std::string mask;
  MaskChoice choice;  ///< of a recording
};

/// Prints per map the busiest bank against the ideal, cycles, conflicts, and the load of every bank. Returns 0; throws
/// ConfigError for values that make no sense.
int probe_banks(const BankProbe& probe, std::ostream& out);

}  // namespace dixion
