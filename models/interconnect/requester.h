// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace dixion {

/// Who moves bytes, for the targets' traffic counters.
enum class Requester : std::uint8_t { kOther, kCommandProcessor, kDma, kMatrix, kVector, kPrediction, kSparsity };

inline constexpr unsigned kRequesters = 7;

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
    case Requester::kPrediction:
      return "prediction";
    case Requester::kSparsity:
      return "sparsity";
    default:
      return "other";
  }
}

}  // namespace dixion
