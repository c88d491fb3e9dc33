// SPDX-License-Identifier: Apache-2.0
#include "models/engines/vector/vector.h"

#include "tests/unit/engines/vector_bench.h"

namespace dixion::test {
namespace {

using reference::Requant;
using reference::Tensor;

std::size_t extent(EngineBench& bench, int high) { return static_cast<std::size_t>(bench.between(1, high)); }

/// Near 1, so that most results are neither 0 nor saturated; sometimes anything.
Requant factor(EngineBench& bench) {
  if (bench.chance(15)) return {bench.between(kLow, kHigh), bench.between(0, 62)};
  return {bench.between(1 << 29, kHigh), bench.between(27, 33)};
}

std::uint32_t multiplier(const Requant& f) { return static_cast<std::uint32_t>(f.multiplier); }
std::uint32_t shift(const Requant& f) { return static_cast<std::uint32_t>(f.shift); }

dixion_format any_of(EngineBench& bench, std::initializer_list<dixion_format> formats) {
  return formats.begin()[bench.between(0, static_cast<int>(formats.size()) - 1)];
}

void norm_equals_the_reference(EngineBench& bench) {
  VectorEngine engine = make_vector_engine();
  const std::size_t batch = extent(bench, 3), rows = extent(bench, 9), depth = extent(bench, 150);
  const std::int32_t range = bench.chance(20) ? kHigh : 5 << 16;
  const Tensor src = bench.tensor({batch, rows, depth}, -range, range);
  const std::int32_t modulation = bench.chance(20) ? kHigh : 2 << 16;
  const bool per_sample = bench.chance(70);
  const std::size_t samples = per_sample ? batch : 1;
  const Tensor shifts = bench.tensor({samples, 1, depth}, -modulation, modulation);
  const Tensor scales = bench.tensor({samples, 1, depth}, -modulation, modulation);
  const bool has_shift = bench.chance(80), has_scale = bench.chance(80);
  const Requant output = bench.chance(20) ? factor(bench) : Requant{bench.between(1 << 30, kHigh), 38};
  const auto epsilon = static_cast<std::uint32_t>(bench.chance(20) ? bench.between(1, kHigh) : 4295);

  const Tensor expected =
      norm_modulate(src, has_shift ? &shifts : nullptr, has_scale ? &scales : nullptr, output, epsilon);
  const unsigned rank = batch == 1 && bench.chance(50) ? 2 : 3;
  const auto modulator = [&](const Tensor& values) {
    return bench.place(Tensor({samples, depth}, values.values), per_sample ? 2 : 1, DIXION_FORMAT_INT32);
  };
  const TensorView dst = bench.layout(expected, rank, DIXION_FORMAT_INT12);
  const Command command =
      bench.command(DIXION_OPCODE_NORM_MODULATE,
                    {bench.place(src, rank, DIXION_FORMAT_INT32), has_shift ? modulator(shifts) : TensorView{},
                     has_scale ? modulator(scales) : TensorView{}, dst},
                    {multiplier(output), shift(output), epsilon});
  EXPECT_EQ(bench.run(engine, command), expected.saturated);
  EXPECT_EQ(bench.fetch(dst), expected.values);
}

void activations_equal_the_reference(EngineBench& bench) {
  VectorEngine engine = make_vector_engine();
  const auto kind = static_cast<reference::Activation>(bench.between(0, 3));
  const std::uint8_t code = kind == reference::Activation::kGelu       ? DIXION_OPCODE_GELU
                            : kind == reference::Activation::kGeluTanh ? DIXION_OPCODE_GELU_TANH
                            : kind == reference::Activation::kSilu     ? DIXION_OPCODE_SILU
                                                                       : DIXION_OPCODE_RELU;
  const auto narrow = {DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32};
  const dixion_format src_format = any_of(bench, narrow), dst_format = any_of(bench, narrow);
  const Bounds bounds = bounds_of(src_format);
  // Long tensors of narrow formats take another path than short ones.
  const std::size_t rows = bench.chance(15) ? 700 : extent(bench, 20);
  const Tensor src = bench.tensor({extent(bench, 3), rows, extent(bench, 60)}, bounds.low, bounds.high);
  const int widening = 32 - static_cast<int>(bits_of(src_format));
  const Requant input =
      bench.chance(15) ? factor(bench) : Requant{bench.between(1, 1 << (widening < 30 ? widening : 30)), 9};
  const Requant output = factor(bench);

  const Tensor expected = activation(kind, src, input, output, bits_of(dst_format));
  const TensorView dst = bench.layout(expected, 3, dst_format);
  const Command command = bench.command(code, {bench.place(src, 3, src_format), dst},
                                        {multiplier(input), shift(input), multiplier(output), shift(output)});
  EXPECT_EQ(bench.run(engine, command), expected.saturated);
  EXPECT_EQ(bench.fetch(dst), expected.values);
}

void add_equals_the_reference(EngineBench& bench) {
  VectorEngine engine = make_vector_engine();
  const std::vector<std::size_t> extents{extent(bench, 3), extent(bench, 4), extent(bench, 9), extent(bench, 40)};
  std::vector<std::size_t> small = extents;
  for (std::size_t& one : small) one = bench.chance(40) ? 1 : one;
  const dixion_format format = any_of(bench, {DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32});
  const Tensor a = bench.tensor(extents, kLow, kHigh);
  const Tensor b = bench.tensor(small, bounds_of(format).low, bounds_of(format).high);
  const Requant scale = factor(bench);
  const Tensor expected = add(a, b, scale);
  const TensorView dst = bench.layout(expected, 4, DIXION_FORMAT_INT32);
  const Command command =
      bench.command(DIXION_OPCODE_ADD, {bench.place(a, 4, DIXION_FORMAT_INT32), bench.place(b, 4, format), dst},
                    {multiplier(scale), shift(scale)});
  EXPECT_EQ(bench.run(engine, command), expected.saturated);
  EXPECT_EQ(bench.fetch(dst), expected.values);
}

void gated_residual_equals_the_reference(EngineBench& bench) {
  VectorEngine engine = make_vector_engine();
  const std::vector<std::size_t> extents{extent(bench, 3), extent(bench, 9), extent(bench, 40)};
  const std::vector<std::size_t> gates{extents[0], bench.chance(70) ? 1 : extents[1], extents[2]};
  const dixion_format format = any_of(bench, {DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32});
  const Tensor x = bench.tensor(extents, kLow, kHigh), gate = bench.tensor(gates, kLow, kHigh);
  const Tensor h = bench.tensor(extents, bounds_of(format).low, bounds_of(format).high);
  const Requant scale = factor(bench);
  const Tensor expected = gated_residual(x, gate, h, scale);
  const TensorView dst = bench.layout(expected, 3, DIXION_FORMAT_INT32);
  const Command command = bench.command(DIXION_OPCODE_GATED_RESIDUAL,
                                        {bench.place(x, 3, DIXION_FORMAT_INT32),
                                         bench.place(gate, 3, DIXION_FORMAT_INT32), bench.place(h, 3, format), dst},
                                        {multiplier(scale), shift(scale)});
  EXPECT_EQ(bench.run(engine, command), expected.saturated);
  EXPECT_EQ(bench.fetch(dst), expected.values);
}

void convert_equals_the_reference(EngineBench& bench) {
  VectorEngine engine = make_vector_engine();
  const auto integers = {DIXION_FORMAT_INT8, DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32};
  const dixion_format from = any_of(bench, integers), to = any_of(bench, integers);
  const Tensor src = bench.tensor({extent(bench, 9), extent(bench, 40)}, bounds_of(from).low, bounds_of(from).high);
  const Requant scale = factor(bench);
  const Tensor expected = convert(src, scale, bits_of(to));
  const TensorView dst = bench.layout(expected, 2, to);
  const Command command =
      bench.command(DIXION_OPCODE_CONVERT, {bench.place(src, 2, from), dst}, {multiplier(scale), shift(scale)});
  EXPECT_EQ(bench.run(engine, command), expected.saturated);
  EXPECT_EQ(bench.fetch(dst), expected.values);
}

void sampler_update_equals_the_reference(EngineBench& bench) {
  VectorEngine engine = make_vector_engine();
  const std::vector<std::size_t> extents{extent(bench, 4), extent(bench, 60)};
  const std::int32_t range = bench.chance(30) ? kHigh : 3 << 16;
  const Tensor x = bench.tensor(extents, -range, range), cond = bench.tensor(extents, -range, range);
  const Tensor uncond = bench.tensor(extents, -range, range);
  Tensor words = bench.tensor({6}, bench.chance(30) ? kLow : -(2 << 24), bench.chance(30) ? kHigh : 2 << 24);
  words.values[5] = bench.between(0, kHigh);
  const auto& w = words.values;
  const bool guided = bench.chance(60);
  const Tensor expected = sampler_update(x, cond, guided ? &uncond : nullptr, {w[0], w[1], w[2], w[3], w[4], w[5]});
  const TensorView dst = bench.layout(expected, 2, DIXION_FORMAT_INT32);
  const Command command = bench.command(
      DIXION_OPCODE_SAMPLER_UPDATE, {bench.place(x, 2, DIXION_FORMAT_INT32), bench.place(cond, 2, DIXION_FORMAT_INT32),
                                     guided ? bench.place(uncond, 2, DIXION_FORMAT_INT32) : TensorView{},
                                     bench.place(words, 1, DIXION_FORMAT_INT32), dst});
  EXPECT_EQ(bench.run(engine, command), expected.saturated);
  EXPECT_EQ(bench.fetch(dst), expected.values);
}

void noise_equals_the_reference(EngineBench& bench) {
  VectorEngine engine = make_vector_engine();
  const std::size_t samples = extent(bench, 4), elements = extent(bench, 500);
  const std::uint64_t seed = (std::uint64_t{bench.random()} << 32) | bench.random();
  const auto first = static_cast<std::uint32_t>(bench.random()), stream = static_cast<std::uint32_t>(bench.random());
  const Tensor expected = reference::noise(samples, elements, seed, first, stream);
  const TensorView dst = bench.layout(expected, 2, DIXION_FORMAT_INT32);
  bench.run(engine,
            bench.command(DIXION_OPCODE_NOISE, {dst},
                          {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32), first, stream}));
  EXPECT_EQ(bench.fetch(dst), expected.values);
}

TEST(VectorEngine, NormEqualsTheReference) { over_seeds(60, norm_equals_the_reference); }
TEST(VectorEngine, ActivationsEqualTheReference) { over_seeds(80, activations_equal_the_reference); }
TEST(VectorEngine, AddEqualsTheReference) { over_seeds(40, add_equals_the_reference); }
TEST(VectorEngine, GatedResidualEqualsTheReference) { over_seeds(40, gated_residual_equals_the_reference); }
TEST(VectorEngine, ConvertEqualsTheReference) { over_seeds(60, convert_equals_the_reference); }
TEST(VectorEngine, SamplerUpdateEqualsTheReference) { over_seeds(40, sampler_update_equals_the_reference); }
TEST(VectorEngine, NoiseEqualsTheReference) { over_seeds(10, noise_equals_the_reference); }

TEST(VectorEngine, NormOfAConstantRowIsItsShift) {
  EngineBench bench(1);
  VectorEngine engine = make_vector_engine();
  const Tensor src({1, 2, 8}, std::vector<std::int32_t>(16, kHigh));
  const Tensor shifts({8}, {0, 1, -1, 2047, -2048, 2048, 100, 5});
  const TensorView dst = bench.layout(src, 3, DIXION_FORMAT_INT12);
  const Command command = bench.command(
      DIXION_OPCODE_NORM_MODULATE,
      {bench.place(src, 3, DIXION_FORMAT_INT32), bench.place(shifts, 1, DIXION_FORMAT_INT32), {}, dst}, {1, 0, 1});
  EXPECT_EQ(bench.run(engine, command), 2u);  // 2048 in both rows
  const std::vector<std::int32_t> row{0, 1, -1, 2047, -2048, 2047, 100, 5};
  std::vector<std::int32_t> both = row;
  both.insert(both.end(), row.begin(), row.end());
  EXPECT_EQ(bench.fetch(dst), both);
}

TEST(VectorEngine, ReluKeepsPositiveNumbersOnly) {
  EngineBench bench(1);
  VectorEngine engine = make_vector_engine();
  const Tensor src({7}, {kLow, -65536, -1, 0, 1, 65536, kHigh});
  const TensorView dst = bench.layout(src, 1, DIXION_FORMAT_INT32);
  bench.run(engine, bench.command(DIXION_OPCODE_RELU, {bench.place(src, 1, DIXION_FORMAT_INT32), dst}, {1, 0, 1, 0}));
  EXPECT_EQ(bench.fetch(dst), (std::vector<std::int32_t>{0, 0, 0, 0, 1, 65536, kHigh}));
}

TEST(VectorEngine, NormAtItsGreatestDepthStaysExact) {
  EngineBench bench(1);
  VectorEngine engine = make_vector_engine();
  Tensor src({1, 1, 8192});
  for (std::size_t i = 0; i < src.values.size(); ++i) src.values[i] = i % 2 == 0 ? kLow : kHigh;
  const Tensor expected = norm_modulate(src, nullptr, nullptr, {1 << 30, 38}, 1);
  const TensorView dst = bench.layout(src, 2, DIXION_FORMAT_INT12);
  const Command command = bench.command(DIXION_OPCODE_NORM_MODULATE,
                                        {bench.place(src, 2, DIXION_FORMAT_INT32), {}, {}, dst}, {1 << 30, 38, 1});
  EXPECT_EQ(bench.run(engine, command), expected.saturated);
  EXPECT_EQ(bench.fetch(dst), expected.values);
}

}  // namespace
}  // namespace dixion::test
