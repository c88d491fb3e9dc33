// SPDX-License-Identifier: Apache-2.0
#include "models/engines/matrix/matrix.h"

#include "models/fast_kernels/fast_kernels.h"
#include "tests/support/engine_bench.h"

namespace dixion::test {
namespace {

using reference::Requant;
using reference::Tensor;

Requant random_factor(EngineBench& bench) { return {bench.between(-2147483647 - 1, 2147483647), bench.between(0, 62)}; }

/// A factor that brings sums over `depth` products into the range of the result, more or less.
Requant fitting_factor(EngineBench& bench) { return {bench.between(1 << 30, 2147483647), bench.between(36, 46)}; }

void matmul_equals_the_reference(EngineBench& bench) {
  MatrixEngine engine(AcceleratorConfig{}, fast_kernels());
  const std::size_t batch = static_cast<std::size_t>(bench.between(1, 3));
  const std::size_t rows = static_cast<std::size_t>(bench.between(1, 70));
  const std::size_t columns = static_cast<std::size_t>(bench.between(1, 140));
  const std::size_t depth = static_cast<std::size_t>(bench.between(1, 90));
  const bool batched = bench.chance(30);
  const dixion_format weight_format = bench.chance(50) ? DIXION_FORMAT_INT8 : DIXION_FORMAT_INT12;
  const dixion_format formats[] = {DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32};
  const dixion_format dst_format = formats[bench.between(0, 2)];

  const Bounds weights = bounds_of(weight_format);
  const Tensor src = bench.tensor({batch, rows, depth}, -2048, 2047);
  const Tensor weight = batched ? bench.tensor({batch, columns, depth}, weights.low, weights.high)
                                : bench.tensor({columns, depth}, weights.low, weights.high);
  const std::int32_t range = bench.chance(50) ? 2147483647 : 1 << 20;
  const Tensor bias = bench.tensor({columns}, -range, range);
  const bool has_bias = bench.chance(70), has_table = bench.chance(70);
  std::vector<Requant> factors(has_table ? columns : 1);
  for (Requant& factor : factors) factor = bench.chance(20) ? random_factor(bench) : fitting_factor(bench);

  const Tensor expected =
      matrix_product(src, weight, has_bias ? bias.values : std::vector<std::int32_t>{}, factors, bits_of(dst_format));
  const TensorView dst = bench.layout(expected, 3, dst_format);
  const Command command =
      bench.command(DIXION_OPCODE_MATMUL,
                    {bench.place(src, 3, DIXION_FORMAT_INT12), bench.place(weight, batched ? 3 : 2, weight_format),
                     has_bias ? bench.place(bias, 1, DIXION_FORMAT_INT32) : TensorView{},
                     has_table ? bench.place(factors) : TensorView{}, dst},
                    {static_cast<std::uint32_t>(factors[0].multiplier), static_cast<std::uint32_t>(factors[0].shift)});

  EXPECT_EQ(bench.run(engine, command), expected.saturated);
  EXPECT_EQ(bench.fetch(dst), expected.values);
}

void long_matmul_sums_stay_exact(EngineBench& bench) {
  MatrixEngine engine(AcceleratorConfig{}, fast_kernels());
  // Extremes whose sums leave int32 after 512 products.
  const auto depth = static_cast<std::size_t>(bench.between(500, 1600));
  const Tensor src({1, 5, depth}, std::vector<std::int32_t>(5 * depth, -2048));
  const Tensor weight({9, depth}, std::vector<std::int32_t>(9 * depth, bench.chance(50) ? -2048 : 2047));
  const std::vector<Requant> factor{{1, bench.between(0, 4)}};
  const Tensor expected = matrix_product(src, weight, {}, factor, 32);
  const TensorView dst = bench.layout(expected, 2, DIXION_FORMAT_INT32);
  const Command command = bench.command(
      DIXION_OPCODE_MATMUL,
      {bench.place(src, 2, DIXION_FORMAT_INT12), bench.place(weight, 2, DIXION_FORMAT_INT12), {}, {}, dst},
      {1, static_cast<std::uint32_t>(factor[0].shift)});
  EXPECT_EQ(bench.run(engine, command), expected.saturated);
  EXPECT_EQ(bench.fetch(dst), expected.values);
}

void attention_equals_the_reference(EngineBench& bench) {
  MatrixEngine engine(AcceleratorConfig{}, fast_kernels());
  const auto batch = static_cast<std::size_t>(bench.between(1, 2)),
             heads = static_cast<std::size_t>(bench.between(1, 3));
  const auto queries = static_cast<std::size_t>(bench.between(1, 40));
  // Long sums over keys, or over D, leave int32.
  const bool deep = bench.chance(15), many = !deep && bench.chance(30);
  const auto keys = static_cast<std::size_t>(many ? bench.between(250, 600) : bench.between(1, 60));
  const auto depth = static_cast<std::size_t>(deep ? bench.between(500, 1100) : bench.between(1, 70));
  const std::int32_t range = bench.chance(30) ? 2047 : 300;
  const Tensor q = bench.tensor({batch, heads, queries, depth}, -range - 1, range);
  const Tensor k = bench.tensor({batch, heads, keys, depth}, -range - 1, range);
  const Tensor v = bench.tensor({batch, heads, keys, depth}, -2048, 2047);
  const bool usual = bench.chance(70);
  const Requant score{usual ? bench.between(1 << 30, 2147483647) : bench.between(1, 2147483647),
                      usual ? bench.between(26, 34) : bench.between(0, 62)};
  const Requant output{usual ? bench.between(1 << 30, 2147483647) : bench.between(1, 2147483647),
                       usual ? bench.between(29, 31) : bench.between(0, 62)};

  const Tensor expected = attention(q, k, v, score, output);
  const TensorView dst = bench.layout(expected, 4, DIXION_FORMAT_INT12);
  const Command command =
      bench.command(DIXION_OPCODE_ATTENTION,
                    {bench.place(q, 4, DIXION_FORMAT_INT12), bench.place(k, 4, DIXION_FORMAT_INT12),
                     bench.place(v, 4, DIXION_FORMAT_INT12), dst},
                    {static_cast<std::uint32_t>(score.multiplier), static_cast<std::uint32_t>(score.shift),
                     static_cast<std::uint32_t>(output.multiplier), static_cast<std::uint32_t>(output.shift)});
  EXPECT_EQ(bench.run(engine, command), expected.saturated);
  EXPECT_EQ(bench.fetch(dst), expected.values);
}

TEST(MatrixEngine, MatmulEqualsTheReference) { over_seeds(40, matmul_equals_the_reference); }
TEST(MatrixEngine, LongMatmulSumsStayExact) { over_seeds(8, long_matmul_sums_stay_exact); }
TEST(MatrixEngine, AttentionEqualsTheReference) { over_seeds(40, attention_equals_the_reference); }

TEST(MatrixEngine, AttentionOverEqualKeysStaysExactWhereSumsLeaveInt32) {
  for (const std::size_t keys : {256, 257, 513, 2000}) {
    EngineBench bench(1);
    MatrixEngine engine(AcceleratorConfig{}, fast_kernels());
    const Tensor q({1, 1, 3, 4}, std::vector<std::int32_t>(12, 5)),
        k({1, 1, keys, 4}, std::vector<std::int32_t>(4 * keys, 7));
    const Tensor v({1, 1, keys, 4}, std::vector<std::int32_t>(4 * keys, -2048));
    const TensorView dst = bench.layout(q, 4, DIXION_FORMAT_INT12);
    bench.run(engine, bench.command(DIXION_OPCODE_ATTENTION,
                                    {bench.place(q, 4, DIXION_FORMAT_INT12), bench.place(k, 4, DIXION_FORMAT_INT12),
                                     bench.place(v, 4, DIXION_FORMAT_INT12), dst},
                                    {1U << 30, 30, 1U << 30, 30}));
    EXPECT_EQ(bench.fetch(dst), std::vector<std::int32_t>(12, -2048)) << keys;
  }
}

TEST(MatrixEngine, PortableKernelsGiveTheSameResult) {
  EngineBench bench(7);
  const Tensor src = bench.tensor({2, 33, 50}, -2048, 2047), weight = bench.tensor({47, 50}, -128, 127);
  const Tensor expected = matrix_product(src, weight, {}, {{1 << 30, 38}}, 12);
  const TensorView dst = bench.layout(expected, 3, DIXION_FORMAT_INT12);
  MatrixEngine engine(AcceleratorConfig{}, portable_kernels());
  const Command command =
      bench.command(DIXION_OPCODE_MATMUL,
                    {bench.place(src, 3, DIXION_FORMAT_INT12), bench.place(weight, 2, DIXION_FORMAT_INT8), {}, {}, dst},
                    {1 << 30, 38});
  EXPECT_EQ(bench.run(engine, command), expected.saturated);
  EXPECT_EQ(bench.fetch(dst), expected.values);
}

TEST(MatrixEngine, OneMatrixServesEveryBatchThroughAStrideOfZero) {
  EngineBench bench(3);
  const Tensor one = bench.tensor({1, 4, 8}, -2048, 2047), weight = bench.tensor({3, 8}, -128, 127);
  TensorView src = bench.place(one, 3, DIXION_FORMAT_INT12);
  src.extent[0] = 5;
  src.stride[0] = 0;
  const Tensor once = matrix_product(one, weight, {}, {{1, 4}}, 16);
  const TensorView dst = bench.layout(Tensor({5, 4, 3}), 3, DIXION_FORMAT_INT16);
  MatrixEngine engine(AcceleratorConfig{}, portable_kernels());
  bench.run(engine, bench.command(DIXION_OPCODE_MATMUL, {src, bench.place(weight, 2, DIXION_FORMAT_INT8), {}, {}, dst},
                                  {1, 4}));
  const std::vector<std::int32_t> values = bench.fetch(dst);
  ASSERT_EQ(values.size(), 5 * once.values.size());
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], once.values[i % once.values.size()]);
}

}  // namespace
}  // namespace dixion::test
