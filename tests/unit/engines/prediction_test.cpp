// SPDX-License-Identifier: Apache-2.0
/// Eager prediction (docs/numerics.md section 21): values, what it refuses, cycles worked out from docs/timing.md.
#include "models/engines/prediction/prediction.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "models/engines/prediction/leading_one.h"
#include "models/engines/prediction/predict_timing.h"
#include "models/fast_kernels/fast_kernels.h"
#include "tests/support/top_keys.h"
#include "tests/unit/engines/prediction_bench.h"

namespace dixion::test::prediction {
namespace {

using reference::PredictSettings;
using reference::Requant;
using reference::Tensor;
using Operands = PredictionOperands;

TEST(TwoPowers, LoseLessThanAQuarterAndKeepTheSign) {
  double worst = 0;
  for (std::int32_t x = -2048; x <= 2047; ++x) {
    const std::int32_t kept = two_powers(x);
    EXPECT_EQ(kept, reference::two_powers(x)) << x;
    EXPECT_TRUE(kept == 0 ? x == 0 : (kept < 0) == (x < 0)) << x;
    EXPECT_LE(std::popcount(static_cast<std::uint32_t>(std::abs(kept))), 2) << x;
    EXPECT_LE(std::abs(kept), std::abs(x)) << x;
    if (x != 0) worst = std::max(worst, 1 - static_cast<double>(kept) / x);
  }
  EXPECT_LT(worst, 0.25);
  EXPECT_GT(worst, 0.249);  // 2047 becomes 1536
}

TEST(Prediction, EqualsTheReference) {
  over_seeds(60, [](EngineBench& bench) {
    PredictionEngine engine(AcceleratorConfig{}, fast_kernels());
    const Operands o(bench, bench.chance(20) ? 140 : 40, bench.chance(10) ? 200 : 24);
    const bool has_bias = bench.chance(70);
    const Command command = o.command(bench, has_bias);
    Tensor rows;
    const Tensor mask =
        predict(o.src, o.weight, has_bias ? o.bias.values : std::vector<std::int32_t>{}, o.factors, o.settings, rows);
    EXPECT_EQ(bench.run(engine, command), mask.saturated);
    EXPECT_EQ(words_at(bench, command.operands[4]), mask.values);
    EXPECT_EQ(words_at(bench, command.operands[5]), rows.values);
  });
}

/// One head of two elements; Q and K are the inputs themselves.
struct Example {
  std::vector<std::int32_t> mask, rows;
};
Example predict_example(const std::vector<std::int32_t>& tokens, std::uint32_t keep, std::uint32_t dominance,
                        std::uint32_t flags = 0) {
  EngineBench bench(1);
  PredictionEngine engine(AcceleratorConfig{}, fast_kernels());
  const std::size_t count = tokens.size() / 2;
  const Tensor src({1, count, 2}, tokens), identity({4, 2}, {1, 0, 0, 1, 1, 0, 0, 1});
  const std::vector<Requant> factors(4, Requant{1, 0});
  const Command command = bench.command(
      DIXION_OPCODE_PREDICT,
      {bench.place(src, 3, DIXION_FORMAT_INT12), bench.place(identity, 2, DIXION_FORMAT_INT8), TensorView{},
       bench.place(factors), bench.layout(Tensor({1, 1, count, 1}), 4, DIXION_FORMAT_UINT32),
       bench.layout(Tensor({1, 3, 1}), 3, DIXION_FORMAT_UINT32)},
      {1, keep, dominance, flags});
  bench.run(engine, command);
  return {words_at(bench, command.operands[4]), words_at(bench, command.operands[5])};
}

TEST(Prediction, KeepsTheLargestScoresAndTheFirstOfEquals) {
  // Scores of row 0: 16, 8, 8, 0; row 1: 8, 4, 4, 0; row 2: 8, 4, 4, 0 (second element 0); row 3: 0, 0, 0, 16.
  const Example kept = predict_example({4, 0, 2, 0, 2, 0, 0, 4}, 2, 0);
  EXPECT_EQ(kept.mask, (std::vector<std::int32_t>{0b0011, 0b0011, 0b0011, 0b1001}));
  EXPECT_EQ(kept.rows, (std::vector<std::int32_t>{0b1111, 0b1011, 0b1011}));  // nobody needs K and V of token 2
}

TEST(Prediction, ARowThatIsDominatedKeepsOneKeyAndNeedsNoQuery) {
  // Row 0 leads by 8, rows 1 and 2 by 4, row 3 by 16.
  const Example led = predict_example({4, 0, 2, 0, 2, 0, 0, 4}, 3, 7);
  EXPECT_EQ(led.mask, (std::vector<std::int32_t>{0b0001, 0b0111, 0b0111, 0b1000}));
  EXPECT_EQ(led.rows, (std::vector<std::int32_t>{0b0110, 0b0111, 0b1111}));    // K of token 3 serves nobody, V does
  EXPECT_EQ(predict_example({4, 0, 2, 0, 2, 0, 0, 4}, 3, 8).rows[0], 0b0111);  // a lead of 8 is not more than 8
  EXPECT_EQ(predict_example({4, 0, 2, 0, 2, 0, 0, 4}, 3, 3).rows, (std::vector<std::int32_t>{0, 0, 0b1001}));
}

TEST(Prediction, ASingleKeptKeyNeedsNeitherQueryNorKey) {
  EXPECT_EQ(predict_example({4, 0, 2, 0, 2, 0, 0, 4}, 1, 0).rows, (std::vector<std::int32_t>{0, 0, 0b1001}));
  EXPECT_EQ(predict_example({4, 0}, 1, 5).mask, (std::vector<std::int32_t>{1}));
}

TEST(Prediction, AllKeysOnDemand) {
  const Example all = predict_example({4, 0, 2, 0, 2, 0, 0, 4}, 1, 0, 1);
  EXPECT_EQ(all.rows, (std::vector<std::int32_t>{0, 0b1111, 0b1111}));
  EXPECT_EQ(all.mask, predict_example({4, 0, 2, 0, 2, 0, 0, 4}, 1, 0).mask);
}

TEST(Prediction, TwoStepsFindMoreOfTheLargestScoresThanOne) {
  TopKeyHits two{}, one{};
  over_seeds(10, [&](EngineBench& bench) {
    Tensor x({1, 64, 64}), w({64, 64});
    for (std::int32_t& value : x.values) value = bench.between(-700, 700);
    for (std::int32_t& value : w.values) value = bench.between(-127, 127);
    const std::vector<Requant> factors(64, Requant{1 << 30, 41});
    const PredictSettings settings{2, 16, 0, false};
    two += top_key_hits(x, w, {}, factors, settings, reference::two_powers);
    one += top_key_hits(x, w, {}, factors, settings, one_power);
  });
  EXPECT_GT(two.rate(), one.rate() + 0.05);
  EXPECT_GT(two.rate(), 0.8);
  EXPECT_LT(two.rate(), 1);
  RecordProperty("two_steps_permille", static_cast<int>(1000 * two.rate()));
  RecordProperty("one_step_permille", static_cast<int>(1000 * one.rate()));
}

struct PredictionRefuses : testing::Test {
  EngineBench bench{3};
  PredictionEngine engine{AcceleratorConfig{}, fast_kernels()};
  Operands operands{bench, 40, 24};

  void expect(const Command& command, dixion_cause cause, std::uint32_t field) {
    const CommandError error = engine.check(command);
    EXPECT_EQ(error.cause, cause) << error.expected;
    EXPECT_EQ(error.field, field) << error.expected;
  }
};

TEST_F(PredictionRefuses, WhatDoesNotFit) {
  const Command right = operands.command(bench, true);
  ASSERT_FALSE(engine.check(right));
  const auto immediate = [&](unsigned number, std::uint32_t value) {
    Command command = right;
    command.immediates[number] = value;
    expect(command, DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + number);
  };
  immediate(0, 0);
  immediate(0, static_cast<std::uint32_t>(operands.weight.extent[2]));  // twice as many do not divide the rows
  immediate(1, 0);
  immediate(1, static_cast<std::uint32_t>(operands.tokens + 1));
  immediate(3, 2);
  const auto shape = [&](unsigned operand, unsigned dimension) {
    Command command = right;
    ++command.operands[operand].extent[dimension];
    expect(command, DIXION_CAUSE_BAD_SHAPE, DIXION_FIELD_OPERAND0 + operand);
  };
  shape(1, 1);
  shape(2, 0);
  shape(3, 0);
  for (const unsigned dimension : {0U, 1U, 2U, 3U}) shape(4, dimension);
  for (const unsigned dimension : {0U, 1U, 2U}) shape(5, dimension);
  Command columns = right;
  columns.split = DIXION_SPLIT_COLUMNS;
  expect(columns, DIXION_CAUSE_BAD_PARAMETER, DIXION_FIELD_SPLIT);
  Command deep = right;
  deep.immediates[0] = 1;
  for (const unsigned operand : {1U, 2U, 3U}) deep.operands[operand].extent[0] = 1024;
  expect(deep, DIXION_CAUSE_BAD_SHAPE, DIXION_FIELD_OPERAND0 + 1);
}

TEST_F(PredictionRefuses, EverythingWhereThereIsNoSuchEngine) {
  AcceleratorConfig config;
  config.prediction_rows = 0;
  const CommandError error = PredictionEngine(config, fast_kernels()).check(operands.command(bench, true));
  EXPECT_EQ(error.cause, DIXION_CAUSE_ILLEGAL_OPCODE);
  EXPECT_NE(error.expected.find("no prediction engine"), std::string::npos);
}

TEST_F(PredictionRefuses, AShiftAbove62) {
  operands.factors.back().shift = 63;
  Result result;
  const CommandError error = engine.execute(operands.command(bench, false), bench.memory, result);
  EXPECT_EQ(error.cause, DIXION_CAUSE_BAD_PARAMETER);
  EXPECT_EQ(error.field, DIXION_FIELD_OPERAND0 + 3U);
}

// 16x16 units of 16 products, 98304 bytes that one operand may keep.
constexpr Cycles kFill = 39;
constexpr PredictShape kShape{1, 256, 128, 4, 32};  // batch, tokens, D, heads, depth

PredictTiming timing(const PredictShape& shape, dixion_split split, unsigned cores,
                     const AcceleratorConfig& config = {}) {
  const AcceleratorConfig array = prediction_array(config);
  OperandDelivery delivery(array);
  return predict_timing(array, delivery, shape, split, cores);
}

TEST(PredictTiming, ProjectionThenScoresBesideTheirSelection) {
  // 16 x 16 tiles of 8 cycles; then 64 tiles of rows, 16 x 2 cycles of scores each, 5 x 16 of selection.
  EXPECT_EQ(timing(kShape, DIXION_SPLIT_HEADS, 1).compute, 2048 + kFill + 32 + 80 + 63 * 80 + kFill);
  // Deep heads: 16 x 6 cycles of scores hide the selection.
  EXPECT_EQ(timing({1, 256, 128, 4, 96}, DIXION_SPLIT_HEADS, 1).compute,
            16 * 48 * 8 + kFill + 96 + 80 + 63 * 96 + kFill);
}

TEST(PredictTiming, CoresTakeHeadsOrRows) {
  EXPECT_EQ(timing(kShape, DIXION_SPLIT_HEADS, 4).compute, 512 + kFill + 32 + 80 + 15 * 80 + kFill);
  EXPECT_EQ(timing(kShape, DIXION_SPLIT_HEADS, 24).compute, timing(kShape, DIXION_SPLIT_HEADS, 4).compute);
  // Rows: keys, 256 x 128 elements of two bytes, go around at 64 bytes per cycle.
  EXPECT_EQ(timing(kShape, DIXION_SPLIT_ROWS, 4).compute, 512 + kFill + 1024 + 32 + 80 + 15 * 80 + kFill);
  EXPECT_EQ(timing(kShape, DIXION_SPLIT_ROWS, 1).compute, timing(kShape, DIXION_SPLIT_HEADS, 1).compute);
  PredictShape batch = kShape;
  batch.batch = 2;
  EXPECT_EQ(timing(batch, DIXION_SPLIT_HEADS, 8).compute, timing(kShape, DIXION_SPLIT_HEADS, 4).compute);
}

TEST(PredictTiming, HalfTheColumnsTakeTwiceAsLong) {
  AcceleratorConfig half;
  half.prediction_columns = 8;
  // 16 x 32 tiles of 8, scores 32 x 2, selection 5 x 32; the fill is 8 shorter.
  EXPECT_EQ(timing(kShape, DIXION_SPLIT_HEADS, 1, half).compute, 4096 + 64 + 160 + 63 * 160 + 2 * (kFill - 8));
}

TEST(PredictTiming, ListedTokensMeetAllKeys) {
  PredictShape shape = kShape;
  shape.listed = 70;  // 5 tiles of rows
  EXPECT_EQ(timing(shape, DIXION_SPLIT_HEADS, 1).compute, 5 * 16 * 8 + kFill + 32 + 80 + (4 * 5 - 1) * 80 + kFill);
  // Rows on 4 cores: two tiles at most, and only predicted keys, 70 x 128, go around.
  EXPECT_EQ(timing(shape, DIXION_SPLIT_ROWS, 4).compute, 2 * 16 * 8 + kFill + 280 + 32 + 80 + (4 * 2 - 1) * 80 + kFill);
  shape.listed = 256;
  EXPECT_EQ(timing(shape, DIXION_SPLIT_ROWS, 4).compute, timing(kShape, DIXION_SPLIT_ROWS, 4).compute);
  EXPECT_EQ(timing(shape, DIXION_SPLIT_HEADS, 4).drain, timing(kShape, DIXION_SPLIT_HEADS, 4).drain);
}

TEST(PredictTiming, CountsEveryProduct) { EXPECT_EQ(log_products(kShape), 256U * 256 * 128 + 4U * 256 * 256 * 32); }

}  // namespace
}  // namespace dixion::test::prediction
