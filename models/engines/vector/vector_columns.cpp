// SPDX-License-Identifier: Apache-2.0
// The operations of VectorEngine on hidden tensors by tiles' columns: GELU, GELU_TANH and GEGLU with a mask.
#include <bit>
#include <cstring>

#include "models/common/made_up_masks.h"
#include "models/common/operands.h"
#include "models/common/tensor_io.h"
#include "models/engines/vector/geglu_function.h"
#include "models/engines/vector/vector.h"
#include "models/engines/vector/vector_check.h"
#include "models/engines/vector/vector_operands.h"
#include "models/engines/vector/vector_timing.h"
#include "models/sparsity/column_tiles.h"

namespace dixion {
namespace {

/// Columns of src that share a bit of the mask.
std::uint64_t shares_of(const Command& command) { return command.info->value == DIXION_OPCODE_GEGLU ? 2 : 1; }

/// `src` and `dst` as ColumnTiles has them; Dst is the lane of the result's format. Returns the number of saturations.
template <typename Dst>
std::uint64_t activate_columns(const Command& command, const ColumnTiles& tiles, const std::int32_t* src, Dst* dst) {
  const Requantiser to_q16 = first_factor(command, 32);
  const Requantiser to_dst = second_factor(command, format_bits(command.operands[unary_operand::kDst].format));
  if (shares_of(command) == 1) {
    return activate(activation_kind(command.info->value), to_q16, to_dst, tiles.elements(1), src, dst);
  }
  // A tile's values come first, then its gates: like a row.
  std::uint64_t saturations = 0;
  for (const std::uint64_t width : tiles.tile_elements()) {
    saturations += geglu(to_q16, to_dst, 1, width, src, dst);
    src += 2 * width;
    dst += width;
  }
  return saturations;
}

}  // namespace

Demand VectorEngine::columns_demand(const Command& command, std::uint64_t elements) const {
  using namespace unary_operand;
  const std::uint64_t shares = shares_of(command);
  Demand demand;
  demand.transfers = transfers_of(command);
  set_column_traffic(demand, kSrc, shares * elements);
  set_column_traffic(demand, kDst, elements);
  demand.compute = elementwise_cycles(config_, shares * elements, vector_passes(command.info->value),
                                      static_cast<unsigned>(std::popcount(command.cores)));
  return demand;
}

Demand VectorEngine::columns_demand(const Command& command) const {
  const ColumnLayout layout = column_layout(command);
  const TensorView& dst = command.operands[unary_operand::kDst];
  const TileShape shape = column_tile_shape(dst.extent[0], dst.extent[1], dst.extent[2], layout.grid_width);
  const std::unique_ptr<MaskSource> bits = mask_without_data(masks_, config_, command, layout.mask);
  const auto count = [&](std::uint64_t limit) { return column_elements(tile_works(shape, *bits, nullptr, 0, limit)); };
  if (bits->stored()) return columns_demand(command, count(0));
  const auto [place, made] =
      assumed_.try_emplace({shape.samples, shape.rows, shape.columns, shape.grid_width, bits->look()}, 0);
  if (made) place->second = count(kAssumedTiles);
  return columns_demand(command, place->second);
}

CommandError VectorEngine::hidden_activation(const Command& command, MemoryAccess& memory, Result& result) {
  using namespace unary_operand;
  const TensorView& dst = command.operands[kDst];
  if (!load_bytes(command.operands[kMask], memory, mask_bytes_)) return unreadable(command, kMask);
  std::vector<std::uint32_t> mask(mask_bytes_.size() / sizeof(std::uint32_t));
  std::memcpy(mask.data(), mask_bytes_.data(), mask_bytes_.size());
  const ColumnTiles tiles(mask.data(), dst.extent[0], dst.extent[1], dst.extent[2], column_layout(command).grid_width);
  if (!tiles.load(command.operands[kSrc], shares_of(command), memory, first_)) return unreadable(command, kSrc);
  std::vector<std::uint8_t> bytes(tiles.elements(1) * element_bytes(dst.format));
  result.saturations +=
      dst.format == DIXION_FORMAT_INT32
          ? activate_columns(command, tiles, first_.data(), reinterpret_cast<std::int32_t*>(bytes.data()))
          : activate_columns(command, tiles, first_.data(), reinterpret_cast<std::int16_t*>(bytes.data()));
  tiles.add_results(result, dst, 1, bytes);
  result.demand = columns_demand(command, tiles.elements(1));
  return {};
}

}  // namespace dixion
