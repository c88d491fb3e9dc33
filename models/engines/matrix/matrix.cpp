// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/matrix.h"

#include <bit>

#include "models/common/check.h"
#include "models/common/command_check.h"
#include "models/common/operands.h"
#include "models/common/tensor_io.h"
#include "models/engines/matrix/matmul_function.h"
#include "models/engines/matrix/matmul_operands.h"
#include "models/engines/matrix/matrix_timing.h"

namespace dixion {
namespace {

enum MatmulOperand : unsigned { kSrc, kWeight, kBias, kRequant, kMatmulDst };

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

}  // namespace

CommandError MatrixEngine::check(const Command& command) const {
  switch (command.info->value) {
    case DIXION_OPCODE_MATMUL:
      return check_matmul(command);
    case DIXION_OPCODE_MATMUL_PARTIAL:
    case DIXION_OPCODE_MATMUL_RESUME:
    case DIXION_OPCODE_MATMUL_MASKED:
      return check_masked_matmul(command);
    case DIXION_OPCODE_MATMUL_ROWS:
      return check_matmul_rows(command);
    case DIXION_OPCODE_ATTENTION:
    case DIXION_OPCODE_ATTENTION_MARK:
    case DIXION_OPCODE_ATTENTION_MASKED:
      return check_attention(command);
    default:
      return not_an_opcode_of(command, "matrix engine");
  }
}

Demand MatrixEngine::demand(const Command& command) const {
  switch (command.info->value) {
    case DIXION_OPCODE_MATMUL:
      return matmul_demand(command);
    case DIXION_OPCODE_MATMUL_PARTIAL:
    case DIXION_OPCODE_MATMUL_RESUME:
    case DIXION_OPCODE_MATMUL_MASKED:
      return masked_matmul_demand(command);
    case DIXION_OPCODE_MATMUL_ROWS:
      return matmul_rows_demand(command);
    default:
      return attention_demand(command);
  }
}

CommandError MatrixEngine::execute(const Command& command, MemoryAccess& memory, Result& result) {
  switch (command.info->value) {
    case DIXION_OPCODE_MATMUL:
      return execute_matmul(command, memory, result);
    case DIXION_OPCODE_MATMUL_PARTIAL:
    case DIXION_OPCODE_MATMUL_RESUME:
    case DIXION_OPCODE_MATMUL_MASKED:
      return execute_masked_matmul(command, memory, result);
    case DIXION_OPCODE_MATMUL_ROWS:
      return execute_matmul_rows(command, memory, result);
    default:
      return execute_attention(command, memory, result);
  }
}

Demand MatrixEngine::matmul_demand(const Command& command) const {
  const MatmulShape shape = matmul_shape(command);
  const MatmulTiming timing =
      matmul_timing(config_, delivery_, shape, command.split, static_cast<unsigned>(std::popcount(command.cores)));
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
  if (CommandError error = load_factors(command, kRequant, memory, operands.factors)) return error;
  operands.src = first_.data();

  Result::Tensor& tensor = add_result(result, dst);
  result.saturations += matmul_function(kernels_, operands, tensor.bytes.data());
  return {};
}

}  // namespace dixion
