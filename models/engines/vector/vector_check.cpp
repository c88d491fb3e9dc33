// SPDX-License-Identifier: Apache-2.0
#include "models/engines/vector/vector_check.h"

#include "models/common/command_check.h"
#include "models/common/mask_bits.h"
#include "models/common/operands.h"
#include "models/engines/vector/group_norm_function.h"
#include "models/engines/vector/norm_function.h"
#include "models/sparsity/column_tiles.h"

namespace dixion {
namespace {

/// dst like src, shift and scale per channel and, if they like, per sample.
void check_channels(CommandCheck& check, const Command& command) {
  using namespace norm_operand;
  const TensorView& src = command.operands[kSrc];
  check.rank(kSrc, 2, 3).same_shape(kDst, kSrc);
  for (const unsigned operand : {kShift, kScale}) {
    check.format(operand, {DIXION_FORMAT_INT32}).rank(operand, 1, 2);
    check.extent(operand, 0, src.extent_from_end(0), "the D of src");
    check.extent_or_one(operand, 1, src.extent_from_end(2), "the batch of src");
  }
}

CommandError check_norm(const Command& command) {
  using namespace norm_operand;
  CommandCheck check(command);
  const TensorView& src = command.operands[kSrc];
  check.format(kSrc, {DIXION_FORMAT_INT32}).format(kDst, {DIXION_FORMAT_INT12});
  check_channels(check, command);
  if (command.info->value == DIXION_OPCODE_NORM_MODULATE) check.extent_at_most(kSrc, 0, kMaxNormDepth);
  check.shift(1);
  check.require(command.immediates[2] > 0, DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + 2, 0,
                "epsilon of at least 1");
  if (command.info->value == DIXION_OPCODE_GROUP_NORM) {
    const std::uint32_t groups = command.immediates[3];
    const std::uint64_t channels = src.extent_from_end(0);
    check.require(groups > 0 && channels % groups == 0, DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + 3, groups,
                  "groups that divide the channels");
    const std::uint64_t elements = groups > 0 ? src.extent_from_end(1) * (channels / groups) : 0;
    check.require(elements <= kMaxGroupElements, DIXION_CAUSE_BAD_SHAPE, kSrc, elements,
                  "at most 2^24 elements in a group");
  }
  return check.error();
}

CommandError check_modulate(const Command& command) {
  using namespace norm_operand;
  CommandCheck check(command);
  for (const unsigned operand : {kSrc, kDst}) {
    check.format(operand, {DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32});
  }
  check_channels(check, command);
  check.shift(1).shift(3);
  return check.error();
}

/// The second factor's shift; with a mask, tensors by tiles' columns.
void check_hidden(CommandCheck& check, const Command& command) {
  using namespace unary_operand;
  const std::uint32_t settings = command.immediates[3];
  if (!column_layout(command)) {
    check.require(settings <= 62, DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + 3, settings,
                  "output shift of at most 62, there is no mask");
    return;
  }
  check.require((settings & 0xffff) <= 62, DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + 3, settings,
                "output shift of at most 62 in the low half");
  const TensorView& dst = command.operands[kDst];
  const std::uint32_t rows = dst.extent_from_end(1), width = settings >> 16;
  check_column_tensor(check, command, kSrc);
  check_column_tensor(check, command, kDst);
  check.format(kMask, {DIXION_FORMAT_UINT32}).rank(kMask, 3, 3);
  check.extent(kMask, 2, dst.extent_from_end(2), "the batch of dst").extent(kMask, 1, rows, "the M of dst");
  check.extent(kMask, 0, mask_words(dst.extent_from_end(0)), "a bit for each N of dst");
  check.require(width == 0 || rows % width == 0, DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + 3, settings,
                "a width that divides the M of dst in the high half");
}

CommandError check_geglu(const Command& command) {
  using namespace unary_operand;
  CommandCheck check(command);
  const TensorView& src = command.operands[kSrc];
  for (const unsigned operand : {kSrc, kDst}) {
    check.format(operand, {DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32});
  }
  check.rank(kDst, src.rank, src.rank);
  check.extent(kSrc, 0, std::uint64_t{2} * command.operands[kDst].extent_from_end(0), "twice the last extent of dst");
  for (unsigned i = 0; i + 1U < src.rank; ++i) {
    check.extent(kDst, src.rank - 1U - i, src.extent[i], "extent " + std::to_string(i) + " of src");
  }
  check.shift(1);
  check_hidden(check, command);
  return check.error();
}

CommandError check_rotary(const Command& command) {
  using namespace rotary_operand;
  CommandCheck check(command);
  const TensorView& src = command.operands[kSrc];
  check.format(kSrc, {DIXION_FORMAT_INT12}).format(kTable, {DIXION_FORMAT_INT16}).format(kDst, {DIXION_FORMAT_INT12});
  check.rank(kSrc, 2, 4).rank(kTable, 2, 2);
  const std::uint32_t depth = src.extent_from_end(0);
  check.require(depth % 2 == 0, DIXION_CAUSE_BAD_SHAPE, kSrc, depth, "an even number of channels");
  check.extent(kTable, 1, src.extent_from_end(1), "the T of src").extent(kTable, 0, depth, "the D of src");
  check.same_shape(kDst, kSrc).shift(1);
  return check.error();
}

CommandError check_activation(const Command& command) {
  using namespace unary_operand;
  CommandCheck check(command);
  for (const unsigned operand : {kSrc, kDst}) {
    check.format(operand, {DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32});
  }
  check.same_shape(kDst, kSrc).shift(1);
  const std::uint8_t opcode = command.info->value;
  if (opcode == DIXION_OPCODE_GELU || opcode == DIXION_OPCODE_GELU_TANH) {
    check_hidden(check, command);
  } else {
    check.shift(3);
  }
  return check.error();
}

CommandError check_convert(const Command& command) {
  using namespace unary_operand;
  CommandCheck check(command);
  for (const unsigned operand : {kSrc, kDst}) {
    check.format(operand, {DIXION_FORMAT_INT8, DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32});
  }
  check.same_shape(kDst, kSrc).shift(1);
  return check.error();
}

CommandError check_add(const Command& command) {
  using namespace add_operand;
  CommandCheck check(command);
  check.format(kA, {DIXION_FORMAT_INT32}).format(kDst, {DIXION_FORMAT_INT32});
  check.format(kB, {DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32});
  check.broadcasts_to(kB, kA).same_shape(kDst, kA).shift(1);
  return check.error();
}

CommandError check_residual(const Command& command) {
  using namespace residual_operand;
  CommandCheck check(command);
  for (const unsigned operand : {kX, kGate, kDst}) check.format(operand, {DIXION_FORMAT_INT32});
  check.format(kH, {DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32});
  check.broadcasts_to(kGate, kX).same_shape(kH, kX).same_shape(kDst, kX).shift(1);
  return check.error();
}

CommandError check_sampler(const Command& command) {
  using namespace sampler_operand;
  CommandCheck check(command);
  for (unsigned operand = kX; operand <= kDst; ++operand) check.format(operand, {DIXION_FORMAT_INT32});
  check.same_shape(kCond, kX);
  if (command.operands[kUncond]) check.same_shape(kUncond, kX);
  check.rank(kConstants, 1, 1).extent(kConstants, 0, 6, "a, b, c, d, guidance, limit");
  check.same_shape(kDst, kX);
  return check.error();
}

CommandError check_noise(const Command& command) {
  using namespace noise_operand;
  CommandCheck check(command);
  check.format(kDst, {DIXION_FORMAT_INT32}).rank(kDst, 2, 2);
  return check.error();
}

}  // namespace

CommandError check_vector_command(const Command& command) {
  switch (command.info->value) {
    case DIXION_OPCODE_NORM_MODULATE:
    case DIXION_OPCODE_GROUP_NORM:
      return check_norm(command);
    case DIXION_OPCODE_MODULATE:
      return check_modulate(command);
    case DIXION_OPCODE_GEGLU:
      return check_geglu(command);
    case DIXION_OPCODE_ROTARY:
      return check_rotary(command);
    case DIXION_OPCODE_GELU:
    case DIXION_OPCODE_GELU_TANH:
    case DIXION_OPCODE_SILU:
    case DIXION_OPCODE_RELU:
      return check_activation(command);
    case DIXION_OPCODE_ADD:
      return check_add(command);
    case DIXION_OPCODE_GATED_RESIDUAL:
      return check_residual(command);
    case DIXION_OPCODE_CONVERT:
      return check_convert(command);
    case DIXION_OPCODE_SAMPLER_UPDATE:
      return check_sampler(command);
    case DIXION_OPCODE_NOISE:
      return check_noise(command);
    default:
      return not_an_opcode_of(command, "vector engine");
  }
}

}  // namespace dixion
