// SPDX-License-Identifier: Apache-2.0
#include "models/dma/dma.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "models/common/operands.h"
#include "models/common/tensor_io.h"
#include "models/dma/dma_check.h"
#include "models/dma/picture_function.h"
#include "models/dma/transfer_plan.h"
#include "models/dma/window.h"

namespace dixion {
namespace {

/// One row of src, the part that list entries choose.
TensorView row_of(const TensorView& src) {
  TensorView row = src;
  row.extent[0] = 1;
  return row;
}

/// Of a dense copy of `view`, [batch, H, W, C].
Picture picture_of(const TensorView& view) {
  return {view.extent[0], view.extent[1], view.extent[2], std::size_t{view.extent[3]} * element_bytes(view.format)};
}

}  // namespace

CommandError DmaEngine::check(const Command& command) const { return check_dma_command(command); }

Demand DmaEngine::demand(const Command& command) const {
  const auto channels = static_cast<unsigned>(std::popcount(command.cores));
  Demand demand;
  demand.transfers = transfers_of(command);
  TransferPlan plan;
  switch (command.info->value) {
    case DIXION_OPCODE_DMA_COPY:
      plan = plan_transfer(command.operands[copy_operand::kSrc], command.operands[copy_operand::kDst]);
      break;
    case DIXION_OPCODE_DMA_GATHER: {
      const TensorView& src = command.operands[gather_operand::kSrc];
      const TensorView& dst = command.operands[gather_operand::kDst];
      plan = plan_transfer(row_of(src), row_of(dst));
      plan.runs *= dst.extent[0];
      // Chosen rows are read, not all of them; how many leave the view at once is bounded by its rows.
      TensorView& read = demand.transfers[gather_operand::kSrc].view;
      read.extent[0] = std::min(src.extent[0], dst.extent[0]);
      set_passes(demand, gather_operand::kSrc, (dst.extent[0] + read.extent[0] - 1) / read.extent[0]);
      break;
    }
    case DIXION_OPCODE_DMA_IM2COL:
    case DIXION_OPCODE_DMA_RESIZE: {
      // Rows of src wait in the channels' buffer, so that reading and writing go side by side.
      const TensorView& src = command.operands[copy_operand::kSrc];
      const bool windows = command.info->value == DIXION_OPCODE_DMA_IM2COL;
      const std::uint64_t piece = std::uint64_t{windows ? window_of(command).width : 1} * src.extent[3];
      demand.compute =
          std::max(transfer_cycles(config_, plan_transfer(src), channels),
                   transfer_cycles(config_, plan_pieces(command.operands[copy_operand::kDst], piece), channels));
      return demand;
    }
    default:
      plan = plan_transfer(command.operands[fill_operand::kDst]);
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
    case DIXION_OPCODE_DMA_IM2COL:
    case DIXION_OPCODE_DMA_RESIZE:
      return rearrange(command, memory, result);
    default:
      return fill(command, result);
  }
}

CommandError DmaEngine::copy(const Command& command, MemoryAccess& memory, Result& result) {
  Result::Tensor& tensor = result.tensors.emplace_back();
  tensor.view = command.operands[copy_operand::kDst];
  if (!load_bytes(command.operands[copy_operand::kSrc], memory, tensor.bytes))
    return unreadable(command, copy_operand::kSrc);
  return {};
}

CommandError DmaEngine::gather(const Command& command, MemoryAccess& memory, Result& result) {
  const TensorView& src = command.operands[gather_operand::kSrc];
  std::vector<std::uint8_t> list;
  if (!load_bytes(command.operands[gather_operand::kList], memory, list))
    return unreadable(command, gather_operand::kList);

  Result::Tensor& tensor = add_result(result, command.operands[gather_operand::kDst]);
  std::vector<std::uint8_t> row_bytes;
  std::uint8_t* to = tensor.bytes.data();
  for (std::size_t i = 0; i < list.size() / sizeof(std::uint32_t); ++i) {
    std::uint32_t index = 0;
    std::memcpy(&index, list.data() + i * sizeof index, sizeof index);
    if (index >= src.extent[0]) {
      return bad_data(gather_operand::kList, index,
                      "below " + std::to_string(src.extent[0]) + ", the rows of src; entry " + std::to_string(i));
    }
    TensorView row = row_of(src);
    row.address += index * src.stride[0];
    if (!load_bytes(row, memory, row_bytes)) return unreadable(command, gather_operand::kSrc);
    to = std::copy(row_bytes.begin(), row_bytes.end(), to);
  }
  return {};
}

CommandError DmaEngine::rearrange(const Command& command, MemoryAccess& memory, Result& result) {
  using namespace copy_operand;
  const TensorView& src = command.operands[kSrc];
  const TensorView& dst = command.operands[kDst];
  std::vector<std::uint8_t> pixels;
  if (!load_bytes(src, memory, pixels)) return unreadable(command, kSrc);
  std::uint8_t* to = add_result(result, dst).bytes.data();
  if (command.info->value == DIXION_OPCODE_DMA_IM2COL) {
    unfold(picture_of(src), window_of(command), pixels.data(), to);
  } else {
    enlarge(picture_of(src), dst.extent[1] / src.extent[1], dst.extent[2] / src.extent[2], pixels.data(), to);
  }
  return {};
}

CommandError DmaEngine::fill(const Command& command, Result& result) {
  const TensorView& dst = command.operands[fill_operand::kDst];
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
