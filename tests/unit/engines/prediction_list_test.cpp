// SPDX-License-Identifier: Apache-2.0
/// Eager prediction of listed tokens against the stored keys of the others (docs/numerics.md section 21).
#include <set>

#include "models/engines/prediction/prediction.h"
#include "models/engines/row_list_engine.h"
#include "models/fast_kernels/fast_kernels.h"
#include "tests/unit/engines/prediction_bench.h"
#include "tests/unit/engines/row_list_bench.h"

namespace dixion::test {
namespace {

using reference::Requant;
using reference::Tensor;

/// A prediction of listed tokens with random keys of the others.
struct Listed {
  PredictionOperands operands;
  Tensor keys;
  std::set<std::size_t> rows;  // sample * tokens + token
  Command command;

  Listed(EngineBench& bench, std::size_t most_tokens, int percent)
      : operands(bench, most_tokens, 24),
        keys(bench.tensor({operands.batch, operands.settings.heads, operands.tokens, operands.depth}, -2048, 2047)),
        command(operands.command(bench, true)) {
    for (std::size_t row = 0; row < operands.batch * operands.tokens; ++row) {
      if (bench.chance(percent)) rows.insert(row);
    }
    command.operands[6] = bench.place(keys, 4, DIXION_FORMAT_INT12);
    command.operands[kRowListOperand] =
        place_row_list(bench, {rows.begin(), rows.end()}, static_cast<std::uint32_t>(operands.batch * operands.tokens));
    command.flags = DIXION_COMMAND_FLAG_ROW_LIST;
  }
  [[nodiscard]] bool lists_some_of(std::size_t sample) const {
    const auto first = rows.lower_bound(sample * operands.tokens);
    return first != rows.end() && *first < (sample + 1) * operands.tokens;
  }
};

TEST(PredictionOfListedTokens, EqualsTheReferenceAndLeavesOtherRowsAlone) {
  over_seeds(60, [](EngineBench& bench) {
    PredictionEngine plain(AcceleratorConfig{}, fast_kernels());
    RowListEngine engine(plain);
    const Listed listed(bench, bench.chance(20) ? 140 : 40, bench.between(5, 95));
    const PredictionOperands& o = listed.operands;
    const reference::StoredKeys stored{listed.keys, listed.rows};
    Tensor rows;
    const Tensor mask = predict(o.src, o.weight, o.bias.values, o.factors, o.settings, rows, &stored);
    const auto mask_before = words_at(bench, listed.command.operands[4]),
               rows_before = words_at(bench, listed.command.operands[5]);
    bench.run(engine, listed.command);
    const auto mask_after = words_at(bench, listed.command.operands[4]),
               rows_after = words_at(bench, listed.command.operands[5]);
    for (std::size_t i = 0; i < mask_after.size(); ++i) {
      const std::size_t line = i / mask_words(o.tokens), sample = line / o.tokens / o.settings.heads;
      const bool is_listed = listed.rows.contains(sample * o.tokens + line % o.tokens);
      ASSERT_EQ(mask_after[i], (is_listed ? mask.values : mask_before)[i]) << "word " << i;
    }
    for (std::size_t i = 0; i < rows_after.size(); ++i) {
      const std::size_t sample = i / mask_words(o.tokens) / (3 * o.settings.heads);
      ASSERT_EQ(rows_after[i], (listed.lists_some_of(sample) ? rows.values : rows_before)[i]) << "word " << i;
    }
  });
}

TEST(PredictionOfListedTokens, AllOfThemGiveWhatThereIsWithoutAList) {
  over_seeds(10, [](EngineBench& bench) {
    PredictionEngine plain(AcceleratorConfig{}, fast_kernels());
    RowListEngine engine(plain);
    const Listed listed(bench, 40, 100);
    Command whole = listed.command;
    whole.flags = 0;
    whole.operands[6] = whole.operands[kRowListOperand] = {};
    bench.run(plain, whole);
    const auto mask = words_at(bench, whole.operands[4]), rows = words_at(bench, whole.operands[5]);
    for (const unsigned output : {4U, 5U}) {
      Result::Tensor zeros{whole.operands[output], {}};
      zeros.bytes.resize(whole.operands[output].elements() * 4);
      ASSERT_TRUE(store(zeros, bench.memory));
    }
    bench.run(engine, listed.command);
    EXPECT_EQ(words_at(bench, whole.operands[4]), mask);
    EXPECT_EQ(words_at(bench, whole.operands[5]), rows);
  });
}

TEST(PredictionOfListedTokens, MeetsTheStoredKeysOfTheOthersAsTwoPowers) {
  EngineBench bench(1);
  PredictionEngine plain(AcceleratorConfig{}, fast_kernels());
  RowListEngine engine(plain);
  // Tokens 1 and 2 are listed. The key stored of token 3, (15, 0), is seen as (12, 0), which others have too.
  const Tensor src({1, 4, 2}, {9, 9, 12, 0, 1, 0, 9, 9}), identity({4, 2}, {1, 0, 0, 1, 1, 0, 0, 1});
  const Tensor keys({1, 1, 4, 2}, {12, 0, 99, 99, 99, 99, 15, 0});
  Command command = bench.command(DIXION_OPCODE_PREDICT,
                                  {bench.place(src, 3, DIXION_FORMAT_INT12),
                                   bench.place(identity, 2, DIXION_FORMAT_INT8),
                                   {},
                                   bench.place(std::vector<Requant>(4, Requant{1, 0})),
                                   bench.place(Tensor({1, 1, 4, 1}, {-1, -1, -1, -1}), 4, DIXION_FORMAT_UINT32),
                                   bench.place(Tensor({1, 3, 1}, {-1, -1, -1}), 3, DIXION_FORMAT_UINT32),
                                   bench.place(keys, 4, DIXION_FORMAT_INT12)},
                                  {1, 2, 0, 0});
  command.flags = DIXION_COMMAND_FLAG_ROW_LIST;
  command.operands[kRowListOperand] = place_row_list(bench, {1, 2}, 4);
  bench.run(engine, command);
  // Scores of token 1: 144, 144, 12, 144; of token 2: 12, 12, 1, 12. The first of equals are kept.
  EXPECT_EQ(words_at(bench, command.operands[4]), (std::vector<std::int32_t>{-1, 0b0011, 0b0011, -1}));
  // Listed tokens only: token 0 is needed but stored.
  EXPECT_EQ(words_at(bench, command.operands[5]), (std::vector<std::int32_t>{0b0110, 0b0010, 0b0010}));
}

TEST(PredictionOfListedTokens, ListsAndStoredKeysComeTogether) {
  EngineBench bench(3);
  PredictionEngine plain(AcceleratorConfig{}, fast_kernels());
  RowListEngine engine(plain);
  const Command right = Listed(bench, 40, 50).command;
  ASSERT_FALSE(engine.check(right));
  const auto expect = [&](const Command& command, dixion_cause cause) {
    const CommandError error = engine.check(command);
    EXPECT_EQ(error.cause, cause) << error.expected;
    EXPECT_EQ(error.field, DIXION_FIELD_OPERAND0 + 6U) << error.expected;
  };
  Command command = right;
  command.operands[6] = {};
  expect(command, DIXION_CAUSE_MISSING_OPERAND);
  command = right;
  command.flags = 0;
  expect(command, DIXION_CAUSE_BAD_PARAMETER);
  for (const unsigned dimension : {0U, 1U, 2U, 3U}) {
    command = right;
    ++command.operands[6].extent[dimension];
    expect(command, DIXION_CAUSE_BAD_SHAPE);
  }
  command = right;
  command.operands[6].format = DIXION_FORMAT_INT16;
  expect(command, DIXION_CAUSE_BAD_FORMAT);
}

TEST(PredictionOfListedTokens, MovesTheirRowsAndAllKeys) {
  EngineBench bench(1);
  PredictionEngine plain(AcceleratorConfig{}, fast_kernels());
  RowListEngine engine(plain);
  const Listed listed(bench, 40, 50);
  const PredictionOperands& o = listed.operands;
  Result executed, planned;
  ASSERT_FALSE(engine.execute(listed.command, bench.memory, executed));
  ASSERT_FALSE(engine.plan(listed.command, bench.memory, planned));
  EXPECT_EQ(executed.demand->compute, planned.demand->compute);
  std::map<unsigned, std::uint64_t> bytes;
  for (const Transfer& transfer : planned.demand->transfers) bytes[transfer.operand] += transfer.view.payload_bytes();
  EXPECT_EQ(bytes[0], listed.rows.size() * o.width * 2);
  EXPECT_EQ(bytes[4], listed.rows.size() * o.settings.heads * mask_words(o.tokens) * 4);
  EXPECT_EQ(bytes[5], o.batch * 3 * o.settings.heads * mask_words(o.tokens) * 4);
  EXPECT_EQ(bytes[6], o.batch * o.settings.heads * o.tokens * o.depth * 2);
  EXPECT_EQ(bytes[kRowListOperand], (4 + listed.rows.size()) * 4);
  EXPECT_EQ(executed.demand->mask.active_tokens, listed.rows.size());
  EXPECT_EQ(executed.demand->mask.elements, listed.rows.size() * o.settings.heads * o.tokens);
}

}  // namespace
}  // namespace dixion::test
