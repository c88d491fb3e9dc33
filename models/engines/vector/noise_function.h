// SPDX-License-Identifier: Apache-2.0
/// Counter-based Gaussian noise, docs/numerics.md section 11.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace dixion {

/// Philox4x32 with ten rounds.
[[nodiscard]] std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                                  std::array<std::uint32_t, 2> key);

/// A uniform word as a standard normal number in Q16.
[[nodiscard]] std::int32_t normal_q16(std::uint32_t word);

struct NoiseSource {
  std::array<std::uint32_t, 2> seed{};  ///< low, high
  std::uint32_t stream = 0;
};

/// Writes one sample's `count` elements.
void fill_noise(const NoiseSource& source, std::uint32_t sample, std::size_t count, std::int32_t* dst);

}  // namespace dixion
