// SPDX-License-Identifier: Apache-2.0
#include "models/engines/vector/vector.h"

#include <bit>

#include "models/common/column_layout.h"
#include "models/common/operands.h"
#include "models/common/tensor_io.h"
#include "models/engines/vector/activation_function.h"
#include "models/engines/vector/elementwise_function.h"
#include "models/engines/vector/geglu_function.h"
#include "models/engines/vector/noise_function.h"
#include "models/engines/vector/rotary_function.h"
#include "models/engines/vector/vector_check.h"
#include "models/engines/vector/vector_operands.h"
#include "models/engines/vector/vector_timing.h"

namespace dixion {
namespace {

/// `view` with the extents of `shape`; where it had extent 1 it repeats.
TensorView broadcast(TensorView view, const TensorView& shape) {
  for (unsigned i = 0; i < view.rank; ++i) {
    if (view.extent[i] != shape.extent[i]) view.stride[i] = 0;
    view.extent[i] = shape.extent[i];
  }
  return view;
}

/// Each opcode here has one.
const TensorView& result_of(const Command& command) {
  unsigned i = 0;
  while (!command.info->operands[i].output) ++i;
  return command.operands[i];
}

}  // namespace

CommandError VectorEngine::check(const Command& command) const { return check_vector_command(command); }

Demand VectorEngine::demand(const Command& command) const {
  if (column_layout(command)) return columns_demand(command);
  Demand demand;
  demand.transfers = transfers_of(command);
  const TensorView& dst = result_of(command);
  const auto cores = static_cast<unsigned>(std::popcount(command.cores));
  if (command.info->value == DIXION_OPCODE_NORM_MODULATE) {
    const std::uint64_t depth = dst.extent_from_end(0);
    demand.compute = norm_cycles(config_, dst.elements() / depth, depth, cores);
  } else if (command.info->value == DIXION_OPCODE_GROUP_NORM) {
    const std::uint64_t groups = dst.extent_from_end(2) * command.immediates[3];
    demand.compute = norm_cycles(config_, groups, dst.elements() / groups, cores);
  } else if (command.info->value == DIXION_OPCODE_GEGLU) {
    demand.compute = elementwise_cycles(config_, command.operands[unary_operand::kSrc].elements(), 1, cores);
  } else {
    demand.compute = elementwise_cycles(config_, dst.elements(), vector_passes(command.info->value), cores);
  }
  return demand;
}

CommandError VectorEngine::execute(const Command& command, MemoryAccess& memory, Result& result) {
  if (column_layout(command)) return hidden_activation(command, memory, result);
  return (this->*operation_of(command.info->value))(command, memory, result);
}

VectorEngine::Operation VectorEngine::operation_of(std::uint8_t opcode) {
  switch (opcode) {
    case DIXION_OPCODE_NORM_MODULATE:
      return &VectorEngine::norm;
    case DIXION_OPCODE_GROUP_NORM:
      return &VectorEngine::grouped_norm;
    case DIXION_OPCODE_MODULATE:
      return &VectorEngine::modulation;
    case DIXION_OPCODE_GEGLU:
      return &VectorEngine::gated_activation;
    case DIXION_OPCODE_ROTARY:
      return &VectorEngine::rotation;
    case DIXION_OPCODE_ADD:
      return &VectorEngine::sum;
    case DIXION_OPCODE_GATED_RESIDUAL:
      return &VectorEngine::residual;
    case DIXION_OPCODE_CONVERT:
      return &VectorEngine::conversion;
    case DIXION_OPCODE_SAMPLER_UPDATE:
      return &VectorEngine::sampler;
    case DIXION_OPCODE_NOISE:
      return &VectorEngine::noise;
    default:
      return &VectorEngine::activation;
  }
}

CommandError VectorEngine::activation(const Command& command, MemoryAccess& memory, Result& result) {
  using namespace unary_operand;
  const TensorView& src = command.operands[kSrc];
  const TensorView& dst = command.operands[kDst];
  const Activation kind = activation_kind(command.info->value);
  const Requantiser to_q16 = first_factor(command, 32);
  const Requantiser to_dst = second_factor(command, format_bits(dst.format));
  const std::size_t count = src.elements();

  const auto apply = [&](const auto& values) {
    Result::Tensor& tensor = add_result(result, dst);
    result.saturations += dst.format == DIXION_FORMAT_INT32
                              ? activate(kind, to_q16, to_dst, count, values.data(), elements<std::int32_t>(tensor))
                              : activate(kind, to_q16, to_dst, count, values.data(), elements<std::int16_t>(tensor));
  };
  if (src.format == DIXION_FORMAT_INT32) {
    if (!load_values(src, memory, first_)) return unreadable(command, kSrc);
    apply(first_);
  } else {
    if (!load_values(src, memory, lanes_)) return unreadable(command, kSrc);
    apply(lanes_);
  }
  return {};
}

CommandError VectorEngine::gated_activation(const Command& command, MemoryAccess& memory, Result& result) {
  using namespace unary_operand;
  const TensorView& dst = command.operands[kDst];
  if (!load_values(command.operands[kSrc], memory, first_)) return unreadable(command, kSrc);
  const Requantiser to_q16 = first_factor(command, 32);
  const Requantiser to_dst = second_factor(command, format_bits(dst.format));
  const std::size_t width = dst.extent_from_end(0), rows = dst.elements() / width;
  Result::Tensor& tensor = add_result(result, dst);
  result.saturations += dst.format == DIXION_FORMAT_INT32
                            ? geglu(to_q16, to_dst, rows, width, first_.data(), elements<std::int32_t>(tensor))
                            : geglu(to_q16, to_dst, rows, width, first_.data(), elements<std::int16_t>(tensor));
  return {};
}

CommandError VectorEngine::rotation(const Command& command, MemoryAccess& memory, Result& result) {
  using namespace rotary_operand;
  if (!load_values(command.operands[kSrc], memory, lanes_)) return unreadable(command, kSrc);
  if (!load_values(command.operands[kTable], memory, table_)) return unreadable(command, kTable);
  auto* dst = elements<std::int16_t>(add_result(result, command.operands[kDst]));
  for (std::size_t first = 0; first < lanes_.size(); first += table_.size()) {
    result.saturations +=
        rotate_pairs(first_factor(command, 12), table_.size(), lanes_.data() + first, table_.data(), dst + first);
  }
  return {};
}

CommandError VectorEngine::sum(const Command& command, MemoryAccess& memory, Result& result) {
  using namespace add_operand;
  const TensorView& a = command.operands[kA];
  if (!load_values(a, memory, first_)) return unreadable(command, kA);
  if (!load_values(broadcast(command.operands[kB], a), memory, second_)) return unreadable(command, kB);
  auto* dst = elements<std::int32_t>(add_result(result, command.operands[kDst]));
  result.saturations += add(kernels_, first_factor(command, 32), first_.size(), first_.data(), second_.data(), dst);
  return {};
}

CommandError VectorEngine::residual(const Command& command, MemoryAccess& memory, Result& result) {
  using namespace residual_operand;
  const TensorView& x = command.operands[kX];
  if (!load_values(x, memory, first_)) return unreadable(command, kX);
  if (!load_values(broadcast(command.operands[kGate], x), memory, second_)) return unreadable(command, kGate);
  if (!load_values(command.operands[kH], memory, third_)) return unreadable(command, kH);
  auto* dst = elements<std::int32_t>(add_result(result, command.operands[kDst]));
  result.saturations += gated_residual(kernels_, first_factor(command, 32), first_.size(), first_.data(),
                                       second_.data(), third_.data(), dst);
  return {};
}

CommandError VectorEngine::conversion(const Command& command, MemoryAccess& memory, Result& result) {
  using namespace unary_operand;
  const TensorView& dst = command.operands[kDst];
  if (!load_values(command.operands[kSrc], memory, first_)) return unreadable(command, kSrc);
  const unsigned bits = format_bits(dst.format);
  const Requantiser factor = first_factor(command, bits);
  Result::Tensor& tensor = add_result(result, dst);
  const auto apply = [&](auto* values) {
    result.saturations += convert(kernels_, factor, bits, first_.size(), first_.data(), values);
  };
  switch (element_bytes(dst.format)) {
    case 1:
      apply(elements<std::int8_t>(tensor));
      break;
    case 2:
      apply(elements<std::int16_t>(tensor));
      break;
    default:
      apply(elements<std::int32_t>(tensor));
      break;
  }
  return {};
}

CommandError VectorEngine::sampler(const Command& command, MemoryAccess& memory, Result& result) {
  using namespace sampler_operand;
  const TensorView& uncond = command.operands[kUncond];
  std::vector<std::int32_t> words;
  if (!load_values(command.operands[kX], memory, first_)) return unreadable(command, kX);
  if (!load_values(command.operands[kCond], memory, second_)) return unreadable(command, kCond);
  if (uncond && !load_values(uncond, memory, third_)) return unreadable(command, kUncond);
  if (!load_values(command.operands[kConstants], memory, words)) return unreadable(command, kConstants);

  const SamplerConstants constants{words[0], words[1], words[2], words[3], words[4], words[5]};
  if (constants.limit < 0) {
    return bad_data(kConstants, static_cast<std::uint32_t>(constants.limit), "a limit of at least 0");
  }
  auto* dst = elements<std::int32_t>(add_result(result, command.operands[kDst]));
  result.saturations +=
      sampler_update(constants, first_.size(), first_.data(), second_.data(), uncond ? third_.data() : nullptr, dst);
  return {};
}

CommandError VectorEngine::noise(const Command& command, MemoryAccess& /*memory*/, Result& result) {
  const TensorView& dst = command.operands[noise_operand::kDst];
  const NoiseSource source{{command.immediates[0], command.immediates[1]}, command.immediates[3]};
  auto* values = elements<std::int32_t>(add_result(result, dst));
  for (std::uint32_t sample = 0; sample < dst.extent[0]; ++sample) {
    fill_noise(source, command.immediates[2] + sample, dst.extent[1], values + std::size_t{sample} * dst.extent[1]);
  }
  return {};
}

}  // namespace dixion
