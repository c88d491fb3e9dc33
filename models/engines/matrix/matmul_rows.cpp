// SPDX-License-Identifier: Apache-2.0
// The matrix product whose groups of columns are computed for some rows only.
#include <algorithm>
#include <bit>
#include <cstring>

#include "models/common/command_check.h"
#include "models/common/made_up_masks.h"
#include "models/common/mask_bits.h"
#include "models/common/mask_source.h"
#include "models/common/operands.h"
#include "models/common/tensor_io.h"
#include "models/engines/matrix/matmul_function.h"
#include "models/engines/matrix/matmul_operands.h"
#include "models/engines/matrix/matmul_rows_timing.h"
#include "models/engines/matrix/matrix.h"

namespace dixion {
namespace {

constexpr unsigned kSrc = 0, kWeight = 1, kBias = 2, kRequant = 3, kRows = 4, kDst = 5;

std::uint64_t groups_of(const Command& command) { return command.operands[kRows].extent[1]; }

MatmulShape shape_of(const Command& command) {
  const TensorView& src = command.operands[kSrc];
  MatmulShape shape;
  shape.batch = src.extent[0];
  shape.rows = src.extent[1];
  shape.columns = command.operands[kWeight].extent[0];
  shape.depth = src.extent[2];
  shape.dst_bytes = element_bytes(command.operands[kDst].format);
  return shape;
}

/// Only the rows that are needed are written: as many of each group and sample as on average, rounded up.
void limit_writes(Demand& demand, std::uint64_t rows) {
  auto& transfers = demand.transfers;
  if (rows == 0) std::erase_if(transfers, [](const Transfer& transfer) { return transfer.write; });
  for (Transfer& transfer : transfers) {
    if (transfer.write) transfer.view.extent[1] = static_cast<std::uint32_t>(rows);
  }
}

/// Rows of one group, counted over samples.
std::vector<std::size_t> rows_of_group(const std::vector<std::uint32_t>& bits, const MatmulShape& shape,
                                       std::size_t groups, std::size_t group) {
  std::vector<std::size_t> rows;
  for (std::size_t sample = 0; sample < shape.batch; ++sample) {
    for_each_kept(bits.data() + (sample * groups + group) * mask_words(shape.rows), shape.rows,
                  [&](std::size_t row) { rows.push_back(sample * shape.rows + row); });
  }
  return rows;
}

}  // namespace

CommandError MatrixEngine::check_matmul_rows(const Command& command) {
  CommandCheck check(command);
  const TensorView& src = command.operands[kSrc];
  const std::uint64_t columns = command.operands[kWeight].extent_from_end(1);
  check.format(kSrc, {DIXION_FORMAT_INT12}).format(kWeight, {DIXION_FORMAT_INT8}).format(kBias, {DIXION_FORMAT_INT32});
  check.format(kRequant, {DIXION_FORMAT_REQUANT}).format(kRows, {DIXION_FORMAT_UINT32});
  check.format(kDst, {DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32});
  check.rank(kSrc, 3, 3).rank(kWeight, 2, 2).rank(kBias, 1, 1).rank(kRequant, 1, 1).rank(kRows, 3, 3).rank(kDst, 3, 3);
  check.extent(kWeight, 0, src.extent_from_end(0), "the K of src");
  check.extent(kBias, 0, columns, "the N of weight").extent(kRequant, 0, columns, "the N of weight");
  check.extent(kDst, 0, columns, "the N of weight").extent(kDst, 1, src.extent_from_end(1), "the M of src");
  check.extent(kDst, 2, src.extent_from_end(2), "the batch of src");
  check.extent(kRows, 2, src.extent_from_end(2), "the batch of src");
  check.extent(kRows, 0, mask_words(src.extent_from_end(1)), "a bit for each row of src");
  const std::uint64_t groups = std::max(1U, command.operands[kRows].extent_from_end(1));
  check.require(columns % groups == 0, DIXION_CAUSE_BAD_SHAPE, DIXION_FIELD_OPERAND0 + kRows, groups,
                "groups that divide the " + std::to_string(columns) + " columns of weight");
  if (!command.operands[kRequant]) check.shift(1);
  return check.error();
}

RowsTiming MatrixEngine::rows_timing(const Command& command, const MaskSource& bits) const {
  const MatmulShape shape = shape_of(command);
  const std::uint64_t groups = groups_of(command);
  const auto look_at = [&] {
    return matmul_rows_timing(config_, delivery_, shape, groups, command.split,
                              static_cast<unsigned>(std::popcount(command.cores)), bits);
  };
  if (bits.stored()) return look_at();
  const auto [place, made] = assumed_rows_.try_emplace({shape.batch, shape.rows, shape.columns, shape.depth, groups,
                                                        shape.dst_bytes, command.split, command.cores, bits.look()});
  if (made) place->second = look_at();
  return place->second;
}

Demand MatrixEngine::matmul_rows_demand(const Command& command) const {
  return matmul_rows_demand(command, *mask_without_data(masks_, config_, command, kRows));
}

Demand MatrixEngine::matmul_rows_demand(const Command& command, const MaskSource& bits) const {
  const MatmulShape shape = shape_of(command);
  const std::uint64_t groups = groups_of(command);
  const RowsTiming timing = rows_timing(command, bits);
  Demand demand;
  demand.compute = timing.product.compute;
  demand.operand_bank_cycles = std::min(timing.product.bank, demand.compute);
  demand.drain = timing.product.drain;
  demand.macs = shape.batch * shape.rows * shape.columns * shape.depth;
  demand.transfers = transfers_of(command);
  set_passes(demand, kSrc, timing.product.src_passes);
  set_passes(demand, kWeight, timing.product.weight_passes);
  const std::uint64_t pieces = shape.batch * groups;
  limit_writes(demand, (timing.needed + pieces - 1) / pieces);
  demand.mask.elements = pieces * shape.rows;
  demand.mask.kept = timing.needed;
  demand.mask.macs_marked = (demand.mask.elements - timing.needed) * (shape.columns / groups) * shape.depth;
  demand.mask.macs_exploited = demand.macs - timing.macs_done;
  return demand;
}

CommandError MatrixEngine::execute_matmul_rows(const Command& command, MemoryAccess& memory, Result& result) {
  const MatmulShape shape = shape_of(command);
  const TensorView& dst = command.operands[kDst];
  if (!load_values(command.operands[kSrc], memory, first_)) return unreadable(command, kSrc);
  if (!load_bytes(command.operands[kWeight], memory, weight_bytes_)) return unreadable(command, kWeight);
  if (!load_bytes(command.operands[kRows], memory, mask_bytes_)) return unreadable(command, kRows);
  mask_.resize(mask_bytes_.size() / sizeof(std::uint32_t));
  std::memcpy(mask_.data(), mask_bytes_.data(), mask_bytes_.size());
  std::vector<std::int32_t> bias;
  if (command.operands[kBias] && !load_values(command.operands[kBias], memory, bias)) return unreadable(command, kBias);
  std::vector<RequantEntry> factors;
  if (CommandError error = load_factors(command, kRequant, memory, factors)) return error;
  // What is not computed stays as it is.
  Result::Tensor& tensor = add_result(result, dst);
  if (!load_bytes(dst, memory, tensor.bytes)) return unreadable(command, kDst);

  const std::size_t groups = groups_of(command), width = shape.columns / groups, depth = shape.depth;
  std::vector<std::uint8_t> product;
  for (std::size_t group = 0; group < groups; ++group) {
    const std::vector<std::size_t> rows = rows_of_group(mask_, shape, groups, group);
    if (rows.empty()) continue;
    second_.resize(rows.size() * depth);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::copy_n(first_.data() + rows[i] * depth, depth, second_.data() + i * depth);
    }
    MatmulOperands operands;
    operands.rows = rows.size();
    operands.columns = width;
    operands.depth = depth;
    operands.src = second_.data();
    operands.weight8 = reinterpret_cast<const std::int8_t*>(weight_bytes_.data()) + group * width * depth;
    operands.bias = bias.empty() ? nullptr : bias.data() + group * width;
    operands.factors = factors;
    if (factors.size() > 1) operands.factors = {&factors[group * width], &factors[group * width] + width};
    operands.dst_format = dst.format;
    const std::size_t row_bytes = width * shape.dst_bytes;
    product.resize(rows.size() * row_bytes);
    result.saturations += matmul_function(kernels_, operands, product.data());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::copy_n(product.data() + i * row_bytes, row_bytes,
                  tensor.bytes.data() + (rows[i] * groups + group) * row_bytes);
    }
  }
  const BufferMask bits(mask_.data());
  result.demand = matmul_rows_demand(command, bits);
  return {};
}

}  // namespace dixion
