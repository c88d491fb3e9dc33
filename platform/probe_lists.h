// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "platform/mask_file.h"

namespace dixion {

/// Attention under a mask in list mode (docs/timing.md), one core by itself.
struct ListProbe {
  std::string mask;   ///< a PBM file, a row per query, black (1) is kept, or a recording; empty: masks are drawn
  MaskChoice choice;  ///< of a recording
  std::vector<double> densities;  ///< of drawn masks
  unsigned skew = 0;              ///< of their columns (models/sparsity/random_mask.h)
  unsigned queries = 256;         ///< rows of drawn masks
  unsigned keys = 256;            ///< columns
  std::uint64_t seed = 1;
  std::vector<std::string> maps;  ///< empty: all that take no masks
  unsigned groups = 64, words_per_cycle = 1, banks = 64, fifo_depth = 16, vector_lanes = 64;
  unsigned keys_per_word = 1;  ///< rows of K or V in a word of the core SRAM
  unsigned depth = 72;         ///< D
};

/// Prints a table: per mask, bank map and unicast or multicast the cycles against what the groups alone would take,
/// reads of the busiest bank, stalls. Returns 0; throws ConfigError for values that make no sense.
int probe_lists(const ListProbe& probe, std::ostream& out);

}  // namespace dixion
