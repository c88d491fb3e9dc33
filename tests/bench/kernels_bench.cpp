// SPDX-License-Identifier: Apache-2.0
/// Rates of bare kernels, of the KernelSet's products and of whole engines at DiT-XL/2 shapes. items_per_second counts
/// multiplications (MACs). `./run bench` reads the JSON that --benchmark_format=json prints.
#include <benchmark/benchmark.h>

#include "models/fast_kernels/fast_kernels.h"
#include "tests/bench/bare_kernels.h"
#include "tests/bench/engine_commands.h"

namespace dixion::bench {
namespace {

template <typename Element>
std::vector<Element> pattern(std::size_t count) {
  std::vector<Element> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<Element>(i * 37 % 101);
  return values;
}

void count_macs(benchmark::State& state, std::uint64_t macs) {
  state.SetItemsProcessed(static_cast<std::int64_t>(macs) * state.iterations());
}

void bare_int16_rate(benchmark::State& state) {
  constexpr std::size_t kRows = 256, kDepth = 1152;
  const auto a = pattern<std::int16_t>(kRows * kDepth), panel = pattern<std::int16_t>(kDepth * kBareColumns);
  std::vector<std::int32_t> c(kRows * kBareColumns);
  for (auto _ : state) {
    bare_int16(kRows, kDepth, a.data(), panel.data(), c.data());
    benchmark::ClobberMemory();
  }
  count_macs(state, kRows * kDepth * kBareColumns);
  state.SetLabel(bare_kernel_name());
}

void bare_int8_rate(benchmark::State& state) {
  constexpr std::size_t kRows = 256, kDepth = 1152;
  const auto a = pattern<std::uint8_t>(kRows * kDepth);
  const auto panel = pattern<std::int8_t>(kDepth * kBareColumns);
  std::vector<std::int32_t> c(kRows * kBareColumns);
  for (auto _ : state) {
    bare_int8(kRows, kDepth, a.data(), panel.data(), c.data());
    benchmark::ClobberMemory();
  }
  count_macs(state, kRows * kDepth * kBareColumns);
  state.SetLabel(bare_kernel_name());
}

/// The products of one forward pass and nothing else, as many panels as each has: columns and rows that fill no tile
/// count as whole ones.
void bare_dit_forward(benchmark::State& state) {
  const auto a = pattern<std::int16_t>(kTokens * kHidden), panel = pattern<std::int16_t>(kHidden * kBareColumns);
  std::vector<std::int32_t> c(kTokens * kBareColumns);
  std::uint64_t macs = 0;
  const auto multiply = [&](const ProductShape& shape, std::size_t times) {
    const std::size_t rows = (shape.rows + kBareRows - 1) / kBareRows * kBareRows;
    const std::size_t panels = (shape.columns + kBareColumns - 1) / kBareColumns;
    for (std::size_t i = 0; i < times * panels; ++i) {
      bare_int16(rows, shape.depth, a.data(), panel.data(), c.data());
      benchmark::ClobberMemory();
    }
    macs += times * shape.macs();
  };
  for (auto _ : state) {
    macs = 0;
    for (const ProductShape& shape : {kModulation, kQkv, kProjection, kUp, kDown}) multiply(shape, kBlocks);
    for (const ProductShape& shape : {kScores, kValues}) multiply(shape, kBlocks * kHeads);
  }
  count_macs(state, macs);
}

void kernel_product(benchmark::State& state, ProductShape shape) {
  const auto a = pattern<std::int16_t>(shape.rows * shape.depth),
             b = pattern<std::int16_t>(shape.columns * shape.depth);
  std::vector<std::int32_t> c(shape.rows * shape.columns);
  for (auto _ : state) {
    fast_kernels().dot_products(shape.rows, shape.columns, shape.depth, a.data(), shape.depth, b.data(), shape.depth,
                                c.data(), shape.columns);
    benchmark::ClobberMemory();
  }
  count_macs(state, shape.macs());
  state.SetLabel(fast_kernels().name());
}

void engine_matmul(benchmark::State& state, ProductShape shape) {
  EngineCommands commands(fast_kernels());
  const Command command = commands.matmul(shape);
  for (auto _ : state) commands.run(command);
  count_macs(state, shape.macs());
}

void engine_attention(benchmark::State& state) {
  EngineCommands commands(fast_kernels());
  const Command command = commands.attention();
  for (auto _ : state) commands.run(command);
  count_macs(state, kHeads * (kScores.macs() + kValues.macs()));
}

template <Command (EngineCommands::*kMake)()>
void engine_vector(benchmark::State& state) {
  EngineCommands commands(fast_kernels());
  const Command command = (commands.*kMake)();
  for (auto _ : state) commands.run(command);
}

void engine_block(benchmark::State& state) {
  EngineCommands commands(fast_kernels());
  const std::vector<Command> block = commands.block();
  for (auto _ : state) {
    for (const Command& command : block) commands.run(command);
  }
}

std::string name(const char* what, const ProductShape& shape) {
  return std::string(what) + "/" + std::to_string(shape.rows) + "x" + std::to_string(shape.depth) + "x" +
         std::to_string(shape.columns);
}

void register_all() {
  const auto add = [](const std::string& title, auto&& body) {
    benchmark::RegisterBenchmark(title.c_str(), body)->Unit(benchmark::kMillisecond);
  };
  add("bare/int16", bare_int16_rate);
  add("bare/int8", bare_int8_rate);
  add("bare/dit_forward", bare_dit_forward);
  for (ProductShape shape : {kQkv, kProjection, kUp, kDown, kModulation}) {
    for (const std::size_t batch : {std::size_t{1}, std::size_t{2}}) {
      shape.rows *= batch;
      add(name("kernel/product", shape), [shape](benchmark::State& state) { kernel_product(state, shape); });
      add(name("engine/matmul", shape), [shape](benchmark::State& state) { engine_matmul(state, shape); });
    }
  }
  add("engine/attention", engine_attention);
  add("engine/norm", engine_vector<&EngineCommands::norm>);
  add("engine/gelu", engine_vector<&EngineCommands::gelu>);
  add("engine/residual", engine_vector<&EngineCommands::residual>);
  add("engine/dit_block", engine_block);
}

}  // namespace
}  // namespace dixion::bench

int main(int argc, char** argv) {
  dixion::bench::register_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
