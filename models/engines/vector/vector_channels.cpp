// SPDX-License-Identifier: Apache-2.0
// The operations of VectorEngine that take a shift and a scale per channel: normalisations and modulation.
#include "models/common/operands.h"
#include "models/common/tensor_io.h"
#include "models/engines/vector/group_norm_function.h"
#include "models/engines/vector/modulate_function.h"
#include "models/engines/vector/norm_function.h"
#include "models/engines/vector/vector.h"
#include "models/engines/vector/vector_check.h"
#include "models/engines/vector/vector_operands.h"

namespace dixion {
namespace {

/// Elements of all samples, rows of shift and scale.
struct ChannelValues {
  const std::vector<std::int32_t>& src;
  const std::vector<std::int32_t>& shift;
  const std::vector<std::int32_t>& scale;
};

/// A row of shift or scale for sample `batch`: [D] and [1, D] serve every sample.
const std::int32_t* modulation_row(const TensorView& view, const std::vector<std::int32_t>& values, std::size_t batch) {
  if (!view) return nullptr;
  return values.data() + (view.extent_from_end(1) == 1 ? 0 : batch * view.extent_from_end(0));
}

/// Calls compute(operands, offset) for each sample: `operands` then have its rows of shift and scale and its elements,
/// of which `offset` is the first.
template <typename Operands, typename Compute>
void for_each_sample(const Command& command, const ChannelValues& values, Operands operands, Compute compute) {
  using namespace norm_operand;
  const TensorView& dst = command.operands[kDst];
  const std::size_t sample = std::size_t{dst.extent_from_end(1)} * dst.extent_from_end(0);
  for (std::size_t batch = 0; batch < dst.extent_from_end(2); ++batch) {
    operands.src = values.src.data() + batch * sample;
    operands.shift = modulation_row(command.operands[kShift], values.shift, batch);
    operands.scale = modulation_row(command.operands[kScale], values.scale, batch);
    compute(operands, batch * sample);
  }
}

}  // namespace

CommandError VectorEngine::load_norm_operands(const Command& command, MemoryAccess& memory) {
  using namespace norm_operand;
  const TensorView& shift = command.operands[kShift];
  const TensorView& scale = command.operands[kScale];
  if (!load_values(command.operands[kSrc], memory, first_)) return unreadable(command, kSrc);
  if (shift && !load_values(shift, memory, second_)) return unreadable(command, kShift);
  if (scale && !load_values(scale, memory, third_)) return unreadable(command, kScale);
  return {};
}

CommandError VectorEngine::norm(const Command& command, MemoryAccess& memory, Result& result) {
  using namespace norm_operand;
  if (CommandError error = load_norm_operands(command, memory)) return error;
  const TensorView& src = command.operands[kSrc];
  NormOperands operands;
  operands.rows = src.extent_from_end(1);
  operands.depth = src.extent_from_end(0);
  operands.epsilon = command.immediates[2];
  auto* dst = elements<std::int16_t>(add_result(result, command.operands[kDst]));
  for_each_sample(command, {first_, second_, third_}, operands, [&](const NormOperands& sample, std::size_t offset) {
    result.saturations += norm_modulate(kernels_, sample, first_factor(command, 12), dst + offset);
  });
  return {};
}

CommandError VectorEngine::grouped_norm(const Command& command, MemoryAccess& memory, Result& result) {
  using namespace norm_operand;
  if (CommandError error = load_norm_operands(command, memory)) return error;
  const TensorView& src = command.operands[kSrc];
  GroupNormOperands operands;
  operands.positions = src.extent_from_end(1);
  operands.channels = src.extent_from_end(0);
  operands.epsilon = command.immediates[2];
  operands.groups = command.immediates[3];
  auto* dst = elements<std::int16_t>(add_result(result, command.operands[kDst]));
  for_each_sample(command, {first_, second_, third_}, operands,
                  [&](const GroupNormOperands& sample, std::size_t offset) {
                    result.saturations += group_norm(sample, first_factor(command, 12), dst + offset);
                  });
  return {};
}

CommandError VectorEngine::modulation(const Command& command, MemoryAccess& memory, Result& result) {
  using namespace norm_operand;
  if (CommandError error = load_norm_operands(command, memory)) return error;
  const TensorView& dst = command.operands[kDst];
  ModulateOperands operands;
  operands.positions = dst.extent_from_end(1);
  operands.channels = dst.extent_from_end(0);
  const Requantiser to_q16 = first_factor(command, 32);
  const Requantiser to_dst = second_factor(command, format_bits(dst.format));
  Result::Tensor& tensor = add_result(result, dst);
  for_each_sample(
      command, {first_, second_, third_}, operands, [&](const ModulateOperands& sample, std::size_t offset) {
        result.saturations += dst.format == DIXION_FORMAT_INT32
                                  ? modulate(sample, to_q16, to_dst, elements<std::int32_t>(tensor) + offset)
                                  : modulate(sample, to_q16, to_dst, elements<std::int16_t>(tensor) + offset);
      });
  return {};
}

}  // namespace dixion
