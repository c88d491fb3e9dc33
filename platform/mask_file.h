// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/sparsity/mask.h"

namespace dixion {

/// Reads a mask from a portable bitmap (PBM, kinds P1 and P4; Netpbm's format, which most picture programs write):
/// width is the number of columns, height the number of tokens, black (1) is needed. ConfigError names the file and
/// what is wrong: not readable, not PBM, a size outside 1 to 65535, too few or other characters, bytes left over.
[[nodiscard]] BitMask read_mask_file(const std::string& path);

/// Which mask of a recording (docs/mask_files.md).
struct MaskChoice {
  std::optional<std::uint32_t> step, layer, operator_number, operand, ordinal;  ///< left out: any
  std::uint64_t group = 0;  ///< sample, or head of a sample: groups follow each other
};

/// Reads one mask of a recording: rows are tokens, or queries. ConfigError if it is none, names no such mask, or
/// several.
[[nodiscard]] BitMask read_recorded_mask(const std::string& path, const MaskChoice& choice);
/// Either, as the file begins. ConfigError also for a choice in a bitmap.
[[nodiscard]] BitMask read_mask(const std::string& path, const MaskChoice& choice);

/// The same as read_mask_file from bytes; `name` is for messages.
[[nodiscard]] BitMask parse_mask(const std::string& bytes, const std::string& name);

}  // namespace dixion
