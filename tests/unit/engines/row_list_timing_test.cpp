// SPDX-License-Identifier: Apache-2.0
/// Time, traffic and work of commands with a row list: those of listed rows (docs/timing.md, "Row lists").
#include "models/engines/matrix/matrix.h"
#include "models/engines/row_list_engine.h"
#include "models/engines/vector/vector.h"
#include "models/fast_kernels/fast_kernels.h"
#include "tests/support/refusals.h"
#include "tests/unit/engines/row_list_bench.h"

namespace dixion::test {
namespace {

constexpr std::uint32_t kTokens = 64, kWidth = 32;

struct RowListTiming : testing::Test {
  RowListBench bench{1};
  AcceleratorConfig config;
  MatrixEngine matrix{config, portable_kernels()};
  VectorEngine vector{config, portable_kernels()};

  RowListTiming() {
    bench.samples = 2;
    bench.heads = 4;
    bench.tokens = kTokens;
    bench.depth = kWidth;
  }

  /// A dense tensor without gaps.
  TensorView tensor(dixion_format format, const std::vector<std::uint32_t>& extents) {
    TensorView view = dense_view(format, extents);
    const std::uint64_t bytes = view.span_bytes();
    view.address = bench.memory.allocate(bytes);
    const std::vector<std::uint8_t> zeros(bytes, 0);
    EXPECT_TRUE(bench.memory.write(view.address, zeros.data(), bytes));
    return view;
  }
  Command matmul(std::uint32_t samples, std::uint32_t tokens) {
    return bench.command(DIXION_OPCODE_MATMUL,
                         {tensor(DIXION_FORMAT_INT12, {samples, tokens, kWidth}),
                          tensor(DIXION_FORMAT_INT8, {48, kWidth}),
                          {},
                          {},
                          tensor(DIXION_FORMAT_INT12, {samples, tokens, 48})},
                         {1, 0});
  }
  Command attention(std::uint32_t samples, std::uint32_t queries) {
    const auto heads = [&](std::uint32_t rows) { return tensor(DIXION_FORMAT_INT12, {samples, 4, rows, kWidth}); };
    return bench.command(DIXION_OPCODE_ATTENTION, {heads(queries), heads(kTokens), heads(kTokens), heads(queries)},
                         {1, 0, 1, 0});
  }
  /// Both ways to learn it give the same.
  Demand listed(Engine& engine, const Command& command, const std::vector<std::uint32_t>& rows) {
    RowListEngine lists(engine);
    Result executed, planned;
    const Command with_list = bench.with_list(command, rows);
    EXPECT_FALSE(lists.check(with_list));
    EXPECT_FALSE(lists.execute(with_list, bench.memory, executed));
    EXPECT_FALSE(lists.plan(with_list, bench.memory, planned));
    EXPECT_TRUE(planned.tensors.empty());
    EXPECT_EQ(executed.demand->compute, planned.demand->compute);
    EXPECT_EQ(bytes_of(*executed.demand), bytes_of(*planned.demand));
    return *executed.demand;
  }
  static std::map<unsigned, std::uint64_t> bytes_of(const Demand& demand) {
    std::map<unsigned, std::uint64_t> bytes;
    for (const Transfer& transfer : demand.transfers) {
      bytes[transfer.operand] += transfer.view.payload_bytes() * transfer.passes;
    }
    return bytes;
  }
  /// `count` rows of each sample.
  static std::vector<std::uint32_t> rows(std::vector<std::uint32_t> counts) {
    std::vector<std::uint32_t> all;
    for (std::uint32_t sample = 0; sample < counts.size(); ++sample) {
      for (std::uint32_t i = 0; i < counts[sample]; ++i) all.push_back(sample * kTokens + 2 * i);
    }
    return all;
  }
};

TEST_F(RowListTiming, AProductTakesTheTilesOfOneTallProductOfListedRows) {
  const Demand demand = listed(matrix, matmul(2, kTokens), rows({20, 13}));
  EXPECT_EQ(demand.compute, matrix.demand(matmul(1, 33)).compute);  // 3 tiles of rows, not 2 + 1
  EXPECT_LT(demand.compute, matrix.demand(matmul(1, 49)).compute);
  EXPECT_EQ(demand.macs, 2 * kTokens * kWidth * 48U);
  EXPECT_EQ(demand.mask.macs_marked, (2 * kTokens - 33) * kWidth * 48U);
  EXPECT_EQ(demand.mask.macs_exploited, demand.mask.macs_marked);
  EXPECT_EQ(demand.mask.tokens, 2 * kTokens);
  EXPECT_EQ(demand.mask.active_tokens, 33U);
}

TEST_F(RowListTiming, RowsMoveWeightsMoveWholeAndTheListMoves) {
  const Command command = matmul(2, kTokens);
  for (const auto& counts : {std::vector<std::uint32_t>{20, 13}, std::vector<std::uint32_t>{5, 5}, {0, 9}}) {
    const std::uint64_t n = counts[0] + counts[1];
    const std::map<unsigned, std::uint64_t> expected{
        {0, n * kWidth * 2}, {1, 48 * kWidth}, {4, n * 48 * 2}, {11, 16 + 4 * n}};
    const Demand demand = listed(matrix, command, rows(counts));
    EXPECT_EQ(bytes_of(demand), expected);
    for (const Transfer& transfer : demand.transfers) {
      const TensorView& whole = command.operands[transfer.operand];
      if (transfer.operand > 4) continue;
      EXPECT_GE(transfer.view.address, whole.address);
      EXPECT_LE(transfer.view.address + transfer.view.span_bytes(), whole.address + whole.span_bytes());
    }
  }
}

TEST_F(RowListTiming, AttentionTilesAreThoseOfEachSampleAndKeysAreWhole) {
  const Demand alike = listed(matrix, attention(2, kTokens), rows({17, 17}));
  EXPECT_EQ(alike.compute, matrix.demand(attention(2, 17)).compute);
  const Demand different = listed(matrix, attention(2, kTokens), rows({17, 16}));
  EXPECT_EQ(different.compute, matrix.demand(attention(1, 17)).compute + matrix.demand(attention(1, 16)).compute);
  const std::uint64_t keys = 2 * 4 * kTokens * kWidth * 2;
  EXPECT_EQ(bytes_of(different).at(1), keys);
  EXPECT_EQ(bytes_of(different).at(2), keys);
  EXPECT_EQ(bytes_of(different).at(0), 33U * 4 * kWidth * 2);
  EXPECT_EQ(different.mask.macs_marked, 2U * 4 * (2 * kTokens - 33) * kTokens * kWidth);
}

TEST_F(RowListTiming, AnEmptyListTakesNoTimeAndIsRead) {
  const Demand demand = listed(matrix, matmul(2, kTokens), {});
  EXPECT_EQ(demand.compute, 0U);
  EXPECT_EQ(bytes_of(demand), (std::map<unsigned, std::uint64_t>{{11, 16}}));
  EXPECT_EQ(demand.mask.macs_exploited, demand.macs);
  EXPECT_EQ(demand.macs, 2 * kTokens * kWidth * 48U);
}

TEST_F(RowListTiming, TheVectorEngineTakesListedElements) {
  const auto activation = [&](std::uint32_t samples, std::uint32_t tokens) {
    const auto view = [&] { return tensor(DIXION_FORMAT_INT16, {samples, tokens, kWidth}); };
    return bench.command(DIXION_OPCODE_GELU, {view(), view()}, {1, 0, 1, 0});
  };
  const Demand demand = listed(vector, activation(2, kTokens), rows({30, 3}));
  EXPECT_EQ(demand.compute, vector.demand(activation(1, 33)).compute);
  EXPECT_EQ(demand.macs, 0U);
}

}  // namespace
}  // namespace dixion::test
