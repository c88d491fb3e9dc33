// SPDX-License-Identifier: Apache-2.0
#include "models/memory/ipoly_map.h"

#include <array>
#include <bit>

namespace dixion {

std::uint64_t IpolyMap::polynomial(unsigned banks) {
  // By degree from 1. Those of degree 4, 5 and 6 are GPGPU-Sim's; the others are irreducible polynomials of few terms.
  static constexpr std::array<std::uint64_t, 16> kPolynomials = {
      0x3, 0x7, 0xb, 0x13, 0x25, 0x43, 0x83, 0x11d, 0x211, 0x409, 0x805, 0x1053, 0x201b, 0x4443, 0x8003, 0x1100b};
  return kPolynomials.at(static_cast<unsigned>(std::countr_zero(banks)) - 1);
}

std::vector<std::uint64_t> IpolyMap::masks(unsigned banks) {
  const auto bits = static_cast<unsigned>(std::countr_zero(banks));
  std::vector<std::uint64_t> result(bits);
  std::uint64_t remainder = 1;  // of x^n
  for (unsigned n = 0; bits != 0 && n < 64; ++n) {
    for (unsigned bit = 0; bit < bits; ++bit) {
      if ((remainder >> bit & 1U) != 0) result[bit] |= std::uint64_t{1} << n;
    }
    remainder <<= 1U;
    if ((remainder & banks) != 0) remainder ^= polynomial(banks);
  }
  return result;
}

}  // namespace dixion
