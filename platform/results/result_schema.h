// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace dixion {

/// "schema" in result.json and statistics.json. Grows when a name changes its meaning; names that are added leave it.
inline constexpr std::uint64_t kResultSchema = 2;

}  // namespace dixion
