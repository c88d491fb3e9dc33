// SPDX-License-Identifier: Apache-2.0
/// `dixion-vp probe conmerge`: what ConMerge makes of a mask, without a simulation.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "platform/mask_file.h"

namespace dixion {

struct ConMergeProbe {
  std::string mask;                ///< a PBM file or a recording; empty: masks are drawn
  MaskChoice choice;               ///< of a recording
  std::vector<double> densities;   ///< 0 to 1, a row of the table each
  std::vector<unsigned> skews{0};  ///< see random_mask.h
  std::size_t rows = 256;          ///< tokens of drawn masks, 1 to 65535
  std::size_t columns = 4096;      ///< 1 to 65535
  std::uint64_t seed = 1;
  std::vector<std::string> rules{"greedy"};
  std::string tile = "rows";   ///< "rows", "patch"
  std::size_t grid_width = 0;  ///< tokens in a row of the picture; 0: it is a square
  std::uint64_t inner = 1152;  ///< K of the product, for array cycles (default: the width of DiT-XL)
  std::uint64_t dot_length = 16;
};

/// Writes a Markdown table: a row per rule and mask. Returns 0; throws ConfigError.
int probe_conmerge(const ConMergeProbe& options, std::ostream& out);

}  // namespace dixion
