// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/engine_commands.h"

#include <algorithm>
#include <stdexcept>

#include "models/abi/generated/commands_table.h"
#include "models/common/tensor_io.h"

namespace dixion::bench {
namespace {

constexpr std::uint32_t kHalf = 1U << 30;
// With these a sum over K products of random operands fills most of 12 bits.
constexpr std::uint32_t kShift = 44, kScoreShift = 34, kOutputShift = 30;

Command make_command(std::uint8_t code, std::initializer_list<TensorView> operands,
                     std::initializer_list<std::uint32_t> immediates) {
  Command command;
  for (const abi::OpcodeInfo& info : abi::kOpcodes) {
    if (info.value == code) command.info = &info;
  }
  std::copy(operands.begin(), operands.end(), command.operands.begin());
  std::copy(immediates.begin(), immediates.end(), command.immediates.begin());
  return command;
}

/// [batch = 1, heads, tokens, depth] out of [tokens, row_bytes].
TensorView head_view(std::uint64_t address, std::uint64_t row_bytes) {
  TensorView view;
  view.address = address;
  view.format = DIXION_FORMAT_INT12;
  view.rank = 4;
  view.extent = {1, kHeads, kTokens, kHeadDepth};
  view.stride = {kTokens * row_bytes, 2 * kHeadDepth, row_bytes, 2};
  return view;
}

}  // namespace

EngineCommands::EngineCommands(const KernelSet& kernels)
    : matrix_(AcceleratorConfig{}, kernels), vector_(AcceleratorConfig{}, kernels) {}

TensorView EngineCommands::tensor(dixion_format format, std::initializer_list<std::uint32_t> extents,
                                  std::int32_t magnitude) {
  TensorView view;
  view.format = format;
  view.rank = static_cast<std::uint8_t>(extents.size());
  std::copy(extents.begin(), extents.end(), view.extent.begin());
  std::uint64_t stride = element_bytes(format);
  for (unsigned d = view.rank; d > 0; --d) {
    view.stride[d - 1] = stride;
    stride *= view.extent[d - 1];
  }
  view.address = memory_.allocate(stride);
  Result::Tensor values{view, std::vector<std::uint8_t>(stride)};
  const std::size_t bytes = element_bytes(format);
  for (std::size_t i = 0; i < stride; i += bytes) {
    state_ = state_ * 1664525U + 1013904223U;
    const std::int32_t value = static_cast<std::int32_t>(state_ >> 8) % (2 * magnitude + 1) - magnitude;
    std::memcpy(values.bytes.data() + i, &value, bytes);
  }
  if (!store(values, memory_)) throw std::runtime_error("the bench's memory is too small");
  return view;
}

TensorView EngineCommands::factors(std::uint32_t count) {
  TensorView view;
  view.format = DIXION_FORMAT_REQUANT;
  view.rank = 1;
  view.extent[0] = count;
  view.stride[0] = 8;
  view.address = memory_.allocate(std::uint64_t{8} * count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t entry[2] = {kHalf + i, kShift};
    if (!memory_.write(view.address + std::uint64_t{8} * i, entry, sizeof entry)) throw std::runtime_error("memory");
  }
  return view;
}

Command EngineCommands::matmul(const ProductShape& shape, dixion_format format) {
  const auto m = static_cast<std::uint32_t>(shape.rows), k = static_cast<std::uint32_t>(shape.depth),
             n = static_cast<std::uint32_t>(shape.columns);
  return make_command(DIXION_OPCODE_MATMUL,
                      {tensor(DIXION_FORMAT_INT12, {m, k}, 1500), tensor(DIXION_FORMAT_INT8, {n, k}, 100),
                       tensor(DIXION_FORMAT_INT32, {n}, 1 << 20), factors(n), tensor(format, {m, n}, 1)},
                      {});
}

Command EngineCommands::attention() {
  constexpr std::uint64_t kRow = 2 * 3 * kWidth;
  const TensorView qkv = tensor(DIXION_FORMAT_INT12, {kTokens, 3 * kWidth}, 600);
  const TensorView mixed = tensor(DIXION_FORMAT_INT12, {kTokens, kWidth}, 1);
  return make_command(DIXION_OPCODE_ATTENTION,
                      {head_view(qkv.address, kRow), head_view(qkv.address + 2 * kWidth, kRow),
                       head_view(qkv.address + 4 * kWidth, kRow), head_view(mixed.address, 2 * kWidth)},
                      {kHalf, kScoreShift, kHalf, kOutputShift});
}

Command EngineCommands::norm() {
  return make_command(
      DIXION_OPCODE_NORM_MODULATE,
      {tensor(DIXION_FORMAT_INT32, {1, kTokens, kWidth}, 1 << 18), tensor(DIXION_FORMAT_INT32, {1, kWidth}, 1 << 15),
       tensor(DIXION_FORMAT_INT32, {1, kWidth}, 1 << 15), tensor(DIXION_FORMAT_INT12, {1, kTokens, kWidth}, 1)},
      {kHalf, 38, 4295});
}

Command EngineCommands::gelu() {
  return make_command(
      DIXION_OPCODE_GELU_TANH,
      {tensor(DIXION_FORMAT_INT12, {kTokens, kHidden}, 2047), tensor(DIXION_FORMAT_INT12, {kTokens, kHidden}, 1)},
      {kHalf, 24, kHalf, 37});
}

Command EngineCommands::residual() {
  const TensorView x = tensor(DIXION_FORMAT_INT32, {1, kTokens, kWidth}, 1 << 18);
  return make_command(DIXION_OPCODE_GATED_RESIDUAL,
                      {x, tensor(DIXION_FORMAT_INT32, {1, 1, kWidth}, 1 << 15),
                       tensor(DIXION_FORMAT_INT32, {1, kTokens, kWidth}, 1 << 18), x},
                      {kHalf, 30});
}

std::vector<Command> EngineCommands::block() {
  return {matmul(kModulation, DIXION_FORMAT_INT32),
          norm(),
          matmul(kQkv),
          attention(),
          matmul(kProjection, DIXION_FORMAT_INT32),
          residual(),
          norm(),
          matmul(kUp),
          gelu(),
          matmul(kDown, DIXION_FORMAT_INT32),
          residual()};
}

void EngineCommands::run(const Command& command) {
  Engine& engine = command.info->unit == abi::Unit::kMatrix ? static_cast<Engine&>(matrix_) : vector_;
  const CommandError wrong = engine.check(command);
  if (wrong) throw std::runtime_error(wrong.expected);
  Result result;
  const CommandError failed = engine.execute(command, memory_, result);
  if (failed) throw std::runtime_error(failed.expected);
  for (const Result::Tensor& tensor : result.tensors) {
    if (!store(tensor, memory_)) throw std::runtime_error("a result lies outside memory");
  }
}

}  // namespace dixion::bench
