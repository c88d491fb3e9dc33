// SPDX-License-Identifier: Apache-2.0
#include "models/common/mask_operands.h"

#include <algorithm>
#include <array>

#include "models/common/mask_bits.h"

namespace dixion {
namespace {

constexpr std::uint8_t kNone = MaskOperand::kNone;

// clang-format off
constexpr std::array kOperands{
    // opcode, operand, kind; of masks it makes also: columns (operand, dimension), immediates: kept, all keys, tile, share
    MaskOperand{DIXION_OPCODE_ATTENTION_MARK,   4, MaskKind::kKeys,          1, 1, kNone, kNone, 2},
    MaskOperand{DIXION_OPCODE_ATTENTION_MASKED, 3, MaskKind::kKeys},
    MaskOperand{DIXION_OPCODE_MATMUL_PARTIAL,   4, MaskKind::kElements},
    MaskOperand{DIXION_OPCODE_MATMUL_RESUME,    3, MaskKind::kElements},
    MaskOperand{DIXION_OPCODE_MATMUL_MASKED,    4, MaskKind::kElements},
    MaskOperand{DIXION_OPCODE_MATMUL_ROWS,      4, MaskKind::kPredictedRows},
    MaskOperand{DIXION_OPCODE_GELU,             2, MaskKind::kElements},
    MaskOperand{DIXION_OPCODE_GELU_TANH,        2, MaskKind::kElements},
    MaskOperand{DIXION_OPCODE_GEGLU,            2, MaskKind::kElements},
    MaskOperand{DIXION_OPCODE_MASK_THRESHOLD,   1, MaskKind::kElements,      0, 0},
    MaskOperand{DIXION_OPCODE_CONMERGE_BUILD,   0, MaskKind::kElements},
    MaskOperand{DIXION_OPCODE_TOKEN_DECISION,   2, MaskKind::kTokens,        0, 1, kNone, kNone, kNone, 2},
    MaskOperand{DIXION_OPCODE_PREDICT,          4, MaskKind::kPredictedKeys, 0, 1, 1},
    MaskOperand{DIXION_OPCODE_PREDICT,          5, MaskKind::kPredictedRows, 0, 1, 1, 3},
};
// clang-format on

}  // namespace

const MaskOperand* mask_operand(std::uint8_t opcode, unsigned operand) {
  const auto found = std::find_if(kOperands.begin(), kOperands.end(), [&](const MaskOperand& entry) {
    return entry.opcode == opcode && entry.operand == operand;
  });
  return found == kOperands.end() ? nullptr : &*found;
}

const MaskOperand* first_mask_made(std::uint8_t opcode) {
  const auto found = std::find_if(kOperands.begin(), kOperands.end(),
                                  [&](const MaskOperand& entry) { return entry.opcode == opcode && entry.made(); });
  return found == kOperands.end() ? nullptr : &*found;
}

MaskRequest request_of(const Command& command, const MaskOperand& operand) {
  const TensorView& view = command.operands[operand.operand];
  MaskRequest request;
  request.kind = operand.kind;
  request.operand = operand.operand;
  request.tag = command.tag;
  if (operand.kind == MaskKind::kTokens) {
    request.rows = command.operands[operand.columns_operand].extent_from_end(2);
  } else {
    request.rows = view.extent_from_end(1);
    request.groups = std::uint64_t{view.extent_from_end(2)} * view.extent_from_end(3);
  }
  if (!operand.made()) {
    request.columns = static_cast<std::uint32_t>(view.extent_from_end(0) * kMaskWordBits);
    return request;
  }
  request.opcode = command.info->value;
  request.columns = command.operands[operand.columns_operand].extent_from_end(operand.columns_from_end);
  if (operand.tile_immediate != kNone) {
    const std::uint32_t tile = std::max(command.immediates[operand.tile_immediate] >> 24, 1U);
    request.columns = (request.columns + tile - 1) / tile;
  }
  if (operand.share_immediate != kNone) {
    const std::uint64_t share = std::uint64_t{command.immediates[operand.share_immediate]} * request.columns;
    request.kept = static_cast<std::uint32_t>((share + 0xffff) >> 16);
  }
  if (operand.kept_immediate != MaskOperand::kNone) request.kept = command.immediates[operand.kept_immediate];
  if (operand.all_keys_immediate != MaskOperand::kNone) {
    request.all_keys = (command.immediates[operand.all_keys_immediate] & 1) != 0;
  }
  return request;
}

}  // namespace dixion
