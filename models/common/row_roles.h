// SPDX-License-Identifier: Apache-2.0
/// What operands are to a command with a row list (docs/programming_model.md, "Row lists"): one table for the decoder,
/// the engines and the packer of workloads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "models/abi/generated/commands.h"

namespace dixion {

/// Where the row list stands among a command's operands.
inline constexpr unsigned kRowListOperand = DIXION_MAX_OPERANDS - 1;

enum class RowRole : std::uint8_t {
  kNone,           ///< no operand of the opcode
  kRows,           ///< [T, D], [batch, T, D] or [batch, heads, T, D]: rows of tokens
  kKeptRows,       ///< likewise, but listed rows are written in parts only
  kBroadcastRows,  ///< likewise, where an extent of 1 serves all tokens or all samples
  kRowBits,        ///< [batch, groups, ceil(T / 32)]: a bit per token; written, those of a sample with listed rows
  kTable,          ///< [T, D]: a row per token, for every sample
  kShared,         ///< the same for all tokens and samples
  kWeight,         ///< for all tokens; rank 3: a matrix per sample
  kKeys,           ///< [batch, heads, Tk, D]: all of a sample's, whatever is listed
  kChannels,       ///< for all tokens; rank 2: a row per sample
  kSchedule,  ///< [batch, tiles, words] or [batch, heads, tiles, words]: its tiles are formed of the tokens at hand,
              ///< listed ones with a list
};

struct RowRoles {
  std::uint8_t opcode;
  std::array<RowRole, 7> operands;
};

namespace row_roles_detail {
using enum RowRole;
inline constexpr RowRoles kTableOfRoles[] = {
    {DIXION_OPCODE_MATMUL, {kRows, kWeight, kShared, kShared, kRows}},
    {DIXION_OPCODE_ATTENTION, {kRows, kKeys, kKeys, kRows}},
    {DIXION_OPCODE_ATTENTION_MARK, {kRows, kKeys, kKeys, kRows, kRows}},
    {DIXION_OPCODE_ATTENTION_MASKED, {kRows, kKeys, kKeys, kRows, kRows, kSchedule}},
    {DIXION_OPCODE_MATMUL_PARTIAL, {kRows, kWeight, kShared, kShared, kRows, kRows, kRows}},
    {DIXION_OPCODE_MATMUL_RESUME, {kRows, kWeight, kShared, kRows, kRows, kRows}},
    {DIXION_OPCODE_MATMUL_MASKED, {kRows, kWeight, kShared, kShared, kRows, kSchedule, kRows}},
    {DIXION_OPCODE_MATMUL_ROWS, {kRows, kWeight, kShared, kShared, kRowBits, kKeptRows}},
    {DIXION_OPCODE_PREDICT, {kRows, kWeight, kShared, kShared, kRows, kRowBits, kKeys}},
    {DIXION_OPCODE_NORM_MODULATE, {kRows, kChannels, kChannels, kRows}},
    {DIXION_OPCODE_MODULATE, {kRows, kChannels, kChannels, kRows}},
    {DIXION_OPCODE_GELU, {kRows, kRows}},
    {DIXION_OPCODE_GELU_TANH, {kRows, kRows}},
    {DIXION_OPCODE_SILU, {kRows, kRows}},
    {DIXION_OPCODE_RELU, {kRows, kRows}},
    {DIXION_OPCODE_GEGLU, {kRows, kRows}},
    {DIXION_OPCODE_CONVERT, {kRows, kRows}},
    {DIXION_OPCODE_ADD, {kRows, kBroadcastRows, kRows}},
    {DIXION_OPCODE_GATED_RESIDUAL, {kRows, kBroadcastRows, kRows, kRows}},
    {DIXION_OPCODE_ROTARY, {kRows, kTable, kRows}},
    {DIXION_OPCODE_MASK_THRESHOLD, {kRows, kRows}},
    {DIXION_OPCODE_CONMERGE_BUILD, {kRows, kSchedule}},
};
}  // namespace row_roles_detail

/// Null: the opcode takes no row list.
constexpr const RowRoles* row_roles(std::uint8_t opcode) {
  for (const RowRoles& roles : row_roles_detail::kTableOfRoles) {
    if (roles.opcode == opcode) return &roles;
  }
  return nullptr;
}

/// Operand `i` of an opcode that takes a row list.
constexpr RowRole row_role(std::uint8_t opcode, std::size_t i) {
  const RowRoles* roles = row_roles(opcode);
  return roles == nullptr || i >= roles->operands.size() ? RowRole::kNone : roles->operands[i];
}

/// Some element of the operand belongs to one token.
constexpr bool has_rows(RowRole role) {
  return role == RowRole::kRows || role == RowRole::kKeptRows || role == RowRole::kBroadcastRows;
}

}  // namespace dixion
