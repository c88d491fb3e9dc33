// SPDX-License-Identifier: Apache-2.0
/// The matrix product of marked rows (docs/numerics.md section 21) and its cycles, worked out from docs/timing.md.
#include "models/common/mask_bits.h"
#include "models/engines/matrix/matmul_rows_timing.h"
#include "models/engines/matrix/matrix.h"
#include "models/fast_kernels/fast_kernels.h"
#include "tests/support/engine_bench.h"

namespace dixion::test::matmul_rows {
namespace {

using reference::Requant;
using reference::Tensor;

/// Random operands and what lies in dst before.
struct Operands {
  Tensor src, weight, bias, rows, before;
  std::vector<Requant> factors;
  dixion_format format;
  bool has_bias, has_table;

  explicit Operands(EngineBench& bench, std::int32_t words_of_rows = 0) {
    const auto size = [&](std::int32_t most) { return static_cast<std::size_t>(bench.between(1, most)); };
    const std::size_t batch = size(3), tokens = size(70), depth = size(60), groups = size(5), width = size(20);
    const dixion_format formats[] = {DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32};
    format = formats[bench.between(0, 2)];
    src = bench.tensor({batch, tokens, depth}, -2048, 2047);
    weight = bench.tensor({groups * width, depth}, -128, 127);
    bias = bench.tensor({groups * width}, -1000000, 1000000);
    rows = bench.tensor({batch, groups, mask_words(tokens)}, -2147483647 - 1, 2147483647);
    if (words_of_rows != 0) std::fill(rows.values.begin(), rows.values.end(), words_of_rows == 1 ? 0 : -1);
    before = bench.tensor({batch, tokens, groups * width}, bounds_of(format).low, bounds_of(format).high);
    has_bias = bench.chance(70);
    has_table = bench.chance(70);
    for (std::size_t i = 0; i < (has_table ? groups * width : 1); ++i)
      factors.push_back({bench.between(1 << 30, 2147483647), bench.between(36, 46)});
  }

  Command command(EngineBench& bench) const {
    return bench.command(
        DIXION_OPCODE_MATMUL_ROWS,
        {bench.place(src, 3, DIXION_FORMAT_INT12), bench.place(weight, 2, DIXION_FORMAT_INT8),
         has_bias ? bench.place(bias, 1, DIXION_FORMAT_INT32) : TensorView{},
         has_table ? bench.place(factors) : TensorView{}, bench.place(rows, 3, DIXION_FORMAT_UINT32),
         bench.place(before, 3, format)},
        {static_cast<std::uint32_t>(factors[0].multiplier), static_cast<std::uint32_t>(factors[0].shift)});
  }
  [[nodiscard]] std::vector<std::int32_t> biases() const {
    return has_bias ? bias.values : std::vector<std::int32_t>{};
  }
};

TEST(MatmulRows, EqualsTheReference) {
  over_seeds(60, [](EngineBench& bench) {
    MatrixEngine engine(AcceleratorConfig{}, fast_kernels());
    const Operands o(bench);
    const Command command = o.command(bench);
    const Tensor expected =
        matrix_product_rows(o.src, o.weight, o.biases(), o.factors, bits_of(o.format), o.rows, o.before);
    EXPECT_EQ(bench.run(engine, command), expected.saturated);
    EXPECT_EQ(bench.fetch(command.operands[5]), expected.values);
  });
}

TEST(MatmulRows, AllRowsGiveTheWholeProductAndNoneLeaveItAsItWas) {
  over_seeds(10, [](EngineBench& bench) {
    MatrixEngine engine(AcceleratorConfig{}, fast_kernels());
    const Operands none(bench, 1), all(bench, 2);
    const Command nothing = none.command(bench), everything = all.command(bench);
    EXPECT_EQ(bench.run(engine, nothing), 0U);
    EXPECT_EQ(bench.fetch(nothing.operands[5]), none.before.values);
    const Tensor whole = matrix_product(all.src, all.weight, all.biases(), all.factors, bits_of(all.format));
    EXPECT_EQ(bench.run(engine, everything), whole.saturated);
    EXPECT_EQ(bench.fetch(everything.operands[5]), whole.values);
  });
}

TEST(MatmulRows, RefusesWhatDoesNotFit) {
  EngineBench bench(5);
  MatrixEngine engine(AcceleratorConfig{}, fast_kernels());
  const Command right = Operands(bench).command(bench);
  ASSERT_FALSE(engine.check(right));
  for (const auto& [operand, dimension] :
       std::vector<std::pair<unsigned, unsigned>>{{1, 1}, {4, 0}, {4, 2}, {5, 0}, {5, 1}, {5, 2}}) {
    Command command = right;
    ++command.operands[operand].extent[dimension];
    EXPECT_EQ(engine.check(command).cause, DIXION_CAUSE_BAD_SHAPE) << operand << ' ' << dimension;
    EXPECT_EQ(engine.check(command).field, DIXION_FIELD_OPERAND0 + operand) << dimension;
  }
  Command groups = right;
  groups.operands[4].extent[1] = groups.operands[1].extent[0] + 1;
  EXPECT_EQ(engine.check(groups).cause, DIXION_CAUSE_BAD_SHAPE);
  EXPECT_NE(engine.check(groups).expected.find("groups that divide"), std::string::npos);
}

TEST(MatmulRows, WritesAndWorkFollowTheMask) {
  EngineBench bench(1);
  MatrixEngine engine(AcceleratorConfig{}, fast_kernels());
  Operands o(bench);
  o.format = DIXION_FORMAT_INT12;
  o.src = Tensor({2, 32, 16});
  o.weight = Tensor({32, 16});
  o.has_bias = o.has_table = false;
  o.rows = Tensor({2, 2, 1}, {0xf, 0xff, 0, 0});  // 4 + 8 rows of sample 0
  o.before = Tensor({2, 32, 32});
  Result result;
  const Command command = o.command(bench);
  ASSERT_FALSE(engine.execute(command, bench.memory, result));
  ASSERT_TRUE(result.demand);
  const MaskWork& work = result.demand->mask;
  EXPECT_EQ(work.elements, 2U * 2 * 32);
  EXPECT_EQ(work.kept, 12U);
  EXPECT_EQ(result.demand->macs, 2U * 32 * 32 * 16);
  EXPECT_EQ(work.macs_marked, (128U - 12) * 16 * 16);
  EXPECT_EQ(work.macs_exploited, work.macs_marked);  // groups are as wide as the array
  const Transfer& write = result.demand->transfers.back();
  EXPECT_TRUE(write.write);
  EXPECT_EQ(write.view.payload_bytes(), 2U * 3 * 32 * 2);  // 12 rows in 4 pieces: 3 of each
}

/// Row b * groups + g has the lowest `counts[b * groups + g]` bits.
class Counts final : public MaskSource {
 public:
  explicit Counts(std::vector<std::uint64_t> counts) : counts_(std::move(counts)) {}
  void row(std::uint64_t number, std::size_t keys, std::uint32_t* words) const override {
    std::fill(words, words + mask_words(keys), 0);
    for (std::size_t j = 0; j < counts_[number]; ++j) words[j / 32] |= std::uint32_t{1} << j % 32;
  }

 private:
  std::vector<std::uint64_t> counts_;
};

MatmulShape shape_of(std::uint64_t batch, std::uint64_t rows, std::uint64_t columns, std::uint64_t depth) {
  MatmulShape shape;
  shape.batch = batch;
  shape.rows = rows;
  shape.columns = columns;
  shape.depth = depth;
  return shape;
}

RowsTiming timing(const MatmulShape& shape, const std::vector<std::uint64_t>& counts, dixion_split split,
                  unsigned cores) {
  const AcceleratorConfig config;
  OperandDelivery delivery(config);
  return matmul_rows_timing(config, delivery, shape, counts.size() / shape.batch, split, cores, Counts(counts));
}

TEST(MatmulRowsTiming, AllRowsTakeTheTimeOfTheWholeProduct) {
  for (const MatmulShape& shape : {shape_of(1, 256, 384, 128), shape_of(3, 100, 216, 72)}) {
    for (const dixion_split split : {DIXION_SPLIT_ROWS, DIXION_SPLIT_COLUMNS, DIXION_SPLIT_HEADS}) {
      for (const unsigned cores : {1U, 4U, 24U}) {
        const AcceleratorConfig config;
        OperandDelivery delivery(config);
        const RowsTiming all = timing(shape, std::vector<std::uint64_t>(3 * shape.batch, shape.rows), split, cores);
        EXPECT_EQ(all.product.compute, matmul_timing(config, delivery, shape, split, cores).compute);
        EXPECT_EQ(all.macs_done, shape.batch * shape.rows * shape.columns * shape.depth);
      }
    }
  }
}

TEST(MatmulRowsTiming, EachGroupTakesTilesOfItsRows) {
  constexpr Cycles kFill = 39;
  const MatmulShape shape = shape_of(1, 64, 32, 16);  // a cycle per tile, two columns of tiles
  EXPECT_EQ(timing(shape, {17, 64}, DIXION_SPLIT_ROWS, 1).product.compute, 2 + 4 + kFill);
  EXPECT_EQ(timing(shape, {17, 64}, DIXION_SPLIT_ROWS, 4).product.compute, 1 + 1 + kFill);
  EXPECT_EQ(timing(shape, {17, 64}, DIXION_SPLIT_COLUMNS, 2).product.compute, 4 + kFill);
  EXPECT_EQ(timing(shape, {16, 0}, DIXION_SPLIT_ROWS, 1).product.compute, 1 + kFill);
  EXPECT_EQ(timing(shape, {0, 0}, DIXION_SPLIT_ROWS, 1).product.compute, kFill);
  EXPECT_EQ(timing(shape, {17, 64}, DIXION_SPLIT_ROWS, 1).needed, 81U);
  // Rows of samples that share weights fill tiles together: 10 + 6 of the first group, 20 + 20 of the second.
  EXPECT_EQ(timing(shape_of(2, 64, 32, 16), {10, 20, 6, 20}, DIXION_SPLIT_ROWS, 1).product.compute, 1 + 3 + kFill);
  EXPECT_EQ(timing(shape_of(2, 64, 32, 16), {10, 20, 6, 20}, DIXION_SPLIT_HEADS, 2).product.compute, 1 + 2 + kFill);
}

TEST(MatmulRowsTiming, AColumnTileOfTwoGroupsTakesTheRowsOfEither) {
  constexpr Cycles kFill = 39;
  // Groups of 12 columns: the first tile of columns belongs to both, the second to the second group.
  const RowsTiming shared = timing(shape_of(1, 64, 24, 16), {64, 16}, DIXION_SPLIT_ROWS, 1);
  EXPECT_EQ(shared.product.compute, 4 + 1 + kFill);
  EXPECT_EQ(shared.macs_done, (64U * 16 + 16 * 8) * 16);
}

}  // namespace
}  // namespace dixion::test::matmul_rows
