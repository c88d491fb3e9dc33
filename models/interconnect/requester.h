// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace dixion {

/// Who moves bytes, for the targets' statistics.
enum class Requester : std::uint8_t {
  kOther,
  kHart,
  kFetch,
  kDescriptors,
  kRecords,
  kDma,
  kMatrix,
  kVector,
  kPrediction,
  kSparsity
};

inline constexpr unsigned kRequesters = 10;

/// As in the names of statistics, and in their sentences.
struct RequesterText {
  const char* name;
  const char* who;
};

[[nodiscard]] constexpr RequesterText requester_text(Requester requester) {
  switch (requester) {
    case Requester::kHart:
      return {"hart", "harts"};
    case Requester::kFetch:
      return {"fetch", "command fetch: rings, lists, parameter blocks"};
    case Requester::kDescriptors:
      return {"descriptors", "descriptor reads"};
    case Requester::kRecords:
      return {"records", "completion records and timestamps"};
    case Requester::kDma:
      return {"dma", "DMA"};
    case Requester::kMatrix:
      return {"matrix", "the matrix engine"};
    case Requester::kVector:
      return {"vector", "the vector engine"};
    case Requester::kPrediction:
      return {"prediction", "the prediction engine"};
    case Requester::kSparsity:
      return {"sparsity", "the sparsity controller"};
    default:
      return {"other", "initiators that do not say who they are"};
  }
}

[[nodiscard]] constexpr const char* requester_name(Requester requester) { return requester_text(requester).name; }

}  // namespace dixion
