// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace dixion {

/// Who moves bytes, for the targets' traffic counters.
enum class Requester : std::uint8_t { kOther, kCommandProcessor, kDma, kMatrix, kVector };

inline constexpr unsigned kRequesters = 5;

[[nodiscard]] constexpr const char* requester_name(Requester requester) {
  switch (requester) {
    case Requester::kCommandProcessor:
      return "command_processor";
    case Requester::kDma:
      return "dma";
    case Requester::kMatrix:
      return "matrix";
    case Requester::kVector:
      return "vector";
    default:
      return "other";
  }
}

}  // namespace dixion
