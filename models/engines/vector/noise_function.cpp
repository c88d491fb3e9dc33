// SPDX-License-Identifier: Apache-2.0
#include "models/engines/vector/noise_function.h"

#include <bit>

#include "models/common/fixed_point.h"
#include "models/common/numeric_tables.h"

namespace dixion {
namespace {

constexpr unsigned kRounds = 10;
constexpr std::uint64_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  for (unsigned round = 0; round < kRounds; ++round) {
    const std::uint64_t even = kMultiplier0 * counter[0];
    const std::uint64_t odd = kMultiplier1 * counter[2];
    counter = {static_cast<std::uint32_t>(odd >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(odd),
               static_cast<std::uint32_t>(even >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(even)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

std::int32_t normal_q16(std::uint32_t word) {
  const std::uint32_t tail = word & 0x7fffffffU;
  std::int64_t magnitude = 0;
  if (tail <= 63) {
    magnitude = tables::kNormal[tail];  // neighbours of the table are neighbouring tails here
  } else {
    const auto exponent = static_cast<unsigned>(std::bit_width(tail)) - 1;
    const unsigned fraction_bits = exponent - 5;
    const std::uint32_t index = 32 * (exponent - 4) + (tail >> fraction_bits) - 32;
    const std::uint32_t rest = tail & ((std::uint32_t{1} << fraction_bits) - 1);
    magnitude = interpolate(tables::kNormal.data(), index, rest, fraction_bits);
  }
  return static_cast<std::int32_t>((word >> 31) != 0 ? -magnitude : magnitude);
}

void fill_noise(const NoiseSource& source, std::uint32_t sample, std::size_t count, std::int32_t* dst) {
  for (std::size_t i = 0; i < count; i += 4) {
    const auto words = philox({static_cast<std::uint32_t>(i >> 2), 0, sample, source.stream}, source.seed);
    for (std::size_t j = 0; j < 4 && i + j < count; ++j) dst[i + j] = normal_q16(words[j]);
  }
}

}  // namespace dixion
