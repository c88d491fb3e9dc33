// SPDX-License-Identifier: Apache-2.0
#include "models/dma/dma_check.h"

#include "models/common/command_check.h"
#include "models/common/operands.h"
#include "models/dma/window.h"

namespace dixion {
namespace {

CommandCheck& whole_bytes(CommandCheck& check, unsigned operand) {
  return check.format(operand, {DIXION_FORMAT_INT8, DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32,
                                DIXION_FORMAT_UINT32, DIXION_FORMAT_REQUANT, DIXION_FORMAT_BF16, DIXION_FORMAT_FP16});
}

CommandError check_copy(const Command& command) {
  CommandCheck check(command);
  whole_bytes(check, copy_operand::kSrc).format(copy_operand::kDst, {command.operands[copy_operand::kSrc].format});
  check.same_shape(copy_operand::kDst, copy_operand::kSrc);
  return check.error();
}

CommandError check_gather(const Command& command) {
  CommandCheck check(command);
  const TensorView& src = command.operands[gather_operand::kSrc];
  whole_bytes(check, gather_operand::kSrc).format(gather_operand::kDst, {src.format});
  check.format(gather_operand::kList, {DIXION_FORMAT_UINT32})
      .rank(gather_operand::kList, 1, 1)
      .rank(gather_operand::kDst, src.rank, src.rank);
  if (src.rank > 0) {
    check.extent(gather_operand::kDst, src.rank - 1U, command.operands[gather_operand::kList].extent_from_end(0),
                 "the entries of list");
  }
  for (unsigned i = 1; i < src.rank; ++i) {
    const std::string meaning = "extent " + std::to_string(i) + " of src";
    check.extent(gather_operand::kDst, src.rank - 1U - i, src.extent[i], meaning);
  }
  return check.error();
}

CommandError check_fill(const Command& command) {
  CommandCheck check(command);
  check.format(fill_operand::kDst, {DIXION_FORMAT_INT8, DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32,
                                    DIXION_FORMAT_UINT32, DIXION_FORMAT_BF16, DIXION_FORMAT_FP16});
  return check.error();
}

/// Both are pictures of the same format.
void check_pictures(CommandCheck& check, const Command& command) {
  using namespace copy_operand;
  whole_bytes(check, kSrc).format(kDst, {command.operands[kSrc].format}).rank(kSrc, 4, 4).rank(kDst, 4, 4);
}

CommandError check_im2col(const Command& command) {
  using namespace copy_operand;
  CommandCheck check(command);
  check_pictures(check, command);
  const Window window = window_of(command);
  const auto immediate = [&](unsigned number, bool holds, const std::string& expected) {
    check.require(holds, DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + number, command.immediates[number],
                  expected + " in both halves");
  };
  const auto in_range = [](std::uint32_t value) { return value >= 1 && value <= kMaxWindow; };
  const std::string range = "1 to " + std::to_string(kMaxWindow);
  immediate(0, in_range(window.height) && in_range(window.width), range);
  immediate(1, in_range(window.stride_y) && in_range(window.stride_x), range);
  immediate(2, window.pad_y < window.height && window.pad_x < window.width, "less than the kernel");
  const TensorView& src = command.operands[kSrc];
  const std::uint64_t rows = src.extent_from_end(2) + std::uint64_t{2} * window.pad_y;
  const std::uint64_t columns = src.extent_from_end(1) + std::uint64_t{2} * window.pad_x;
  check.require(rows >= window.height, DIXION_CAUSE_BAD_SHAPE, kSrc, src.extent_from_end(2),
                "rows for a kernel of " + std::to_string(window.height));
  check.require(columns >= window.width, DIXION_CAUSE_BAD_SHAPE, kSrc, src.extent_from_end(1),
                "columns for a kernel of " + std::to_string(window.width));
  if (check.error()) return check.error();
  check.extent(kDst, 3, src.extent[0], "the batch of src");
  check.extent(kDst, 2, (rows - window.height) / window.stride_y + 1, "(H + 2 padding - kernel) / stride + 1");
  check.extent(kDst, 1, (columns - window.width) / window.stride_x + 1, "(W + 2 padding - kernel) / stride + 1");
  check.extent(kDst, 0, std::uint64_t{window.height} * window.width * src.extent[3], "kernel height * width * C");
  return check.error();
}

CommandError check_resize(const Command& command) {
  using namespace copy_operand;
  CommandCheck check(command);
  check_pictures(check, command);
  if (check.error()) return check.error();
  const TensorView& src = command.operands[kSrc];
  const TensorView& dst = command.operands[kDst];
  check.extent(kDst, 3, src.extent[0], "the batch of src");
  for (const unsigned axis : {1U, 2U}) {
    check.require(dst.extent[axis] % src.extent[axis] == 0, DIXION_CAUSE_BAD_SHAPE, kDst, dst.extent[axis],
                  "a multiple of " + std::to_string(src.extent[axis]) + ", extent " + std::to_string(axis) + " of src");
  }
  check.extent(kDst, 0, src.extent[3], "the C of src");
  return check.error();
}

}  // namespace

CommandError check_dma_command(const Command& command) {
  switch (command.info->value) {
    case DIXION_OPCODE_DMA_COPY:
      return check_copy(command);
    case DIXION_OPCODE_DMA_GATHER:
      return check_gather(command);
    case DIXION_OPCODE_DMA_FILL:
      return check_fill(command);
    case DIXION_OPCODE_DMA_IM2COL:
      return check_im2col(command);
    case DIXION_OPCODE_DMA_RESIZE:
      return check_resize(command);
    default:
      return not_an_opcode_of(command, "DMA");
  }
}

}  // namespace dixion
