// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "models/abi/register_info.h"
#include "models/common/tensor_view.h"

namespace dixion {

/// Cores (or DMA channels) a command runs on: bit i is core i.
using CoreMask = std::uint64_t;

/// A decoded command with its operands resolved: what an engine sees.
struct Command {
  const abi::OpcodeInfo* info = nullptr;  ///< never null once decoded
  std::uint8_t queue = 0;
  std::uint32_t id = 0;                   ///< the queue's running number
  std::uint32_t list_index = kNotInList;
  std::uint32_t tag = 0;                  ///< tag_base already added
  std::uint8_t flags = 0;
  CoreMask cores = 1;                     ///< at least one bit
  dixion_split split = DIXION_SPLIT_ROWS;
  std::array<TensorView, DIXION_MAX_OPERANDS> operands{};  ///< in the opcode's order
  std::array<std::uint32_t, 4> immediates{};               ///< parameters already put in

  static constexpr std::uint32_t kNotInList = 0xffffffff;
};

/// Why a command cannot run. Becomes the completion record, the error registers and one line for people.
struct CommandError {
  dixion_cause cause = DIXION_CAUSE_NONE;
  std::uint32_t field = DIXION_FIELD_NONE;  ///< DIXION_FIELD_*, OPERAND0 + i for operand i
  std::uint64_t value = 0;
  std::string expected;                     ///< for people, e.g. "K = 128 like src"

  [[nodiscard]] explicit operator bool() const { return cause != DIXION_CAUSE_NONE; }
};

}  // namespace dixion
