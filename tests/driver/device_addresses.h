// SPDX-License-Identifier: Apache-2.0
/// Where the scripts see the accelerator.
#pragma once

#include <cstdint>

namespace dixion::test {

inline constexpr std::uint64_t kBase = 0x0400'0000, kIntrStatus = kBase + 0x48;

}  // namespace dixion::test
