// SPDX-License-Identifier: Apache-2.0
/// Attention whose scores run by a ConMerge schedule (docs/conmerge.md): results, mistakes, time.
#include <algorithm>
#include <cstring>

#include "models/common/mask_bits.h"
#include "models/engines/matrix/matrix.h"
#include "models/engines/matrix/scheduled_timing.h"
#include "models/fast_kernels/fast_kernels.h"
#include "models/sparsity/sparsity_controller.h"
#include "tests/support/engine_bench.h"
#include "tests/support/refusals.h"
#include "tests/support/schedule_checker.h"

namespace dixion::test::attention_schedule {
namespace {

using reference::Requant;
using reference::Tensor;

constexpr std::size_t kHeaderWords = 16, kRecordWords = 64;
constexpr std::uint32_t kScores = 0x100;

AcceleratorConfig checked() {
  AcceleratorConfig config;
  config.check_schedules = true;
  return config;
}

/// Random operands; rows keep `percent` of the keys, one at least, some exactly one.
struct Scheduled {
  std::size_t batch, heads, queries, keys;
  Tensor q, k, v, mask;
  Requant score{1 << 30, 34}, output{1 << 30, 30};
  std::uint32_t depth, width;

  explicit Scheduled(EngineBench& bench)
      : batch(static_cast<std::size_t>(bench.between(1, 2))),
        heads(static_cast<std::size_t>(bench.between(1, 3))),
        queries(static_cast<std::size_t>(bench.chance(30) ? 64 : bench.between(1, 40))),
        keys(static_cast<std::size_t>(bench.between(2, 100))),
        mask({batch, heads, queries, mask_words(keys)}),
        depth(static_cast<std::uint32_t>(bench.between(1, 3))),
        width(queries == 64 ? 8 : 0) {
    const auto inner = static_cast<std::size_t>(bench.between(1, 40));
    q = bench.tensor({batch, heads, queries, inner}, -300, 300);
    k = bench.tensor({batch, heads, keys, inner}, -300, 300);
    v = bench.tensor({batch, heads, keys, inner}, -2048, 2047);
    const int percent = bench.between(0, 90);
    const std::size_t words = mask_words(keys);
    for (std::size_t row = 0; row < batch * heads * queries; ++row) {
      auto* bits = reinterpret_cast<std::uint32_t*>(mask.values.data() + row * words);
      const bool one = bench.chance(20);
      for (std::size_t j = 0; j < keys && !one; ++j) {
        if (bench.chance(percent)) bits[j / 32] |= 1U << j % 32;
      }
      const auto always = static_cast<std::size_t>(bench.between(0, static_cast<std::int32_t>(keys) - 1));
      if (kept_keys(bits, keys) == 0) bits[always / 32] |= 1U << always % 32;
    }
  }
  [[nodiscard]] const std::uint32_t* row(std::size_t number) const {
    return reinterpret_cast<const std::uint32_t*>(mask.values.data()) + number * mask_words(keys);
  }
  [[nodiscard]] bool keeps(std::size_t number, std::size_t key) const {
    return (row(number)[key / 32] >> key % 32 & 1) != 0;
  }
  [[nodiscard]] bool scored(std::size_t number, std::size_t key) const {
    return kept_keys(row(number), keys) > 1 && keeps(number, key);
  }
};

/// [batch, heads, tiles, words] with a hole behind each head.
TensorView schedule_view(EngineBench& bench, const Scheduled& o) {
  TensorView view;
  view.format = DIXION_FORMAT_UINT32;
  view.rank = 4;
  view.extent = {static_cast<std::uint32_t>(o.batch), static_cast<std::uint32_t>(o.heads),
                 static_cast<std::uint32_t>((o.queries + 15) / 16),
                 static_cast<std::uint32_t>(kHeaderWords + kRecordWords * ((o.keys + 15) / 16))};
  view.stride[3] = 4;
  view.stride[2] = std::uint64_t{view.extent[3]} * 4;
  view.stride[1] = view.extent[2] * view.stride[2] + 64;
  view.stride[0] = view.extent[1] * view.stride[1];
  view.address = bench.memory.allocate(view.span_bytes());
  return view;
}

Command attention_command(EngineBench& bench, const Scheduled& o, const TensorView& mask, const TensorView& schedule) {
  return bench.command(
      DIXION_OPCODE_ATTENTION_MASKED,
      {bench.place(o.q, 4, DIXION_FORMAT_INT12), bench.place(o.k, 4, DIXION_FORMAT_INT12),
       bench.place(o.v, 4, DIXION_FORMAT_INT12), mask, bench.layout(o.q, 4, DIXION_FORMAT_INT12), schedule},
      {static_cast<std::uint32_t>(o.score.multiplier), static_cast<std::uint32_t>(o.output.multiplier),
       static_cast<std::uint32_t>(o.score.shift | o.output.shift << 8), o.depth | o.width << 16});
}

TensorView built(EngineBench& bench, const Scheduled& o, const TensorView& mask) {
  const TensorView schedule = schedule_view(bench, o);
  SparsityController controller(checked());
  bench.run(controller, bench.command(DIXION_OPCODE_CONMERGE_BUILD, {mask, schedule},
                                      {static_cast<std::uint32_t>(o.keys), o.depth | kScores | o.width << 16}));
  return schedule;
}

std::uint64_t tile_at(const TensorView& schedule, const Scheduled& o, std::size_t head, std::size_t tile) {
  return schedule.address + head / o.heads * schedule.stride[0] + head % o.heads * schedule.stride[1] +
         tile * schedule.stride[2];
}

void results_equal_those_without_a_schedule(EngineBench& bench) {
  const Scheduled o(bench);
  const TensorView mask = bench.place(o.mask, 4, DIXION_FORMAT_UINT32);
  const TensorView schedule = built(bench, o, mask);
  const Command command = attention_command(bench, o, mask, schedule);
  MatrixEngine engine(checked(), fast_kernels());
  const Tensor expected = attention_masked(o.q, o.k, o.v, o.mask, o.score, o.output, {1, 1});
  EXPECT_EQ(bench.run(engine, command), expected.saturated);
  EXPECT_EQ(bench.fetch(command.operands[4]), expected.values);
}
TEST(AttentionSchedule, ResultsEqualThoseWithoutASchedule) { over_seeds(80, results_equal_those_without_a_schedule); }

void scores_of_rows_with_several_keys_are_scheduled(EngineBench& bench) {
  Scheduled o(bench);
  o.width = 0;
  const TensorView mask = bench.place(o.mask, 4, DIXION_FORMAT_UINT32);
  const TensorView schedule = built(bench, o, mask);
  for (std::size_t head = 0; head < o.batch * o.heads; ++head) {
    for (std::size_t tile = 0; tile < (o.queries + 15) / 16; ++tile) {
      ScheduleTask task;
      task.rows = o.queries;
      task.columns = o.keys;
      for (std::uint32_t token = 0; token < o.queries; ++token) task.tokens.push_back(token);
      task.needed = [&](std::size_t row, std::size_t column) {
        return row / 16 == tile && o.scored(head * o.queries + row, column);
      };
      const std::uint64_t at = tile_at(schedule, o, head, tile);
      task.generation = bench.word_at(at + 4);
      std::vector<std::uint8_t> records(256 * bench.word_at(at));
      ASSERT_TRUE(bench.memory.read(at + 64, records.data(), records.size()));
      EXPECT_EQ(check_schedule(task, records), std::vector<std::string>{}) << head << ' ' << tile;
    }
  }
}
TEST(AttentionSchedule, ScoresOfRowsWithSeveralKeysAreScheduled) {
  over_seeds(40, scores_of_rows_with_several_keys_are_scheduled);
}

struct AttentionScheduleMistake : testing::Test {
  EngineBench bench{5};
  Scheduled o = [this] {
    Scheduled drawn(bench);
    while (drawn.batch * drawn.heads < 2 || drawn.queries < 20 || drawn.width != 0 || drawn.keys < 40)
      drawn = Scheduled(bench);
    return drawn;
  }();
  TensorView mask = bench.place(o.mask, 4, DIXION_FORMAT_UINT32);
  TensorView schedule = built(bench, o, mask);
  Command command = attention_command(bench, o, mask, schedule);

  CommandError run(const AcceleratorConfig& config = {}) {
    MatrixEngine engine(config, portable_kernels());
    EXPECT_FALSE(engine.check(command));
    Result result;
    return engine.execute(command, bench.memory, result);
  }
};

TEST_F(AttentionScheduleMistake, AMaskThatChangedMakesItsTileStale) {
  EXPECT_FALSE(run());
  // Row 17 of head 1: tile 1. A bit is set that was not.
  const std::size_t row = o.queries + 17;
  std::size_t key = 0;
  while (o.keeps(row, key)) ++key;
  const std::uint64_t at =
      mask.address + 1 / o.heads * mask.stride[0] + 1 % o.heads * mask.stride[1] + 17 * mask.stride[2] + key / 32 * 4;
  const std::uint32_t word = bench.word_at(at) | 1U << key % 32;
  ASSERT_TRUE(bench.memory.write(at, &word, sizeof word));
  const CommandError error = run();
  EXPECT_EQ(error.cause, DIXION_CAUSE_STALE_SCHEDULE);
  EXPECT_EQ(error.field, DIXION_FIELD_OPERAND0 + 5U);
  EXPECT_EQ(error.value, bench.word_at(tile_at(schedule, o, 1, 1) + 4));
  EXPECT_EQ(error.expected, "the generation of the mask; tile 1 of sample 1");
}

TEST_F(AttentionScheduleMistake, RecordsWithoutAScoreOfAQueryAreRefused) {
  const std::uint32_t none = 0;
  ASSERT_GT(bench.word_at(tile_at(schedule, o, 0, 0)), 0U);
  ASSERT_TRUE(bench.memory.write(tile_at(schedule, o, 0, 0), &none, sizeof none));
  std::size_t row = 0;
  while (kept_keys(o.row(row), o.keys) == 1) ++row;
  const CommandError error = run();
  EXPECT_EQ(error.cause, DIXION_CAUSE_BAD_PARAMETER);
  EXPECT_EQ(error.value, row);
  EXPECT_EQ(error.expected, "a score of every query; none of row " + std::to_string(row) + " of the mask");
  EXPECT_NE(run(checked()).expected.find("computed 0 times, needed 1"), std::string::npos);
}

TEST_F(AttentionScheduleMistake, WrongImmediatesAndArraysAreRefused) {
  MatrixEngine engine(AcceleratorConfig{}, portable_kernels());
  const auto refused = [&](unsigned immediate, std::uint32_t value, const char* expected) {
    const auto spoil = [&](Command& wrong) { wrong.immediates[immediate] = value; };
    expect_refusal(engine, command, DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + immediate, value, spoil,
                   expected);
  };
  refused(3, 0, "a depth of 1 to 3 in the low byte, 0 in the next");
  refused(3, 4, "a depth of 1 to 3 in the low byte, 0 in the next");
  refused(3, 0x103, "a depth of 1 to 3 in the low byte, 0 in the next");
  refused(3, 3 | 99U << 16, "a width that divides the Tq of q in the high half");
  AcceleratorConfig wide;
  wide.array_columns = 9;
  EXPECT_EQ(MatrixEngine(wide, portable_kernels()).check(command).expected, "no schedule, or an array of 16 x 16");
}

// 2 heads x 32 queries x 64 keys, D = 32: by hand.
constexpr AttentionShape kShape{2, 32, 64, 32};

TileWork tile_work(std::uint64_t condensed, std::uint64_t merged) {
  TileWork work;
  work.tokens = 16;
  work.kept = 16 * 16;
  work.used_columns = 64;
  work.block_columns = 16 * condensed;
  work.block_outputs = work.kept;
  work.condensed_blocks = condensed;
  work.merged_blocks = merged;
  return work;
}

ScheduledTiming timing(const std::vector<TileWork>& tiles, unsigned cores, dixion_split split,
                       const AcceleratorConfig& config = {}) {
  OperandDelivery delivery(config);
  return scheduled_attention_timing(config, delivery, kShape, split, cores, tiles, 0);
}

// Nothing merged: what the same tiles take condensed.
TEST(AttentionScheduleTime, UnmergedBlocksTakeWhatCondensedKeysTake) {
  OperandDelivery delivery{AcceleratorConfig{}};
  const Cycles fill = matrix_fill_cycles(AcceleratorConfig{});
  AttentionChain chain(fill);
  for (int tile = 0; tile < 4; ++tile) chain.add(attention_tile(AcceleratorConfig{}, delivery, kShape, 16, 64, 64));
  EXPECT_EQ(timing(std::vector<TileWork>(4, tile_work(4, 4)), 1, DIXION_SPLIT_HEADS).compute, chain.end());
}

// 4 blocks of 2 steps become 2: scores 4, exponentials 2 x 256 / 64, values 2 x 4, division 16 x 32 / 64.
TEST(AttentionScheduleTime, MergedBlocksPassArrayAndLanes) {
  AttentionChain chain(matrix_fill_cycles(AcceleratorConfig{}));
  for (int tile = 0; tile < 2; ++tile) chain.add({2 * 2, 2 * 256 / 64, 2 * 4, 16 * 32 / 64});
  const std::vector<TileWork> tiles(4, tile_work(4, 2));
  EXPECT_EQ(timing(tiles, 2, DIXION_SPLIT_HEADS).compute, chain.end());
  EXPECT_EQ(timing(tiles, 2, DIXION_SPLIT_ROWS).compute, chain.end());
}

TEST(AttentionScheduleTime, TheCoreWithTheDensestTilesDecides) {
  std::vector<TileWork> tiles(4, tile_work(4, 1));
  const Cycles sparse = timing(tiles, 2, DIXION_SPLIT_HEADS).compute;
  tiles[2] = tile_work(4, 4);  // head 1
  EXPECT_GT(timing(tiles, 2, DIXION_SPLIT_HEADS).compute, sparse);
  tiles[0] = tile_work(4, 4);
  EXPECT_EQ(
      timing(tiles, 2, DIXION_SPLIT_HEADS).compute,
      timing({tile_work(4, 4), tile_work(4, 1), tile_work(4, 4), tile_work(4, 1)}, 2, DIXION_SPLIT_HEADS).compute);
}

TEST(AttentionScheduleTime, WorkCountsBlocksAndProducts) {
  const MaskWork work = timing(std::vector<TileWork>(4, tile_work(4, 2)), 1, DIXION_SPLIT_HEADS).work;
  EXPECT_EQ(work.elements, 2U * 32 * 64);
  EXPECT_EQ(work.kept, 4U * 256);
  EXPECT_EQ(work.blocks_before, 4U * 4);
  EXPECT_EQ(work.blocks_condensed, 4U * 4);
  EXPECT_EQ(work.blocks_merged, 4U * 2);
  EXPECT_EQ(work.block_units, 4U * 2 * 256);
  EXPECT_EQ(work.block_outputs, 4U * 256);
  EXPECT_EQ(work.macs_marked, 2U * 32 * (4096 - 1024));
  // Scores: half of the units are for nobody; values: every key is some query's.
  EXPECT_EQ(work.macs_exploited, 32U * (4096 - 2048));
}

}  // namespace
}  // namespace dixion::test::attention_schedule
