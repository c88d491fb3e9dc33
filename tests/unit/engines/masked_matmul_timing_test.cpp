// SPDX-License-Identifier: Apache-2.0
/// accel_cycles and traffic of products under masks, worked out by hand from docs/timing.md.
#include "models/engines/matrix/masked_matmul_timing.h"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "models/engines/matrix/matrix.h"
#include "models/sparsity/sparsity_controller.h"
#include "tests/support/engine_bench.h"
#include "tests/support/rule_mask.h"

namespace dixion::test {
namespace {

const RuleMask kAll([](std::uint64_t, std::uint64_t) { return true; });
const RuleMask kNone([](std::uint64_t, std::uint64_t) { return false; });
const RuleMask kFirst40([](std::uint64_t, std::uint64_t j) { return j < 40; });
/// Rows of tile t keep 16 (t + 1) columns.
const RuleMask kStairs([](std::uint64_t i, std::uint64_t j) { return j < 16 * (i / 16 % 4 + 1); });

/// 2 samples of 64 rows, 128 columns, 80 inputs.
MaskedMatmul product(bool inputs, dixion_split split, unsigned cores) {
  MaskedMatmul result;
  result.shape = {2, 64, 128, 80, false, 1, 2};
  result.split = split;
  result.cores = cores;
  result.marks_inputs = inputs;
  return result;
}

struct Times {
  Cycles dense;
  MaskedMatmulTiming masked;
  Cycles fill;
};

Times times(const AcceleratorConfig& config, const MaskedMatmul& what, const MaskSource& mask) {
  OperandDelivery delivery(config);
  const MatmulTiming dense = matmul_timing(config, delivery, what.shape, what.split, what.cores);
  const auto rule = make_merge_rule(config.merge_rule);
  const auto tiles =
      tile_works(masked_tiles(config, what), mask, what.depth != 0 ? rule.get() : nullptr, what.depth, 0);
  return {dense.compute, masked_matmul_timing(config, what, dense, tiles, 0), matrix_fill_cycles(config)};
}

TEST(MaskedMatmulTiming, AMaskOfAllTakesTheTimeOfTheDenseProduct) {
  const AcceleratorConfig config;
  for (const bool inputs : {false, true}) {
    for (const dixion_split split : {DIXION_SPLIT_ROWS, DIXION_SPLIT_COLUMNS, DIXION_SPLIT_HEADS}) {
      for (const unsigned cores : {1U, 3U, 4U}) {
        const Times t = times(config, product(inputs, split, cores), kAll);
        EXPECT_EQ(t.masked.compute, t.dense) << inputs << split << cores;
        EXPECT_EQ(t.masked.work.macs_marked, 0U);
        EXPECT_EQ(t.masked.work.macs_exploited, 0U);
      }
    }
  }
}

TEST(MaskedMatmulTiming, OutputsThatNoRowOfATileNeedsAreLeftOut) {
  const AcceleratorConfig config;
  // 8 tiles of 16 rows, ceil(40 / 16) = 3 passes of ceil(80 / 16) = 5 steps each.
  const Times one = times(config, product(false, DIXION_SPLIT_ROWS, 1), kFirst40);
  EXPECT_EQ(one.masked.compute, 8U * 3 * 5 + one.fill);
  EXPECT_EQ(times(config, product(false, DIXION_SPLIT_ROWS, 3), kFirst40).masked.compute, 3U * 3 * 5 + one.fill);
  EXPECT_EQ(times(config, product(false, DIXION_SPLIT_COLUMNS, 2), kFirst40).masked.compute, 8U * 2 * 5 + one.fill);
  EXPECT_EQ(times(config, product(false, DIXION_SPLIT_HEADS, 2), kFirst40).masked.compute, 4U * 3 * 5 + one.fill);
  EXPECT_EQ(one.masked.work.elements, 128U * 128);
  EXPECT_EQ(one.masked.work.kept, 128U * 40);
  EXPECT_EQ(one.masked.work.macs_marked, 128U * 88 * 80);
  EXPECT_EQ(one.masked.work.macs_exploited, 128U * 88 * 80);
  EXPECT_EQ(one.masked.work.blocks_before, 8U * 8);
  EXPECT_EQ(one.masked.work.blocks_merged, 8U * 3);
  EXPECT_EQ(one.masked.work.block_outputs, 128U * 40);
}

TEST(MaskedMatmulTiming, TheCoreWithTheMostPassesDecides) {
  // Passes of the tiles: 1 2 3 4 1 2 3 4; each core takes the next tile when it is free.
  const AcceleratorConfig config;
  const Cycles fill = matrix_fill_cycles(config);
  EXPECT_EQ(times(config, product(false, DIXION_SPLIT_ROWS, 8), kStairs).masked.compute, 4U * 5 + fill);
  EXPECT_EQ(times(config, product(false, DIXION_SPLIT_ROWS, 1), kStairs).masked.compute, 20U * 5 + fill);
  // Two cores: 1+3+1 +... by hand: a 1, b 2, a 3 (4), b 4 (6), a 1 (5), a 2 (7), b 3 (9), a 4 (11).
  EXPECT_EQ(times(config, product(false, DIXION_SPLIT_ROWS, 2), kStairs).masked.compute, 11U * 5 + fill);
}

TEST(MaskedMatmulTiming, InputsThatNoRowOfATileNeedsAreLeftOut) {
  const AcceleratorConfig config;
  // ceil(40 / 16) = 3 of 5 steps, 8 passes over 128 columns, 8 tiles.
  const Times one = times(config, product(true, DIXION_SPLIT_ROWS, 1), kFirst40);
  EXPECT_EQ(one.masked.compute, 8U * 8 * 3 + one.fill);
  EXPECT_EQ(one.masked.work.macs_marked, 128U * 40 * 128);
  EXPECT_EQ(one.masked.work.macs_exploited, 128U * 40 * 128);
  // Nothing marked: partial sums still pass once.
  EXPECT_EQ(times(config, product(true, DIXION_SPLIT_ROWS, 1), kNone).masked.compute, 8U * 8 * 1 + one.fill);
}

TEST(MaskedMatmulTiming, SchedulesTakeAPassPerMergedBlockAndShare) {
  const AcceleratorConfig config;
  MaskedMatmul what = product(false, DIXION_SPLIT_ROWS, 1);
  what.depth = 3;
  // Each row needs one column of every 16, another one in each block: blocks never conflict and merge three to one.
  const RuleMask diagonal([](std::uint64_t i, std::uint64_t j) { return (j + j / 16) % 16 == i % 16; });
  // 128 columns are all needed by some row: 8 blocks per tile, merged 3 + 3 + 2.
  const Times t = times(config, what, diagonal);
  EXPECT_EQ(t.masked.work.blocks_before, 64U);
  EXPECT_EQ(t.masked.work.blocks_condensed, 64U);
  EXPECT_EQ(t.masked.work.blocks_merged, 24U);
  EXPECT_EQ(t.masked.compute, 24U * 5 + t.fill);
  EXPECT_EQ(t.masked.work.macs_exploited, (128U * 128 - 24 * 256) * 80);
  what.depth = 1;
  EXPECT_EQ(times(config, what, diagonal).masked.work.blocks_merged, 64U);
  what.depth = 2;
  EXPECT_EQ(times(config, what, diagonal).masked.work.blocks_merged, 32U);
  what.depth = 3;
  what.shares = 2;  // 64 bits: 4 blocks, merged 3 + 1, run for both halves
  const Times shared = times(config, what, diagonal);
  EXPECT_EQ(shared.masked.work.blocks_merged, 8U * 2 * 2);
  EXPECT_EQ(shared.masked.compute, 8U * 2 * 2 * 5 + shared.fill);
  EXPECT_EQ(shared.masked.work.macs_marked, 128U * 60 * 2 * 80);
}

TEST(MaskedMatmulTiming, PatchesBringNeighboursTogether) {
  const AcceleratorConfig config;
  // 8 x 8 tokens; those of a 4 x 4 patch need the same 32 columns.
  const RuleMask patches([](std::uint64_t i, std::uint64_t j) { return j / 32 == i % 64 / 32 * 2 + i % 8 / 4; });
  MaskedMatmul what = product(false, DIXION_SPLIT_ROWS, 1);
  EXPECT_EQ(times(config, what, patches).masked.work.blocks_merged, 8U * 4);
  what.grid_width = 8;
  EXPECT_EQ(times(config, what, patches).masked.work.blocks_merged, 8U * 2);
}

// ---- Whole commands in timing mode.

AcceleratorConfig timing_mode(double density) {
  AcceleratorConfig config;
  config.compute_values = false;
  config.ffn_mask_density = density;
  return config;
}

struct Commands {
  EngineBench bench{1};
  TensorView src = bench.layout(reference::Tensor({2, 3, 64}), 3, DIXION_FORMAT_INT12);
  TensorView weight = bench.layout(reference::Tensor({2048, 64}), 2, DIXION_FORMAT_INT8);
  TensorView mask = bench.layout(reference::Tensor({2, 3, 64}), 3, DIXION_FORMAT_UINT32);
  TensorView dst = bench.layout(reference::Tensor({2, 3, 2048}), 3, DIXION_FORMAT_INT12);
};

std::uint64_t bytes_of(const Demand& demand, unsigned operand) {
  std::uint64_t bytes = 0;
  for (const Transfer& transfer : demand.transfers) {
    if (transfer.operand == operand) bytes += transfer.view.payload_bytes() * transfer.passes;
  }
  return bytes;
}

TEST(MaskedMatmulDemand, WeightsThatNoTileNeedsStayInMemory) {
  Commands c;
  const auto demand = [&](double density) {
    return MatrixEngine(timing_mode(density), portable_kernels())
        .demand(
            c.bench.command(DIXION_OPCODE_MATMUL_MASKED, {c.src, c.weight, {}, {}, c.mask, {}, c.dst}, {1, 0, 1, 0}));
  };
  EXPECT_EQ(bytes_of(demand(1), 1), 2048U * 64);
  // Six rows: a column is needed by none with probability 0.95^6 = 0.735.
  const double share = static_cast<double>(bytes_of(demand(0.05), 1)) / (2048 * 64);
  EXPECT_NEAR(share, 1 - std::pow(0.95, 6), 0.03);
  EXPECT_NEAR(static_cast<double>(demand(0.05).mask.kept), 0.05 * 6 * 2048, 120);
}

TEST(MaskedMatmulDemand, GeneratorAndRecordsAreCharged) {
  Commands c;
  const TensorView schedule = [&] {
    TensorView view;
    view.format = DIXION_FORMAT_UINT32;
    view.rank = 3;
    view.extent = {2, 1, 16 + 64 * 128, 0};
    view.stride = {4 * (16 + 64 * 128), 4 * (16 + 64 * 128), 4, 0};
    view.address = c.bench.memory.allocate(view.span_bytes());
    return view;
  }();
  const AcceleratorConfig config = timing_mode(0.05);
  SparsityController controller(config);
  const Command build = c.bench.command(DIXION_OPCODE_CONMERGE_BUILD, {c.mask, schedule}, {2048, 3});
  ASSERT_FALSE(controller.check(build));
  const Demand built = controller.demand(build);
  // Two tiles one after the other on one core: a cycle per column; 16 per block begun or tried, exposed of the last
  // tile only, which has about half of the blocks.
  EXPECT_GE(built.compute, 2 * 2048 + 16 * (built.mask.blocks_condensed / 2));
  EXPECT_LE(built.compute, 2 * 2048 + 16 * 3 * ((built.mask.blocks_condensed + 1) / 2));
  EXPECT_EQ(bytes_of(built, 1), 2 * 64 + 256 * built.mask.blocks_merged);
  const Demand used = MatrixEngine(config, portable_kernels())
                          .demand(c.bench.command(DIXION_OPCODE_MATMUL_MASKED,
                                                  {c.src, c.weight, {}, {}, c.mask, schedule, c.dst}, {1, 0, 1, 3}));
  EXPECT_EQ(used.mask.blocks_merged, built.mask.blocks_merged);
  EXPECT_EQ(bytes_of(used, 5), bytes_of(built, 1));
  EXPECT_EQ(used.compute, built.mask.blocks_merged * 4 + matrix_fill_cycles(config));
}

TEST(MaskedMatmulDemand, PartialSumsAreAnExtraWrite) {
  Commands c;
  const TensorView sums = c.bench.layout(reference::Tensor({2, 3, 2048}), 3, DIXION_FORMAT_INT32);
  const TensorView inputs = c.bench.layout(reference::Tensor({2, 3, 2}), 3, DIXION_FORMAT_UINT32);
  MatrixEngine engine(timing_mode(0.25), portable_kernels());
  const Demand dense = engine.demand(c.bench.command(DIXION_OPCODE_MATMUL, {c.src, c.weight, {}, {}, c.dst}, {1, 0}));
  const Demand partial = engine.demand(
      c.bench.command(DIXION_OPCODE_MATMUL_PARTIAL, {c.src, c.weight, {}, {}, inputs, c.dst, sums}, {1, 0}));
  EXPECT_EQ(partial.compute, dense.compute);
  EXPECT_GT(partial.drain, dense.drain);
  EXPECT_EQ(bytes_of(partial, 6), 2U * 3 * 2048 * 4);
  EXPECT_EQ(bytes_of(partial, 5), bytes_of(dense, 4));
  EXPECT_EQ(partial.mask.macs_marked, 0U);
  // A quarter of 384 independent bits, within 3 sigma.
  EXPECT_NEAR(static_cast<double>(partial.mask.kept), 2 * 3 * 64 / 4, 3 * std::sqrt(2 * 3 * 64 * 0.25 * 0.75));
}

TEST(ShareOut, TheNextPieceGoesToTheFirstThatIsFree) {
  const std::vector<std::uint64_t> pieces{5, 1, 1, 1, 4};
  EXPECT_EQ(share_out(pieces, 1), 12U);
  EXPECT_EQ(share_out(pieces, 2), 7U);  // 5 | 1 1 1 4
  EXPECT_EQ(share_out(pieces, 9), 5U);
  EXPECT_EQ(share_out({}, 2), 0U);
}

TEST(TileWorks, TilesThatAreNotLookedAtAreTakenFromTheirNeighbours) {
  const TileShape shape{3, 40, 64, 16, 0};
  const auto all = tile_works(shape, kFirst40, nullptr, 0, 0), some = tile_works(shape, kFirst40, nullptr, 0, 2);
  ASSERT_EQ(all.size(), 9U);
  ASSERT_EQ(some.size(), 9U);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(some[i].tokens, i % 3 == 2 ? 8U : 16U);
    EXPECT_EQ(some[i].kept, all[i].kept);
    EXPECT_EQ(some[i].used_columns, 40U);
  }
}

}  // namespace
}  // namespace dixion::test
