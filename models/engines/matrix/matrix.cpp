// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/matrix.h"

#include <bit>
#include <cstring>

#include "models/common/check.h"
#include "models/common/command_check.h"
#include "models/common/fixed_point.h"
#include "models/common/operands.h"
#include "models/common/tensor_io.h"
#include "models/engines/matrix/attention_function.h"
#include "models/engines/matrix/matmul_function.h"
#include "models/engines/matrix/matrix_timing.h"

namespace dixion {
namespace {

enum MatmulOperand : unsigned { kSrc, kWeight, kBias, kRequant, kMatmulDst };
enum AttentionOperand : unsigned { kQuery, kKey, kValue, kAttentionDst };

CommandError check_matmul(const Command& command) {
  CommandCheck check(command);
  const TensorView& src = command.operands[kSrc];
  const TensorView& weight = command.operands[kWeight];
  check.format(kSrc, {DIXION_FORMAT_INT12}).format(kWeight, {DIXION_FORMAT_INT8, DIXION_FORMAT_INT12});
  check.format(kBias, {DIXION_FORMAT_INT32}).format(kRequant, {DIXION_FORMAT_REQUANT});
  check.format(kMatmulDst, {DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32});
  check.rank(kSrc, 2, 3).rank(kWeight, 2, src.rank).rank(kBias, 1, 1).rank(kRequant, 1, 1);
  check.rank(kMatmulDst, src.rank, src.rank);
  check.extent(kWeight, 0, src.extent_from_end(0), "the K of src");
  if (weight.rank == 3) check.extent(kWeight, 2, src.extent_from_end(2), "the batch of src");
  check.extent(kBias, 0, weight.extent_from_end(1), "the N of weight");
  check.extent(kRequant, 0, weight.extent_from_end(1), "the N of weight");
  check.extent(kMatmulDst, 0, weight.extent_from_end(1), "the N of weight");
  check.extent(kMatmulDst, 1, src.extent_from_end(1), "the M of src");
  check.extent(kMatmulDst, 2, src.extent_from_end(2), "the batch of src");
  if (!command.operands[kRequant]) check.shift(1);
  return check.error();
}

CommandError check_attention(const Command& command) {
  CommandCheck check(command);
  const TensorView& query = command.operands[kQuery];
  const TensorView& key = command.operands[kKey];
  for (unsigned i = kQuery; i <= kAttentionDst; ++i) check.format(i, {DIXION_FORMAT_INT12}).rank(i, 4, 4);
  check.extent(kKey, 3, query.extent_from_end(3), "the batch of q");
  check.extent(kKey, 2, query.extent_from_end(2), "the heads of q");
  check.extent(kKey, 0, query.extent_from_end(0), "the D of q");
  check.extent(kValue, 3, query.extent_from_end(3), "the batch of q");
  check.extent(kValue, 2, query.extent_from_end(2), "the heads of q");
  check.extent(kValue, 1, key.extent_from_end(1), "the Tk of k");
  check.extent(kValue, 0, query.extent_from_end(0), "the D of q");
  check.same_shape(kAttentionDst, kQuery);
  check.positive(0).shift(1).positive(2).shift(3);
  check.require(command.split != DIXION_SPLIT_COLUMNS, DIXION_CAUSE_BAD_PARAMETER, DIXION_FIELD_SPLIT, command.split,
                "ROWS or HEADS");
  return check.error();
}

MatmulShape matmul_shape(const Command& command) {
  const TensorView& src = command.operands[kSrc];
  const TensorView& weight = command.operands[kWeight];
  MatmulShape shape;
  shape.batch = src.extent_from_end(2);
  shape.rows = src.extent_from_end(1);
  shape.columns = weight.extent_from_end(1);
  shape.depth = src.extent_from_end(0);
  shape.weight_per_batch = weight.rank == 3;
  shape.weight_bytes = element_bytes(weight.format);
  shape.dst_bytes = element_bytes(command.operands[kMatmulDst].format);
  return shape;
}

unsigned core_count(const Command& command) { return static_cast<unsigned>(std::popcount(command.cores)); }

CommandError load_factors(const Command& command, MemoryAccess& memory, std::vector<RequantEntry>& factors) {
  const TensorView& table = command.operands[kRequant];
  if (!table) {
    factors = {{static_cast<std::int32_t>(command.immediates[0]), static_cast<std::int32_t>(command.immediates[1])}};
    return {};
  }
  std::vector<std::uint8_t> bytes;
  if (!load_bytes(table, memory, bytes)) return unreadable(command, kRequant);
  factors.resize(bytes.size() / sizeof(RequantEntry));
  std::memcpy(factors.data(), bytes.data(), bytes.size());
  for (std::size_t n = 0; n < factors.size(); ++n) {
    const auto shift = static_cast<std::uint32_t>(factors[n].shift);
    if (shift > kMaxShift) {
      return bad_data(kRequant, shift, "a shift of at most 62; entry " + std::to_string(n));
    }
  }
  return {};
}

}  // namespace

CommandError MatrixEngine::check(const Command& command) const {
  switch (command.info->value) {
    case DIXION_OPCODE_MATMUL:
      return check_matmul(command);
    case DIXION_OPCODE_ATTENTION:
      return check_attention(command);
    default:
      return not_an_opcode_of(command, "matrix engine");
  }
}

Demand MatrixEngine::demand(const Command& command) const {
  return command.info->value == DIXION_OPCODE_MATMUL ? matmul_demand(command) : attention_demand(command);
}

CommandError MatrixEngine::execute(const Command& command, MemoryAccess& memory, Result& result) {
  return command.info->value == DIXION_OPCODE_MATMUL ? execute_matmul(command, memory, result)
                                                     : execute_attention(command, memory, result);
}

Demand MatrixEngine::matmul_demand(const Command& command) const {
  const MatmulShape shape = matmul_shape(command);
  const MatmulTiming timing = matmul_timing(config_, delivery_, shape, command.split, core_count(command));
  Demand demand;
  demand.compute = timing.compute;
  demand.operand_bank_cycles = timing.bank;
  demand.drain = timing.drain;
  demand.macs = shape.batch * shape.rows * shape.columns * shape.depth;
  demand.transfers = transfers_of(command);
  set_passes(demand, kSrc, timing.src_passes);
  set_passes(demand, kWeight, timing.weight_passes);
  return demand;
}

Demand MatrixEngine::attention_demand(const Command& command) const {
  const TensorView& query = command.operands[kQuery];
  const AttentionShape shape{std::uint64_t{query.extent[0]} * query.extent[1], query.extent[2],
                             command.operands[kKey].extent[2], query.extent[3]};
  const AttentionTiming timing = attention_timing(config_, delivery_, shape, command.split, core_count(command));
  Demand demand;
  demand.compute = timing.compute;
  demand.operand_bank_cycles = timing.bank;
  demand.drain = timing.drain;
  demand.macs = 2 * shape.heads * shape.queries * shape.keys * shape.depth;
  demand.transfers = transfers_of(command);
  set_passes(demand, kKey, timing.key_passes);
  set_passes(demand, kValue, timing.value_passes);
  return demand;
}

CommandError MatrixEngine::execute_matmul(const Command& command, MemoryAccess& memory, Result& result) {
  const MatmulShape shape = matmul_shape(command);
  const TensorView& dst = command.operands[kMatmulDst];
  MatmulOperands operands;
  operands.batch = shape.batch;
  operands.rows = shape.rows;
  operands.columns = shape.columns;
  operands.depth = shape.depth;
  operands.weight_per_batch = shape.weight_per_batch;
  operands.dst_format = dst.format;

  if (!load_values(command.operands[kSrc], memory, first_)) return unreadable(command, kSrc);
  if (command.operands[kWeight].format == DIXION_FORMAT_INT8) {
    if (!load_bytes(command.operands[kWeight], memory, weight_bytes_)) return unreadable(command, kWeight);
    operands.weight8 = reinterpret_cast<const std::int8_t*>(weight_bytes_.data());
  } else {
    if (!load_values(command.operands[kWeight], memory, second_)) return unreadable(command, kWeight);
    operands.weight = second_.data();
  }
  std::vector<std::int32_t> bias;
  if (command.operands[kBias]) {
    if (!load_values(command.operands[kBias], memory, bias)) return unreadable(command, kBias);
    operands.bias = bias.data();
  }
  if (CommandError error = load_factors(command, memory, operands.factors)) return error;
  operands.src = first_.data();

  Result::Tensor& tensor = add_result(result, dst);
  result.saturations += matmul_function(kernels_, operands, tensor.bytes.data());
  return {};
}

CommandError MatrixEngine::execute_attention(const Command& command, MemoryAccess& memory, Result& result) {
  const TensorView& query = command.operands[kQuery];
  if (!load_values(query, memory, first_)) return unreadable(command, kQuery);
  if (!load_values(command.operands[kKey], memory, second_)) return unreadable(command, kKey);
  if (!load_values(command.operands[kValue], memory, third_)) return unreadable(command, kValue);

  AttentionOperands operands;
  operands.heads = std::size_t{query.extent[0]} * query.extent[1];
  operands.queries = query.extent[2];
  operands.keys = command.operands[kKey].extent[2];
  operands.depth = query.extent[3];
  operands.q = first_.data();
  operands.k = second_.data();
  operands.v = third_.data();
  operands.score_multiplier = static_cast<std::int32_t>(command.immediates[0]);
  operands.score_shift = command.immediates[1];
  operands.output_multiplier = static_cast<std::int32_t>(command.immediates[2]);
  operands.output_shift = command.immediates[3];

  Result::Tensor& tensor = add_result(result, command.operands[kAttentionDst]);
  result.saturations += attention_function(kernels_, operands, reinterpret_cast<std::int16_t*>(tensor.bytes.data()));
  return {};
}

}  // namespace dixion
