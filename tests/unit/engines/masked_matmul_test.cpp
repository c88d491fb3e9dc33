// SPDX-License-Identifier: Apache-2.0
/// Products of feed-forward networks under masks, and thresholds that make these (docs/numerics.md section 19).
#include <algorithm>

#include "models/engines/matrix/matrix.h"
#include "models/fast_kernels/fast_kernels.h"
#include "models/sparsity/sparsity_controller.h"
#include "tests/unit/engines/masked_matmul_bench.h"

namespace dixion::test {
namespace {

struct Outcome {
  std::vector<std::int32_t> dst, partial;
  std::uint64_t saturations = 0;
};

Outcome partial(EngineBench& bench, const Operands& o, const Tensor& mask) {
  MatrixEngine engine(AcceleratorConfig{}, fast_kernels());
  const Common c(bench, o);
  const TensorView dst = bench.layout(o.result(), 3, o.format), sums = bench.layout(o.result(), 3, DIXION_FORMAT_INT32);
  const Command command =
      bench.command(DIXION_OPCODE_MATMUL_PARTIAL,
                    {c.src, c.weight, c.bias, c.table, bench.place(mask, 3, DIXION_FORMAT_UINT32), dst, sums},
                    {multiplier(o), shift(o)});
  Outcome outcome;
  outcome.saturations = bench.run(engine, command);
  outcome.dst = bench.fetch(dst);
  outcome.partial = bench.fetch(sums);
  return outcome;
}

Outcome resume(EngineBench& bench, const Operands& o, const Tensor& mask, const Tensor& sums) {
  MatrixEngine engine(AcceleratorConfig{}, fast_kernels());
  const Common c(bench, o);
  const TensorView dst = bench.layout(o.result(), 3, o.format);
  const Command command = bench.command(DIXION_OPCODE_MATMUL_RESUME,
                                        {c.src, c.weight, c.table, bench.place(mask, 3, DIXION_FORMAT_UINT32),
                                         bench.place(sums, 3, DIXION_FORMAT_INT32), dst},
                                        {multiplier(o), shift(o)});
  Outcome outcome;
  outcome.saturations = bench.run(engine, command);
  outcome.dst = bench.fetch(dst);
  return outcome;
}

Outcome masked(EngineBench& bench, const Operands& o, const Tensor& mask, std::uint32_t shares) {
  MatrixEngine engine(AcceleratorConfig{}, fast_kernels());
  const Command command = masked_command(bench, o, bench.place(mask, 3, DIXION_FORMAT_UINT32), shares);
  Outcome outcome;
  outcome.saturations = bench.run(engine, command);
  outcome.dst = bench.fetch(command.operands[6]);
  return outcome;
}

void partial_equals_the_reference(EngineBench& bench) {
  const Operands o(bench, bench.chance(10));
  const Tensor mask = random_mask(bench, o.batch, o.rows, o.depth, bench.between(0, 100));
  Tensor sums;
  const Tensor expected = product_partial(o.src, o.weight, o.biases(), o.factors, mask, bits_of(o.format), sums);
  const Outcome outcome = partial(bench, o, mask);
  EXPECT_EQ(outcome.dst, expected.values);
  EXPECT_EQ(outcome.partial, sums.values);
  EXPECT_EQ(outcome.saturations, expected.saturated);
  EXPECT_EQ(outcome.dst, matrix_product(o.src, o.weight, o.biases(), o.factors, bits_of(o.format)).values);
}

void resume_equals_the_reference(EngineBench& bench) {
  const Operands o(bench, bench.chance(10));
  const Tensor mask = random_mask(bench, o.batch, o.rows, o.depth, bench.between(0, 100));
  const Tensor sums = bench.tensor({o.batch, o.rows, o.columns}, -2147483647 - 1, 2147483647);
  const Tensor expected = product_resume(o.src, o.weight, o.factors, mask, sums, bits_of(o.format));
  const Outcome outcome = resume(bench, o, mask, sums);
  EXPECT_EQ(outcome.dst, expected.values);
  EXPECT_EQ(outcome.saturations, expected.saturated);
}

void masked_equals_the_reference(EngineBench& bench) {
  const Operands o(bench);
  const std::uint32_t shares = bench.chance(50) ? 2 : 1;
  const Tensor mask = random_mask(bench, o.batch, o.rows, o.columns / shares, bench.between(0, 100));
  const Tensor expected = product_masked(o.src, o.weight, o.biases(), o.factors, mask, shares, bits_of(o.format));
  const Outcome outcome = masked(bench, o, mask, shares);
  EXPECT_EQ(outcome.dst, expected.values);
  EXPECT_EQ(outcome.saturations, expected.saturated);
}

/// Dense step and sparse step on the same operands, marks all or none.
void keeping_all_and_keeping_nothing_give_the_dense_product(EngineBench& bench) {
  Operands o(bench);
  if (o.has_bias) {
    for (std::int32_t& value : o.bias.values) value = std::clamp(value, -(1 << 30), 1 << 30);  // no sum saturates
  }
  const Tensor dense = matrix_product(o.src, o.weight, o.biases(), o.factors, bits_of(o.format));
  for (const int percent : {0, 37, 100}) {
    const Tensor mask = random_mask(bench, o.batch, o.rows, o.depth, percent);
    const Outcome first = partial(bench, o, mask);
    EXPECT_EQ(first.dst, dense.values);
    EXPECT_EQ(first.saturations, dense.saturated);
    const Outcome second = resume(bench, o, mask, Tensor({o.batch, o.rows, o.columns}, first.partial));
    EXPECT_EQ(second.dst, dense.values) << percent;
    EXPECT_EQ(second.saturations, dense.saturated);
  }
  EXPECT_EQ(masked(bench, o, random_mask(bench, o.batch, o.rows, o.columns, 100), 1).dst, dense.values);
  const Outcome none = masked(bench, o, random_mask(bench, o.batch, o.rows, o.columns, 0), 1);
  EXPECT_EQ(none.dst, std::vector<std::int32_t>(dense.values.size(), 0));
  EXPECT_EQ(none.saturations, 0U);
}

TEST(MaskedMatmul, PartialSumsEqualTheReference) { over_seeds(60, partial_equals_the_reference); }
TEST(MaskedMatmul, ResumedSumsEqualTheReference) { over_seeds(60, resume_equals_the_reference); }
TEST(MaskedMatmul, MaskedOutputsEqualTheReference) { over_seeds(60, masked_equals_the_reference); }
TEST(MaskedMatmul, MarkingAllOrNothingGivesTheDenseProduct) {
  over_seeds(30, keeping_all_and_keeping_nothing_give_the_dense_product);
}

TEST(MaskedMatmul, APartialSumThatLeavesInt32SaturatesAndIsCounted) {
  // 1 input of 2048 * 128 unmarked beside a bias at the limit.
  EngineBench bench(1);
  Operands o(bench);
  o.batch = o.rows = 1;
  o.columns = o.depth = 2;
  o.src = Tensor({1, 1, 2}, {-2048, -2048});
  o.weight = Tensor({2, 2}, {-128, -128, 1, 1});
  o.bias = Tensor({2}, {2147483647, 0});
  o.has_bias = true;
  o.has_table = false;
  o.factors = {{1, 20}};
  o.format = DIXION_FORMAT_INT32;
  const Outcome outcome = partial(bench, o, Tensor({1, 1, 1}, {0b10}));
  EXPECT_EQ(outcome.partial, (std::vector<std::int32_t>{2147483647, -2048}));
  EXPECT_EQ(outcome.saturations, 1U);
}

// ---- Thresholds.

Tensor threshold(EngineBench& bench, const Tensor& src, std::uint32_t limit) {
  SparsityController controller(AcceleratorConfig{});
  Tensor mask({src.extent[1], src.extent[2], mask_words(src.extent[3])});
  const Command command =
      bench.command(DIXION_OPCODE_MASK_THRESHOLD,
                    {bench.place(src, 3, DIXION_FORMAT_INT12), bench.layout(mask, 3, DIXION_FORMAT_UINT32)}, {limit});
  bench.run(controller, command);
  TensorView view = command.operands[1];
  view.format = DIXION_FORMAT_INT32;
  mask.values = bench.fetch(view);
  return mask;
}

TEST(MaskThreshold, MarksMagnitudesFromTheThresholdOn) {
  EngineBench bench(1);
  const Tensor src({1, 1, 5}, {-2048, -7, 0, 7, 2047});
  EXPECT_EQ(threshold(bench, src, 0).values[0], 0b11111);
  EXPECT_EQ(threshold(bench, src, 1).values[0], 0b11011);
  EXPECT_EQ(threshold(bench, src, 7).values[0], 0b11011);
  EXPECT_EQ(threshold(bench, src, 8).values[0], 0b10001);
  EXPECT_EQ(threshold(bench, src, 2048).values[0], 0b00001);
  EXPECT_EQ(threshold(bench, src, 2049).values[0], 0);
}

void threshold_equals_the_reference(EngineBench& bench) {
  const auto extent = [&](int most) { return static_cast<std::size_t>(bench.between(1, most)); };
  const Tensor src = bench.tensor({extent(3), extent(40), extent(130)}, -2048, 2047);
  const auto limit = static_cast<std::uint32_t>(bench.between(0, 2049));
  EXPECT_EQ(threshold(bench, src, limit).values, mask_threshold(src, limit).values);
}
TEST(MaskThreshold, EqualsTheReference) { over_seeds(30, threshold_equals_the_reference); }

TEST(MaskThreshold, TakesAnElementPerLaneAndCycle) {
  EngineBench bench(1);
  const SparsityController controller(AcceleratorConfig{});
  Command command = bench.command(DIXION_OPCODE_MASK_THRESHOLD,
                                  {bench.place(Tensor({2, 3, 100}), 3, DIXION_FORMAT_INT12),
                                   bench.layout(Tensor({2, 3, 4}), 3, DIXION_FORMAT_UINT32)},
                                  {1});
  EXPECT_EQ(controller.demand(command).compute, 10U + 4);  // 600 / 64 lanes
  command.cores = 0xf;
  EXPECT_EQ(controller.demand(command).compute, 3U + 4);
}

}  // namespace
}  // namespace dixion::test
