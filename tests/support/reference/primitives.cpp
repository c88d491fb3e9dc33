// SPDX-License-Identifier: Apache-2.0
#include "tests/support/reference/primitives.h"

#include <bit>
#include <cmath>

#include "models/common/numeric_tables.h"

namespace dixion::reference {

Wide rdiv(Wide x, Wide d) {
  const Wide magnitude = x < 0 ? -x : x;
  const Wide quotient = (2 * magnitude + d) / (2 * d);
  return x < 0 ? -quotient : quotient;
}

Requant requant_of(double factor) {
  int shift = 62;
  while (shift > 0 && std::round(std::ldexp(factor, shift)) >= 2147483648.0) --shift;
  return {static_cast<std::int32_t>(std::round(std::ldexp(factor, shift))), shift};
}

std::int64_t lerp(const std::int32_t* table, std::size_t i, std::int64_t r, unsigned f) {
  const std::int64_t half = f > 0 ? std::int64_t{1} << (f - 1) : 0;
  const std::int64_t slope = std::int64_t{table[i + 1]} - table[i];
  return table[i] + ((slope * r + half) >> f);
}

std::int32_t exp2n(std::int64_t t) {
  const std::int64_t whole = t >> 16;
  const std::int64_t fraction = t & 65535;
  if (whole > 20) return 0;
  const std::int64_t v = lerp(tables::kExp2.data(), static_cast<std::size_t>(fraction >> 10), fraction & 1023, 10);
  const Wide e = rshr(v, 8 + static_cast<unsigned>(whole));
  return e > 4095 ? 4095 : static_cast<std::int32_t>(e);
}

InverseRoot rsqrt(std::uint64_t v) {
  const int p = 63 - std::countl_zero(v);
  const int h = p % 2 == 0 ? p - 30 : p - 31;
  const std::uint64_t u = h >= 0 ? v >> h : v << -h;
  const auto index = static_cast<std::size_t>((u >> 23) - 128);
  return {lerp(tables::kRsqrt.data(), index, static_cast<std::int64_t>(u & 0x7fffff), 23), h};
}

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t first = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t second = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(second >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(second),
               static_cast<std::uint32_t>(first >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(first)};
    key = {key[0] + 0x9E3779B9, key[1] + 0xBB67AE85};
  }
  return counter;
}

std::int32_t normal(std::uint32_t word) {
  const std::uint32_t t = word & 0x7fffffff;
  std::int64_t z = 0;
  if (t < 32) {
    z = tables::kNormal[t];
  } else {
    const auto n = static_cast<unsigned>(std::bit_width(t)) - 1;
    const std::size_t index = 32 * (n - 4) + (t >> (n - 5)) - 32;
    z = lerp(tables::kNormal.data(), index, t & ((1U << (n - 5)) - 1), n - 5);
  }
  return static_cast<std::int32_t>(word >> 31 ? -z : z);
}

}  // namespace dixion::reference
