// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "models/memory/linear_map.h"

namespace dixion {

/// Any matrix over GF(2): bit n of the bank is the parity of word & masks[n].
class MatrixMap final : public LinearMap {
 public:
  MatrixMap(unsigned /*banks*/, const std::vector<std::uint64_t>& masks) : LinearMap(masks) {}
  [[nodiscard]] const char* name() const override { return "matrix"; }

  /// What is wrong with `masks` for so many banks (a power of two): their number, or that they are not independent, so
  /// that some banks would never be used. Empty if nothing is.
  [[nodiscard]] static std::string mistake(unsigned banks, const std::vector<std::uint64_t>& masks);
};

}  // namespace dixion
