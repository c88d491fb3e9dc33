// SPDX-License-Identifier: Apache-2.0
#include "models/dma/dma.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "models/common/check.h"
#include "models/common/command_check.h"
#include "models/common/operands.h"
#include "models/common/tensor_io.h"
#include "models/dma/transfer_plan.h"

namespace dixion {
namespace {

enum CopyOperand : unsigned { kCopySrc, kCopyDst };
enum GatherOperand : unsigned { kGatherSrc, kList, kGatherDst };
enum FillOperand : unsigned { kFillDst };

CommandCheck& whole_bytes(CommandCheck& check, unsigned operand) {
  return check.format(operand, {DIXION_FORMAT_INT8, DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32,
                                DIXION_FORMAT_UINT32, DIXION_FORMAT_REQUANT, DIXION_FORMAT_BF16, DIXION_FORMAT_FP16});
}

CommandError check_copy(const Command& command) {
  CommandCheck check(command);
  whole_bytes(check, kCopySrc).format(kCopyDst, {command.operands[kCopySrc].format});
  check.same_shape(kCopyDst, kCopySrc);
  return check.error();
}

CommandError check_gather(const Command& command) {
  CommandCheck check(command);
  const TensorView& src = command.operands[kGatherSrc];
  whole_bytes(check, kGatherSrc).format(kGatherDst, {src.format});
  check.format(kList, {DIXION_FORMAT_UINT32}).rank(kList, 1, 1).rank(kGatherDst, src.rank, src.rank);
  if (src.rank > 0) {
    check.extent(kGatherDst, src.rank - 1U, command.operands[kList].extent_from_end(0), "the entries of list");
  }
  for (unsigned i = 1; i < src.rank; ++i) {
    const std::string meaning = "extent " + std::to_string(i) + " of src";
    check.extent(kGatherDst, src.rank - 1U - i, src.extent[i], meaning);
  }
  return check.error();
}

CommandError check_fill(const Command& command) {
  CommandCheck check(command);
  check.format(kFillDst, {DIXION_FORMAT_INT8, DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32,
                          DIXION_FORMAT_UINT32, DIXION_FORMAT_BF16, DIXION_FORMAT_FP16});
  return check.error();
}

/// One row of src, the part that list entries choose.
TensorView row_of(const TensorView& src) {
  TensorView row = src;
  row.extent[0] = 1;
  return row;
}

}  // namespace

CommandError DmaEngine::check(const Command& command) const {
  switch (command.info->value) {
    case DIXION_OPCODE_DMA_COPY:
      return check_copy(command);
    case DIXION_OPCODE_DMA_GATHER:
      return check_gather(command);
    case DIXION_OPCODE_DMA_FILL:
      return check_fill(command);
    default:
      return not_an_opcode_of(command, "DMA");
  }
}

Demand DmaEngine::demand(const Command& command) const {
  const auto channels = static_cast<unsigned>(std::popcount(command.cores));
  Demand demand;
  demand.transfers = transfers_of(command);
  TransferPlan plan;
  switch (command.info->value) {
    case DIXION_OPCODE_DMA_COPY:
      plan = plan_transfer(command.operands[kCopySrc], command.operands[kCopyDst]);
      break;
    case DIXION_OPCODE_DMA_GATHER: {
      const TensorView& src = command.operands[kGatherSrc];
      const TensorView& dst = command.operands[kGatherDst];
      plan = plan_transfer(row_of(src), row_of(dst));
      plan.runs *= dst.extent[0];
      // Chosen rows are read, not all of them; how many leave the view at once is bounded by its rows.
      TensorView& read = demand.transfers[kGatherSrc].view;
      read.extent[0] = std::min(src.extent[0], dst.extent[0]);
      set_passes(demand, kGatherSrc, (dst.extent[0] + read.extent[0] - 1) / read.extent[0]);
      break;
    }
    default:
      plan = plan_transfer(command.operands[kFillDst]);
      break;
  }
  demand.compute = transfer_cycles(config_, plan, channels);
  return demand;
}

CommandError DmaEngine::execute(const Command& command, MemoryAccess& memory, Result& result) {
  switch (command.info->value) {
    case DIXION_OPCODE_DMA_COPY:
      return copy(command, memory, result);
    case DIXION_OPCODE_DMA_GATHER:
      return gather(command, memory, result);
    default:
      return fill(command, result);
  }
}

CommandError DmaEngine::copy(const Command& command, MemoryAccess& memory, Result& result) {
  Result::Tensor& tensor = result.tensors.emplace_back();
  tensor.view = command.operands[kCopyDst];
  if (!load_bytes(command.operands[kCopySrc], memory, tensor.bytes)) return unreadable(command, kCopySrc);
  return {};
}

CommandError DmaEngine::gather(const Command& command, MemoryAccess& memory, Result& result) {
  const TensorView& src = command.operands[kGatherSrc];
  std::vector<std::uint8_t> list;
  if (!load_bytes(command.operands[kList], memory, list)) return unreadable(command, kList);

  Result::Tensor& tensor = add_result(result, command.operands[kGatherDst]);
  std::vector<std::uint8_t> row_bytes;
  std::uint8_t* to = tensor.bytes.data();
  for (std::size_t i = 0; i < list.size() / sizeof(std::uint32_t); ++i) {
    std::uint32_t index = 0;
    std::memcpy(&index, list.data() + i * sizeof index, sizeof index);
    if (index >= src.extent[0]) {
      return bad_data(kList, index,
                      "below " + std::to_string(src.extent[0]) + ", the rows of src; entry " + std::to_string(i));
    }
    TensorView row = row_of(src);
    row.address += index * src.stride[0];
    if (!load_bytes(row, memory, row_bytes)) return unreadable(command, kGatherSrc);
    to = std::copy(row_bytes.begin(), row_bytes.end(), to);
  }
  return {};
}

CommandError DmaEngine::fill(const Command& command, Result& result) {
  const TensorView& dst = command.operands[kFillDst];
  std::uint32_t value = command.immediates[0];
  if (dst.format == DIXION_FORMAT_INT12) {
    value = static_cast<std::uint32_t>(static_cast<std::int32_t>(value << 20) >> 20);
  }
  std::vector<std::uint8_t>& bytes = add_result(result, dst).bytes;
  const std::size_t size = element_bytes(dst.format);
  for (std::size_t i = 0; i < bytes.size(); i += size) std::memcpy(bytes.data() + i, &value, size);
  return {};
}

}  // namespace dixion
