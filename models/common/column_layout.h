// SPDX-License-Identifier: Apache-2.0
/// Which operands of a command lie by tiles' columns (docs/programming_model.md, "Tiles' columns"): the hidden tensor
/// of a feed-forward network under a mask. What lies where: models/sparsity/column_tiles.h.
#pragma once

#include <cstdint>

#include "models/common/command.h"

namespace dixion {

/// In immediate 3 of MATMUL_MASKED: dst lies by tiles' columns.
inline constexpr std::uint32_t kDstByColumns = 0x100;

/// How a command says so, and where its mask is.
struct ColumnLayout {
  std::uint32_t operands = 0;    ///< bit i: operand i lies by tiles' columns; 0: none does, the rest says nothing
  std::uint32_t field = 0;       ///< DIXION_FIELD_* of the command that says it
  unsigned mask = 0;             ///< operand: UINT32 [batch, M, words]
  std::uint32_t grid_width = 0;  ///< tokens in a row of the picture, tiles are 4 x 4 of them; 0: tokens in order

  [[nodiscard]] explicit operator bool() const { return operands != 0; }
  [[nodiscard]] bool has(unsigned operand) const { return (operands >> operand & 1) != 0; }
};

[[nodiscard]] inline ColumnLayout column_layout(const Command& command) {
  const auto& immediates = command.immediates;
  switch (command.info->value) {
    case DIXION_OPCODE_MATMUL_MASKED:
      if ((immediates[3] & kDstByColumns) == 0) return {};
      return {1U << 6, DIXION_FIELD_IMMEDIATE0 + 3, 4, immediates[3] >> 16};
    case DIXION_OPCODE_MATMUL_RESUME:
      if (immediates[3] == 0) return {};
      return {1U << 0, DIXION_FIELD_IMMEDIATE0 + 3, 3, immediates[2]};
    case DIXION_OPCODE_GELU:
    case DIXION_OPCODE_GELU_TANH:
    case DIXION_OPCODE_GEGLU:
      if (!command.operands[2]) return {};
      return {1U << 0 | 1U << 1, DIXION_FIELD_OPERAND0 + 2, 2, immediates[3] >> 16};
    default:
      return {};
  }
}

}  // namespace dixion
