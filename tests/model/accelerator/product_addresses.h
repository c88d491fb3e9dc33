// SPDX-License-Identifier: Apache-2.0
/// Where the benches of one product keep their rings and tensors.
#pragma once

#include <cstdint>

namespace dixion::test {

inline constexpr std::uint64_t kRing = 0x1000;  // of queue 0; of queue 1 0x400 behind
inline constexpr std::uint64_t kRecords = 0x2000;
inline constexpr std::uint64_t kTable = 0x3000;
inline constexpr std::uint64_t kSrc = 0x10000;
inline constexpr std::uint64_t kWeight = 0x20000;
inline constexpr std::uint64_t kDst = 0x30000;

}  // namespace dixion::test
