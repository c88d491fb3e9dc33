// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/memory/linear_map.h"

namespace dixion {

/// bank = word mod an irreducible polynomial, both taken as polynomials over GF(2) (B. R. Rau, "Pseudo-randomly
/// interleaved memory", ISCA 1991). For 16, 32 and 64 banks these are the equations of GPGPU-Sim and ONNXim, which stop
/// at word bits 16, 19 and 24; here all 64 bits count.
class IpolyMap final : public LinearMap {
 public:
  explicit IpolyMap(unsigned banks) : LinearMap(masks(banks)) {}
  [[nodiscard]] const char* name() const override { return "ipoly"; }
  /// The polynomial for so many banks (2 to 65536), bit n for x^n.
  [[nodiscard]] static std::uint64_t polynomial(unsigned banks);

 private:
  static std::vector<std::uint64_t> masks(unsigned banks);
};

}  // namespace dixion
