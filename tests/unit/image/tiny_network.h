// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace dixion::test {

/// The tiny workload's network and sampler in double precision, straight from its weights file: no graph, no image, no
/// activation scales. `noise` [classes, 64] Q16 in token order; returns pictures [classes, 8, 8].
std::vector<double> tiny_pictures(const std::filesystem::path& weights, const std::vector<std::int32_t>& noise,
                                  const std::vector<std::uint32_t>& classes, std::uint32_t steps, double guidance);

}  // namespace dixion::test
