// SPDX-License-Identifier: Apache-2.0
/// What the vector engine's operations share: factors from immediates, results as elements.
#pragma once

#include <cstdint>

#include "models/common/command.h"
#include "models/common/engine.h"
#include "models/common/fixed_point.h"
#include "models/engines/vector/activation_function.h"

namespace dixion {

/// The result's elements; Element is the lane of its format.
template <typename Element>
[[nodiscard]] Element* elements(Result::Tensor& tensor) {
  return reinterpret_cast<Element*>(tensor.bytes.data());
}

/// Immediates 0 and 1.
[[nodiscard]] inline Requantiser first_factor(const Command& command, unsigned bits) {
  return requantiser(command.immediates[0], command.immediates[1], bits);
}

/// Immediates 2 and 3, whose upper bits may say something else.
[[nodiscard]] inline Requantiser second_factor(const Command& command, unsigned bits) {
  return requantiser(command.immediates[2], command.immediates[3] & 0xff, bits);
}

[[nodiscard]] inline Activation activation_kind(std::uint8_t opcode) {
  switch (opcode) {
    case DIXION_OPCODE_GELU:
      return Activation::kGelu;
    case DIXION_OPCODE_GELU_TANH:
      return Activation::kGeluTanh;
    case DIXION_OPCODE_RELU:
      return Activation::kRelu;
    default:
      return Activation::kSilu;
  }
}

}  // namespace dixion
