// SPDX-License-Identifier: Apache-2.0
// Matrix products that make or read a mask of a feed-forward network: MATMUL_PARTIAL, MATMUL_RESUME, MATMUL_MASKED.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>

#include "models/common/command_check.h"
#include "models/common/made_up_masks.h"
#include "models/common/operands.h"
#include "models/common/tensor_io.h"
#include "models/engines/matrix/masked_matmul_timing.h"
#include "models/engines/matrix/matmul_mask_function.h"
#include "models/engines/matrix/matmul_operands.h"
#include "models/engines/matrix/matrix.h"
#include "models/sparsity/column_tiles.h"
#include "models/sparsity/schedule_view.h"

namespace dixion {
namespace {

constexpr unsigned kSrc = 0, kWeight = 1;
constexpr unsigned kShares = 2, kSettings = 3;  // immediates of MATMUL_MASKED
constexpr unsigned kWidth = 2, kLayout = 3;     // of MATMUL_RESUME

/// Where an opcode keeps its operands; kAbsent: it has none.
struct Places {
  unsigned bias, requant, mask, schedule, partial, dst;
};

constexpr unsigned kAbsent = DIXION_MAX_OPERANDS - 2;  // always empty; the last one may be a row list

Places places_of(const Command& command) {
  switch (command.info->value) {
    case DIXION_OPCODE_MATMUL_PARTIAL:
      return {2, 3, 4, kAbsent, 6, 5};
    case DIXION_OPCODE_MATMUL_RESUME:
      return {kAbsent, 2, 3, kAbsent, 4, 5};
    default:
      return {2, 3, 4, 5, kAbsent, 6};
  }
}

bool is(const Command& command, dixion_opcode opcode) { return command.info->value == opcode; }

MaskedMatmul product_of(const Command& command) {
  const TensorView& src = command.operands[kSrc];
  const TensorView& weight = command.operands[kWeight];
  MaskedMatmul product;
  product.shape.batch = src.extent_from_end(2);
  product.shape.rows = src.extent_from_end(1);
  product.shape.columns = weight.extent_from_end(1);
  product.shape.depth = src.extent_from_end(0);
  product.shape.dst_bytes = element_bytes(command.operands[places_of(command).dst].format);
  product.split = command.split;
  product.cores = static_cast<unsigned>(std::popcount(command.cores));
  product.marks_inputs = !is(command, DIXION_OPCODE_MATMUL_MASKED);
  if (is(command, DIXION_OPCODE_MATMUL_RESUME)) product.grid_width = command.immediates[kWidth];
  if (is(command, DIXION_OPCODE_MATMUL_MASKED)) {
    product.shares = command.immediates[kShares];
    product.grid_width = command.immediates[kSettings] >> 16;
    product.depth = command.immediates[kSettings] & 0xff;
  }
  product.by_columns = static_cast<bool>(column_layout(command));
  // A second accumulator per output: partial sums leave beside results.
  if (is(command, DIXION_OPCODE_MATMUL_PARTIAL)) product.shape.dst_bytes += sizeof(std::int32_t);
  return product;
}

TileShape hidden_tiles(const MaskedMatmul& product) {
  return column_tile_shape(product.shape.batch, product.shape.rows, product.mask_columns(), product.grid_width);
}

/// Weights of outputs or inputs that no row of the mask marks stay in memory.
void shrink_weights(Demand& demand, bool inputs, std::uint64_t used) {
  const auto weight = std::find_if(demand.transfers.begin(), demand.transfers.end(),
                                   [](const Transfer& transfer) { return transfer.operand == kWeight; });
  if (used == 0) {
    demand.transfers.erase(weight);
    return;
  }
  TensorView& view = weight->view;
  if (inputs && used < view.extent[1]) view.stride = {used, 1};
  view.extent[inputs ? 1 : 0] = static_cast<std::uint32_t>(used);
}

/// Elements of a dense result in the order of tiles' columns.
std::vector<std::uint8_t> by_columns(const ColumnTiles& tiles, const MaskedMatmul& product,
                                     const Result::Tensor& dense) {
  const std::uint64_t bytes = element_bytes(dense.view.format);
  std::vector<std::uint8_t> result(tiles.elements(product.shares) * bytes);
  std::uint8_t* to = result.data();
  tiles.for_each_element(product.shares, [&](std::uint64_t row, std::uint64_t column) {
    std::memcpy(to, dense.bytes.data() + (row * product.shape.columns + column) * bytes, bytes);
    to += bytes;
  });
  return result;
}

}  // namespace

CommandError MatrixEngine::check_masked_matmul(const Command& command) const {
  const Places at = places_of(command);
  const TensorView& src = command.operands[kSrc];
  const std::uint64_t batch = src.extent_from_end(2), rows = src.extent_from_end(1), depth = src.extent_from_end(0);
  const std::uint64_t columns = command.operands[kWeight].extent_from_end(1);
  const bool masked = is(command, DIXION_OPCODE_MATMUL_MASKED);
  CommandCheck check(command);
  const auto format = [&](unsigned operand, std::initializer_list<dixion_format> allowed) {
    if (operand != kAbsent) check.format(operand, allowed);
  };
  format(kSrc, {DIXION_FORMAT_INT12});
  format(kWeight, {DIXION_FORMAT_INT8});
  format(at.bias, {DIXION_FORMAT_INT32});
  format(at.requant, {DIXION_FORMAT_REQUANT});
  format(at.mask, {DIXION_FORMAT_UINT32});
  format(at.partial, {DIXION_FORMAT_INT32});
  format(at.dst, {DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32});
  check.rank(kSrc, 3, 3).rank(kWeight, 2, 2).rank(at.requant, 1, 1);
  if (at.bias != kAbsent) check.rank(at.bias, 1, 1);
  for (const unsigned i : {at.mask, at.partial, at.dst}) {
    if (i != kAbsent) check.rank(i, 3, 3).extent(i, 2, batch, "the batch of src").extent(i, 1, rows, "the M of src");
  }
  check.extent(kWeight, 0, depth, "the K of src");
  for (const unsigned i : {at.bias, at.requant, at.partial, at.dst}) {
    if (i != kAbsent) check.extent(i, 0, columns, "the N of weight");
  }
  if (!command.operands[at.requant]) check.shift(1);
  if (!masked) {
    check.extent(at.mask, 0, mask_words(depth), "a bit for each K of src");
    if (!is(command, DIXION_OPCODE_MATMUL_RESUME)) return check.error();
    const std::uint32_t width = command.immediates[kWidth];
    check.require(width == 0 || (width <= rows && rows % width == 0), DIXION_CAUSE_BAD_IMMEDIATE,
                  DIXION_FIELD_IMMEDIATE0 + kWidth, width, "a width that divides the M of src");
    check.require(command.immediates[kLayout] <= 1, DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + kLayout,
                  command.immediates[kLayout], "0 for rows or 1 for tiles' columns");
    if (command.immediates[kLayout] != 0) check_column_tensor(check, command, kSrc);
    return check.error();
  }
  const std::uint32_t shares = command.immediates[kShares], settings = command.immediates[kSettings];
  const std::uint32_t width = settings >> 16;
  check.require((shares == 1 || shares == 2) && columns % shares == 0, DIXION_CAUSE_BAD_IMMEDIATE,
                DIXION_FIELD_IMMEDIATE0 + kShares, shares, "1 or 2, and a divisor of N");
  if (check.error()) return check.error();
  check.extent(at.mask, 0, mask_words(columns / shares), "a bit for each column, or pair of columns");
  check.require(width == 0 || rows % width == 0, DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + kSettings,
                settings, "a width that divides the M of src in the high half");
  const bool scheduled = static_cast<bool>(command.operands[at.schedule]);
  check.require((settings & 0xff00 & ~kDstByColumns) == 0 &&
                    (scheduled ? (settings & 0xff) >= 1 && (settings & 0xff) <= kMaxSources : (settings & 0xff) == 0),
                DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + kSettings, settings,
                scheduled ? "a depth of 1 to 3 in the low byte"
                          : "0 in the low half but for bit 8, there is no schedule");
  check.require(!scheduled || (config_.array_rows == kLanes && config_.array_columns == kBlockColumns),
                DIXION_CAUSE_BAD_PARAMETER, DIXION_FIELD_OPERAND0 + at.schedule, config_.array_columns,
                "no schedule, or an array of 16 x 16");
  check_schedule_view(check, command, at.schedule, command.operands[at.mask]);
  if ((settings & kDstByColumns) != 0) check_column_tensor(check, command, at.dst);
  return check.error();
}

Demand MatrixEngine::masked_matmul_demand(const Command& command) const {
  const MaskedMatmul product = product_of(command);
  if (config_.compute_values) return masked_demand(command, {}, 0);
  const std::unique_ptr<MaskSource> bits = mask_without_data(masks_, config_, command, places_of(command).mask);
  if (is(command, DIXION_OPCODE_MATMUL_PARTIAL)) {
    Demand demand = masked_demand(command, {}, 0);
    const std::uint64_t rows = product.shape.batch * product.shape.rows;
    demand.mask.elements = rows * product.shape.depth;
    if (bits->stored()) {
      demand.mask.kept = kept_in(*bits, rows, product.shape.depth);
    } else {
      const auto [place, made] = assumed_.try_emplace({1, rows, product.shape.depth, 0, 0, 0, bits->look()});
      if (made) place->second.kept = kept_in(*bits, rows, product.shape.depth);
      demand.mask.kept = place->second.kept;
    }
    return demand;
  }
  const TileShape shape = masked_tiles(config_, product);
  const std::uint64_t limit = bits->stored() ? 0 : kAssumedTiles;
  const auto look_at = [&](TiledMask& mask) {
    mask.tiles = tile_works(shape, *bits, product.depth != 0 ? rule_.get() : nullptr, product.depth, limit);
    mask.used = used_anywhere(*bits, shape.samples * shape.rows, shape.columns);
    if (product.by_columns) mask.hidden = column_elements(tile_works(hidden_tiles(product), *bits, nullptr, 0, limit));
  };
  if (bits->stored()) {
    TiledMask mask;
    look_at(mask);
    return masked_demand(command, mask, limit);
  }
  const auto [place, made] = assumed_.try_emplace({shape.samples, shape.rows, shape.columns, shape.tile_rows,
                                                   shape.grid_width, product.depth, bits->look(), product.by_columns});
  if (made) look_at(place->second);
  return masked_demand(command, place->second, limit);
}

Demand MatrixEngine::masked_demand(const Command& command, const TiledMask& mask, std::uint64_t limit) const {
  const MaskedMatmul product = product_of(command);
  const MatmulTiming dense = matmul_timing(config_, delivery_, product.shape, product.split, product.cores);
  Demand demand;
  demand.compute = dense.compute;
  demand.operand_bank_cycles = dense.bank;
  demand.drain = dense.drain;
  demand.macs = product.shape.batch * product.shape.rows * product.shape.columns * product.shape.depth;
  demand.transfers = transfers_of(command);
  set_passes(demand, kSrc, dense.src_passes);
  set_passes(demand, kWeight, dense.weight_passes);
  if (mask.tiles.empty()) return demand;
  const MaskedMatmulTiming timing = masked_matmul_timing(config_, product, dense, mask.tiles, limit);
  demand.compute = timing.compute;
  demand.operand_bank_cycles = 0;  // waiting is not told apart by cause here
  demand.mask = timing.work;
  shrink_weights(demand, product.marks_inputs, mask.used * product.shares);
  if (product.by_columns) {
    set_column_traffic(demand, product.marks_inputs ? kSrc : places_of(command).dst, mask.hidden * product.shares);
  }
  if (product.depth != 0) {
    const unsigned schedule = places_of(command).schedule;
    // Records name the outputs: of the mask nothing but its generation is looked at.
    std::erase_if(demand.transfers,
                  [&](const Transfer& transfer) { return transfer.operand == places_of(command).mask; });
    set_schedule_traffic(demand, schedule, command.operands[schedule], mask.tiles.size(),
                         timing.work.blocks_merged / product.shares);
  }
  return demand;
}

bool MatrixEngine::load_columns(const ColumnTiles& tiles, const TensorView& src, MemoryAccess& memory) {
  if (!tiles.load(src, 1, memory, second_)) return false;
  first_.assign(src.elements(), 0);
  const std::int16_t* from = second_.data();
  tiles.for_each_element(
      1, [&](std::uint64_t row, std::uint64_t column) { first_[row * src.extent[2] + column] = *from++; });
  return true;
}

CommandError MatrixEngine::execute_masked_matmul(const Command& command, MemoryAccess& memory, Result& result) {
  const Places at = places_of(command);
  const MaskedMatmul product = product_of(command);
  MatmulOperands operands;
  operands.batch = product.shape.batch;
  operands.rows = product.shape.rows;
  operands.columns = product.shape.columns;
  operands.depth = product.shape.depth;
  operands.dst_format = command.operands[at.dst].format;
  const bool reads_columns = product.by_columns && product.marks_inputs;
  if (!reads_columns && !load_values(command.operands[kSrc], memory, first_)) return unreadable(command, kSrc);
  if (!load_bytes(command.operands[kWeight], memory, weight_bytes_)) return unreadable(command, kWeight);
  operands.weight8 = reinterpret_cast<const std::int8_t*>(weight_bytes_.data());
  std::vector<std::int32_t> bias;
  if (command.operands[at.bias]) {
    if (!load_values(command.operands[at.bias], memory, bias)) return unreadable(command, at.bias);
    operands.bias = bias.data();
  }
  if (CommandError error = load_factors(command, at.requant, memory, operands.factors)) return error;
  if (!load_bytes(command.operands[at.mask], memory, mask_bytes_)) return unreadable(command, at.mask);
  mask_.resize(mask_bytes_.size() / sizeof(std::uint32_t));
  std::memcpy(mask_.data(), mask_bytes_.data(), mask_bytes_.size());
  const std::uint64_t rows = product.shape.batch * product.shape.rows;
  std::optional<ColumnTiles> columns;
  if (product.by_columns) {
    columns.emplace(mask_.data(), product.shape.batch, product.shape.rows, product.mask_columns(), product.grid_width);
  }
  if (reads_columns && !load_columns(*columns, command.operands[kSrc], memory)) return unreadable(command, kSrc);
  operands.src = first_.data();

  if (is(command, DIXION_OPCODE_MATMUL_PARTIAL)) {
    std::vector<std::int32_t> partial(rows * product.shape.columns);
    Result::Tensor& dst = add_result(result, command.operands[at.dst]);
    result.saturations += matmul_partial_function(kernels_, operands, mask_.data(), dst.bytes.data(), partial.data());
    Result::Tensor& sums = add_result(result, command.operands[at.partial]);
    std::memcpy(sums.bytes.data(), partial.data(), sums.bytes.size());
    result.demand = masked_demand(command, {}, 0);
    result.demand->mask.elements = rows * product.shape.depth;
    for (std::uint64_t row = 0; row < rows; ++row) {
      result.demand->mask.kept += kept_keys(mask_.data() + row * mask_words(product.shape.depth), product.shape.depth);
    }
    return {};
  }
  TiledMask tiled;
  if (product.depth != 0) {
    if (CommandError error = load_schedule(command, masked_tiles(config_, product), at.schedule, memory, tiled.tiles))
      return error;
  }
  const BufferMask bits(mask_.data());
  if (product.depth == 0) tiled.tiles = tile_works(masked_tiles(config_, product), bits, nullptr, 0, 0);
  tiled.used = used_anywhere(bits, rows, product.mask_columns());
  if (columns) tiled.hidden = columns->elements(1);
  std::vector<std::int32_t> partial;
  if (product.marks_inputs && !load_values(command.operands[at.partial], memory, partial))
    return unreadable(command, at.partial);
  Result::Tensor dense{command.operands[at.dst], {}};
  dense.bytes.resize(rows * product.shape.columns * element_bytes(dense.view.format));
  result.saturations +=
      product.marks_inputs
          ? matmul_resume_function(kernels_, operands, mask_.data(), partial.data(), dense.bytes.data())
          : matmul_masked_function(kernels_, operands, mask_.data(), product.shares, dense.bytes.data());
  if (columns && !product.marks_inputs) {
    columns->add_results(result, dense.view, product.shares, by_columns(*columns, product, dense));
  } else {
    result.tensors.push_back(std::move(dense));
  }
  result.demand = masked_demand(command, tiled, 0);
  return {};
}

}  // namespace dixion
