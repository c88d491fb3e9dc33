// SPDX-License-Identifier: Apache-2.0
/// Which operands of which commands are masks.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "models/common/command.h"
#include "models/common/mask_supply.h"

namespace dixion {

/// One line per operand in mask_operands.cpp: a new command with a mask needs no more.
struct MaskOperand {
  dixion_opcode opcode;
  std::uint8_t operand;
  MaskKind kind;
  // Masks that the command makes only. A row has as many bits as the extent of this operand, counted from the last
  // dimension, says.
  std::uint8_t columns_operand = kNone;
  std::uint8_t columns_from_end = 0;
  std::uint8_t kept_immediate = kNone;      ///< holds MaskRequest::kept
  std::uint8_t all_keys_immediate = kNone;  ///< bit 0 is MaskRequest::all_keys
  std::uint8_t tile_immediate = kNone;      ///< bits 24 to 31: columns that a bit stands for, 0 is 1
  std::uint8_t share_immediate =
      kNone;  ///< share of the columns that is kept, in units of 2^-16, rounded up; 0: none said

  static constexpr std::uint8_t kNone = 0xff;
  [[nodiscard]] constexpr bool made() const { return columns_operand != kNone; }
};

/// Null if that operand is no mask.
[[nodiscard]] const MaskOperand* mask_operand(std::uint8_t opcode, unsigned operand);
/// The first mask that commands with this opcode make; null: they make none.
[[nodiscard]] const MaskOperand* first_mask_made(std::uint8_t opcode);

/// Kind, place in the command and shape; ordinal and site are 0.
[[nodiscard]] MaskRequest request_of(const Command& command, const MaskOperand& operand);

/// Counts commands with the same opcode and tag.
class MaskOrdinals {
 public:
  /// Of the command that begins now, from 0.
  std::uint32_t next(std::uint8_t opcode, std::uint32_t tag) { return counts_[{opcode, tag}]++; }

 private:
  std::map<std::pair<std::uint8_t, std::uint32_t>, std::uint32_t> counts_;
};

}  // namespace dixion
