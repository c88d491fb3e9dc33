// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "models/sparsity/mask.h"

namespace dixion {

/// Reads a mask from a portable bitmap (PBM, kinds P1 and P4; Netpbm's format, which most picture programs write):
/// width is the number of columns, height the number of tokens, black (1) is needed. ConfigError names the file and
/// what is wrong: not readable, not PBM, a size outside 1 to 65535, too few or other characters, bytes left over.
[[nodiscard]] BitMask read_mask_file(const std::string& path);

/// The same from bytes; `name` is for messages.
[[nodiscard]] BitMask parse_mask(const std::string& bytes, const std::string& name);

}  // namespace dixion
