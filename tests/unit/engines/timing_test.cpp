// SPDX-License-Identifier: Apache-2.0
/// Cycles worked out by hand from docs/timing.md for 4 cores of 16x16 units of 16 products, 64 vector lanes, and 98304
/// bytes that one operand may keep.
#include "models/engines/matrix/matrix.h"
#include "models/engines/matrix/matrix_timing.h"
#include "models/engines/vector/vector.h"
#include "models/engines/vector/vector_timing.h"
#include "tests/support/engine_bench.h"

namespace dixion::test {
namespace {

constexpr Cycles kFill = 39;  // 30 of skew, multiply 1, adder tree 4, accumulate 1, requantise 3

MatmulTiming matmul(const AcceleratorConfig& config, const MatmulShape& shape, dixion_split split, unsigned cores) {
  OperandDelivery delivery(config);
  return matmul_timing(config, delivery, shape, split, cores);
}

AttentionTiming attention(const AcceleratorConfig& config, const AttentionShape& shape, dixion_split split,
                          unsigned cores) {
  OperandDelivery delivery(config);
  return attention_timing(config, delivery, shape, split, cores);
}

MatmulTiming rows_on(unsigned cores, const MatmulShape& shape) {
  return matmul(AcceleratorConfig{}, shape, DIXION_SPLIT_ROWS, cores);
}

MatmulShape product(std::uint64_t rows, std::uint64_t columns, std::uint64_t depth) {
  MatmulShape shape;
  shape.rows = rows;
  shape.columns = columns;
  shape.depth = depth;
  return shape;
}

TEST(MatmulTiming, OneTileTakesItsDepthPlusTheFill) {
  EXPECT_EQ(matrix_fill_cycles(AcceleratorConfig{}), kFill);
  EXPECT_EQ(rows_on(1, product(16, 16, 16)).compute, 1 + kFill);
  EXPECT_EQ(rows_on(1, product(1, 1, 1)).compute, 1 + kFill);
}

TEST(MatmulTiming, OneMoreRowColumnOrProductStartsATileOrACycle) {
  EXPECT_EQ(rows_on(1, product(17, 16, 16)).compute, 2 + kFill);
  EXPECT_EQ(rows_on(1, product(16, 17, 16)).compute, 2 + kFill);
  EXPECT_EQ(rows_on(1, product(16, 16, 17)).compute, 2 + kFill);
  EXPECT_EQ(rows_on(1, product(17, 17, 17)).compute, 8 + kFill);
}

TEST(MatmulTiming, CoresShareWholeTiles) {
  EXPECT_EQ(rows_on(4, product(64, 16, 16)).compute, 1 + kFill);
  EXPECT_EQ(rows_on(4, product(65, 16, 16)).compute, 2 + kFill);
  const auto columns = [](std::uint64_t n) {
    return matmul(AcceleratorConfig{}, product(16, n, 16), DIXION_SPLIT_COLUMNS, 4).compute;
  };
  EXPECT_EQ(columns(64), 1 + kFill);
  EXPECT_EQ(columns(65), 2 + kFill);
}

TEST(MatmulTiming, RowsOfAllSamplesAreOneTallProduct) {
  MatmulShape shape = product(256, 384, 128);
  shape.batch = 16;
  const MatmulTiming timing = rows_on(4, shape);
  EXPECT_EQ(timing.compute, 64 * 24 * 8 + kFill);
  EXPECT_EQ(timing.drain, 4u * 16 * 16 * 2 / 64);
  EXPECT_EQ(timing.src_passes, 1u);
  EXPECT_EQ(timing.weight_passes, 1u);
}

TEST(MatmulTiming, SamplesWithWeightsOfTheirOwnFollowEachOther) {
  MatmulShape shape = product(16, 16, 16);
  shape.batch = 6;
  shape.weight_per_batch = true;
  EXPECT_EQ(rows_on(1, shape).compute, 6 * (1 + kFill));
  EXPECT_EQ(matmul(AcceleratorConfig{}, shape, DIXION_SPLIT_HEADS, 4).compute, 2 * (1 + kFill));
}

TEST(MatmulTiming, AnOperandThatFitsIsReadOnce) {
  // 98304 bytes of src are 96 rows of 512.
  EXPECT_EQ(rows_on(1, product(96, 2048, 512)).weight_passes, 1u);
  const MatmulTiming beyond = rows_on(1, product(97, 2048, 512));
  EXPECT_EQ(beyond.weight_passes, 1u);
  EXPECT_EQ(beyond.src_passes, 11u);  // cheaper than reading 1 MiB of weights twice
  EXPECT_EQ(beyond.compute, 7 * 128 * 32 + 11 * kFill);
}

TEST(MatmulTiming, TheCheaperOperandPassesByAgain) {
  const MatmulTiming equal = rows_on(1, product(1024, 2048, 512));
  EXPECT_EQ(equal.weight_passes, 11u);
  EXPECT_EQ(equal.src_passes, 1u);
  const MatmulTiming large_src = rows_on(1, product(4096, 512, 512));
  EXPECT_EQ(large_src.weight_passes, 1u);
  EXPECT_EQ(large_src.src_passes, 3u);  // 3 * 4 MiB + 256 KiB against 4 MiB + 43 * 256 KiB
}

// 16 rows of 128 words each from 8 banks instead of the 16 words a step takes: half the pace, but for the first words,
// which are read while the rows behind the first have not begun.
TEST(MatmulTiming, FewBanksHalveThePace) {
  AcceleratorConfig config;
  config.core_sram_banks = 8;
  const Cycles cycles = matmul(config, product(16, 16, 2048), DIXION_SPLIT_ROWS, 1).compute;
  EXPECT_LE(cycles, 2 * 128 + kFill);
  EXPECT_GE(cycles, 2 * 128 + kFill - 16);
  EXPECT_LT(matmul(config, product(16, 16, 2048), DIXION_SPLIT_ROWS, 1).bank, 8u);  // not conflicts: too few banks
}

/// All words of a core SRAM in bank 0.
AcceleratorConfig one_busy_bank() {
  AcceleratorConfig config;
  config.core_sram_map = "matrix";
  config.core_sram_masks = {1ULL << 40, 1ULL << 41, 1ULL << 42, 1ULL << 43};
  return config;
}

// A word per cycle: 16 rows of 64 words are through after 1024 cycles instead of the 64 + 15 of the skewed rows. A row
// of weights, half as long, hides behind them.
TEST(OperandDelivery, OneBusyBankGivesAWordPerCycle) {
  const TileSequence tile{16, 1, 1024, 1, true};
  OperandDelivery delivery(one_busy_bank());
  EXPECT_EQ(delivery.stalls(tile).total, 1024 - (64 + 15));
  EXPECT_EQ(delivery.stalls(tile).balanced, 0u);
  OperandDelivery interleaved(AcceleratorConfig{});
  EXPECT_EQ(interleaved.stalls(tile).total, 0u);
}

// Skewed rows of any length meet every interleaved bank once per 16 steps, whichever bank they begin at.
TEST(OperandDelivery, InterleavedRowsOfAnyLengthNeverWait) {
  OperandDelivery delivery(AcceleratorConfig{});
  for (std::uint64_t depth = 1; depth < 6000; depth += 16) {
    ASSERT_EQ(delivery.stalls({48, 32, depth, 2, true}).total, 0u) << depth;
  }
}

TEST(OperandDelivery, DoesNotDependOnWhatWasAskedBefore) {
  const TileSequence first{40, 40, 700, 2, true};
  const TileSequence second{40, 40, 700, 2, false};
  AcceleratorConfig config;
  config.core_sram_map = "matrix";
  config.core_sram_masks = {32, 64, 128, 256};
  OperandDelivery delivery(config);
  const Cycles of_second = delivery.stalls(second).total;
  const Cycles of_first = delivery.stalls(first).total;
  EXPECT_GT(of_first, 0u);
  EXPECT_EQ(delivery.stalls(second).total, of_second);
  EXPECT_EQ(OperandDelivery(config).stalls(first).total, of_first);
}

TEST(MatmulTiming, ConflictsArePartOfComputing) {
  const MatmulTiming timing = matmul(one_busy_bank(), product(16, 1, 1024), DIXION_SPLIT_ROWS, 1);
  EXPECT_EQ(timing.bank, 1024u - (64 + 15));
  EXPECT_EQ(timing.compute, 64 + kFill + timing.bank);
  MatmulShape samples = product(16, 1, 1024);
  samples.batch = 3;
  samples.weight_per_batch = true;
  EXPECT_EQ(matmul(one_busy_bank(), samples, DIXION_SPLIT_ROWS, 1).bank, 3 * timing.bank);
}

// 64 rows of 4 KiB are 2 blocks and a half of what stays, and 4 tiles: passes of 2, 1 and 1, each a start of its own.
TEST(MatmulTiming, EveryPassWaitsForItsOwnTiles) {
  OperandDelivery delivery(one_busy_bank());
  const Cycles two = delivery.stalls({32, 4096, 2048, 1, true}).total;
  const Cycles one = delivery.stalls({16, 4096, 2048, 1, true}).total;
  const MatmulTiming timing = matmul(one_busy_bank(), product(64, 4096, 2048), DIXION_SPLIT_ROWS, 1);
  ASSERT_EQ(timing.weight_passes, 3u);
  EXPECT_EQ(timing.compute, 4 * 256 * 128 + two + 2 * one + 3 * kFill);
}

// 4608 x 2 bytes x 32 rows are three blocks, but two tiles: a block of less than a tile does not empty the array.
TEST(MatmulTiming, TheArrayIsFilledOncePerTileAtMost) {
  const MatmulTiming timing = rows_on(1, product(32, 4096, 4608));
  EXPECT_EQ(timing.weight_passes, 3u);
  EXPECT_EQ(timing.compute, 2 * 256 * 288 + 2 * kFill);
}

TEST(AttentionTiming, ConflictsArePartOfComputing) {
  const AttentionShape shape{2, 32, 64, 64};
  const AttentionTiming conflicting = attention(one_busy_bank(), shape, DIXION_SPLIT_ROWS, 1);
  const AttentionTiming plain = attention(AcceleratorConfig{}, shape, DIXION_SPLIT_ROWS, 1);
  EXPECT_GT(conflicting.bank, 0u);
  EXPECT_EQ(conflicting.compute - conflicting.bank, plain.compute);
  EXPECT_EQ(plain.bank, 0u);
}

// Per tile of 16 queries: scores of t steps, exponentials 4 Tk / lanes x 4, values v, division.
TEST(AttentionTiming, TheSlowestOfProductsLanesAndTheWayThroughBothSetsThePace) {
  const auto heads = [](std::uint64_t lanes, std::uint64_t count, std::uint64_t keys, std::uint64_t depth) {
    AcceleratorConfig config;
    config.vector_lanes = static_cast<unsigned>(lanes);
    return attention(config, {count, 32, keys, depth}, DIXION_SPLIT_HEADS, 1).compute;
  };
  // 64 lanes: products 64 + 64, softmax 64 + 16, both ways (64 + 39 + 64 + 64) / 2: the products.
  EXPECT_EQ(heads(64, 20, 256, 64) - heads(64, 10, 256, 64), 20u * 128);
  // 16 lanes: softmax 256 + 64.
  EXPECT_EQ(heads(16, 20, 256, 64) - heads(16, 10, 256, 64), 20u * 320);
  // Products 32 + 32, softmax 64 + 8: two tiles cannot hide the fill between scores and exponentials.
  EXPECT_EQ(heads(64, 20, 256, 32) - heads(64, 10, 256, 32), 10u * (32 + kFill + 64 + 32));
}

TEST(AttentionTiming, TheBusiestCoreDecides) {
  const auto compute = [](const AttentionShape& shape, dixion_split split, unsigned cores) {
    return attention(AcceleratorConfig{}, shape, split, cores).compute;
  };
  // Sixteen heads of 256 queries are 64 heads of 64.
  const AttentionShape shape{64, 256, 256, 32};
  EXPECT_EQ(compute(shape, DIXION_SPLIT_ROWS, 4), compute(shape, DIXION_SPLIT_HEADS, 4));
  EXPECT_EQ(compute({65, 256, 256, 32}, DIXION_SPLIT_HEADS, 4), compute({17, 256, 256, 32}, DIXION_SPLIT_HEADS, 1));
  // 9 tiles, the last of 2 queries: three cores take three each, the first two full ones.
  EXPECT_EQ(compute({1, 130, 256, 32}, DIXION_SPLIT_ROWS, 3), compute({1, 48, 256, 32}, DIXION_SPLIT_ROWS, 1));
  const AttentionTiming timing = attention(AcceleratorConfig{}, shape, DIXION_SPLIT_HEADS, 4);
  EXPECT_EQ(timing.drain, 4u * 16 * 32 * 2 / 64);
  EXPECT_EQ(timing.key_passes, 1u);
  EXPECT_EQ(timing.value_passes, 1u);
}

TEST(AttentionTiming, QueriesBeyondTheLastFullTileTakeLanesForThemselvesOnly) {
  const auto compute = [](std::uint64_t queries) {
    return attention(AcceleratorConfig{}, {1, queries, 256, 64}, DIXION_SPLIT_ROWS, 1).compute;
  };
  // One tile: scores 64, exponentials 4 per query, values 64, division 1 per query.
  EXPECT_EQ(compute(16), 64u + 64 + 64 + 16 + 2 * kFill);
  EXPECT_EQ(compute(1), 64u + 4 + 64 + 1 + 2 * kFill);
  // Behind a full one: scores 64-128, sums 167-231-295, division of a query.
  EXPECT_EQ(compute(17), 64u + kFill + 64 + 2 * 64 + kFill + 1);
}

TEST(AttentionTiming, DeepHeadsArePacedByTheProducts) {
  // Tk = 16 and D = 512: scores 32 0-32, 32-64; values 32; with 1024 lanes exponentials 1, division 8.
  AcceleratorConfig config;
  config.vector_lanes = 1024;
  const AttentionTiming timing = attention(config, {2, 16, 16, 512}, DIXION_SPLIT_ROWS, 1);
  // Sums 72-104 and 104-136: the first one waits for its exponentials.
  EXPECT_EQ(timing.compute, 32 + kFill + 1 + 2 * 32 + kFill + 8);
}

TEST(AttentionTiming, KeysThatFitAreReadOnce) {
  const auto passes = [](std::uint64_t queries, std::uint64_t keys) {
    return attention(AcceleratorConfig{}, {1, queries, keys, 32}, DIXION_SPLIT_ROWS, 1);
  };
  // K and V: 2 * 768 * 32 * 2 bytes are 98304.
  EXPECT_EQ(passes(256, 768).key_passes, 1u);
  EXPECT_EQ(passes(256, 768).value_passes, 1u);
  // Two tiles of 16 queries keep 2 * 16 * 768 scores; with one key more, one tile does.
  EXPECT_EQ(passes(256, 769).key_passes, 16u);
  EXPECT_EQ(passes(256, 769).value_passes, 16u);
  EXPECT_EQ(passes(16, 769).key_passes, 1u);
}

TEST(AttentionTiming, ScoresThatDoNotFitTakeASecondPassOverK) {
  const auto at = [](std::uint64_t keys) {
    return attention(AcceleratorConfig{}, {1, 32, keys, 64}, DIXION_SPLIT_ROWS, 1);
  };
  // 16 rows of 1536 scores are 98304 bytes.
  EXPECT_EQ(at(1536).key_passes, 2u);
  EXPECT_EQ(at(1536).value_passes, 2u);
  EXPECT_EQ(at(1537).key_passes, 4u);
  EXPECT_EQ(at(1537).value_passes, 2u);
}

TEST(VectorTiming, LanesOfAllCoresShareTheElements) {
  const AcceleratorConfig config;
  EXPECT_EQ(elementwise_cycles(config, 256, 1, 4), 1 + kVectorPipeline);
  EXPECT_EQ(elementwise_cycles(config, 257, 1, 4), 2 + kVectorPipeline);
  EXPECT_EQ(elementwise_cycles(config, 257, 3, 4), 6 + kVectorPipeline);
}

TEST(VectorTiming, ARowOfANormStaysOnOneCore) {
  const AcceleratorConfig config;
  EXPECT_EQ(norm_cycles(config, 4, 64, 4), 3 + kVectorPipeline);
  EXPECT_EQ(norm_cycles(config, 5, 64, 4), 6 + kVectorPipeline);
  EXPECT_EQ(norm_cycles(config, 5, 65, 4), 12 + kVectorPipeline);
}

TEST(EngineDemand, MatmulTellsItsTrafficInOperandOrder) {
  EngineBench bench(1);
  const MatrixEngine engine(AcceleratorConfig{}, portable_kernels());
  const reference::Tensor src({97, 512}), weight({2048, 512}), dst({97, 2048});
  const Command command = bench.command(DIXION_OPCODE_MATMUL, {bench.layout(src, 2, DIXION_FORMAT_INT12),
                                                               bench.layout(weight, 2, DIXION_FORMAT_INT8),
                                                               {},
                                                               {},
                                                               bench.layout(dst, 2, DIXION_FORMAT_INT32)});
  const Demand demand = engine.demand(command);
  EXPECT_EQ(demand.macs, 97u * 2048 * 512);
  EXPECT_EQ(demand.compute, 7 * 128 * 32 + 11 * kFill);
  EXPECT_EQ(demand.operand_bank_cycles, 0u);
  const MatrixEngine waiting(one_busy_bank(), portable_kernels());
  EXPECT_GT(waiting.demand(command).operand_bank_cycles, 0u);
  EXPECT_EQ(waiting.demand(command).compute - waiting.demand(command).operand_bank_cycles, demand.compute);
  ASSERT_EQ(demand.transfers.size(), 3u);
  EXPECT_EQ(demand.transfers[0].operand, 0u);
  EXPECT_EQ(demand.transfers[0].passes, 11u);
  EXPECT_EQ(demand.transfers[1].operand, 1u);
  EXPECT_EQ(demand.transfers[1].passes, 1u);
  EXPECT_EQ(demand.transfers[2].operand, 4u);
  EXPECT_TRUE(demand.transfers[2].write);
  EXPECT_FALSE(demand.transfers[0].write);
}

TEST(EngineDemand, VectorOperatorsTakeTheirPasses) {
  EngineBench bench(1);
  const VectorEngine engine(AcceleratorConfig{}, portable_kernels());
  const reference::Tensor rows({1, 5, 65});
  const TensorView wide = bench.layout(rows, 3, DIXION_FORMAT_INT32),
                   narrow = bench.layout(rows, 3, DIXION_FORMAT_INT12);
  Command command = bench.command(DIXION_OPCODE_NORM_MODULATE, {wide, {}, {}, narrow});
  command.cores = 0b1010;
  EXPECT_EQ(engine.demand(command).compute, 3 * 3 * 2 + kVectorPipeline);
  EXPECT_EQ(engine.demand(bench.command(DIXION_OPCODE_GELU, {wide, narrow})).compute, 6 + kVectorPipeline);
  EXPECT_EQ(engine.demand(bench.command(DIXION_OPCODE_NOISE, {wide})).compute, 3 * 6 + kVectorPipeline);
}

}  // namespace
}  // namespace dixion::test
