// SPDX-License-Identifier: Apache-2.0
/// ConMerge schedules as commands: built in memory, run by the matrix engine, mistakes in them (docs/conmerge.md).
#include <algorithm>
#include <cstring>

#include "models/engines/matrix/matrix.h"
#include "models/fast_kernels/fast_kernels.h"
#include "models/sparsity/schedule_replay.h"
#include "models/sparsity/sparsity_controller.h"
#include "tests/support/refusals.h"
#include "tests/support/schedule_checker.h"
#include "tests/unit/engines/masked_matmul_bench.h"

namespace dixion::test {
namespace {

constexpr std::size_t kHeaderWords = 16, kRecordWords = 64;

struct Built {
  Tensor mask;
  TensorView mask_view, schedule;
  std::uint32_t columns, settings;
};

/// Room for `blocks` merged blocks per tile.
TensorView schedule_view(EngineBench& bench, std::size_t batch, std::size_t rows, std::size_t blocks) {
  TensorView view;
  view.format = DIXION_FORMAT_UINT32;
  view.rank = 3;
  view.extent = {static_cast<std::uint32_t>(batch), static_cast<std::uint32_t>((rows + 15) / 16),
                 static_cast<std::uint32_t>(kHeaderWords + kRecordWords * blocks), 0};
  view.stride = {std::uint64_t{view.extent[1]} * view.extent[2] * 4, std::uint64_t{view.extent[2]} * 4, 4, 0};
  view.address = bench.memory.allocate(view.span_bytes());
  return view;
}

Built build(EngineBench& bench, const Operands& o, std::uint32_t shares, int percent, std::uint32_t depth,
            std::uint32_t width = 0, const char* rule = "greedy") {
  AcceleratorConfig config;
  config.check_schedules = true;
  config.merge_rule = rule;
  SparsityController controller(config);
  Built built;
  built.columns = static_cast<std::uint32_t>(o.columns / shares);
  built.settings = depth | width << 16;
  built.mask = random_mask(bench, o.batch, o.rows, built.columns, percent);
  built.mask_view = bench.place(built.mask, 3, DIXION_FORMAT_UINT32);
  built.schedule = schedule_view(bench, o.batch, o.rows, (built.columns + 15) / 16);
  bench.run(controller, bench.command(DIXION_OPCODE_CONMERGE_BUILD, {built.mask_view, built.schedule},
                                      {built.columns, built.settings}));
  return built;
}

std::vector<std::uint8_t> bytes_at(EngineBench& bench, std::uint64_t address, std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  EXPECT_TRUE(bench.memory.read(address, bytes.data(), count));
  return bytes;
}
void schedules_pass_the_checker_and_give_the_same_product(EngineBench& bench) {
  const Operands o(bench);
  const std::uint32_t shares = bench.chance(50) ? 2 : 1;
  const auto depth = static_cast<std::uint32_t>(bench.between(1, 3));
  const std::uint32_t width = o.rows % 8 == 0 ? 8 : 0;
  const Built built =
      build(bench, o, shares, bench.between(0, 100), depth, width, bench.chance(50) ? "greedy" : "first_fit");
  for (std::size_t sample = 0; sample < o.batch; ++sample) {
    ScheduleTask task;
    task.rows = o.rows;
    task.columns = built.columns;
    task.needed = [&](std::size_t row, std::size_t column) {
      const std::size_t words = mask_words(built.columns);
      const auto word = static_cast<std::uint32_t>(built.mask.values[(sample * o.rows + row) * words + column / 32]);
      return (word >> column % 32 & 1) != 0;
    };
    if (width == 0) {
      for (std::uint32_t token = 0; token < o.rows; ++token) task.tokens.push_back(token);
    } else {
      // Patches of 4 x 4 by hand: width 8, rows of the picture four at a time.
      for (std::uint32_t y = 0; y < o.rows / 8; y += 4) {
        for (std::uint32_t x = 0; x < 8; x += 4) {
          for (std::uint32_t i = y; i < std::min<std::uint32_t>(y + 4, static_cast<std::uint32_t>(o.rows / 8)); ++i) {
            for (std::uint32_t j = x; j < x + 4; ++j) task.tokens.push_back(8 * i + j);
          }
        }
      }
    }
    for (std::uint32_t tile = 0; tile < built.schedule.extent[1]; ++tile) {
      // The checker knows one generation at a time: a tile by itself, the others' outputs not asked for.
      const std::uint64_t at =
          built.schedule.address + sample * built.schedule.stride[0] + tile * built.schedule.stride[1];
      const std::uint32_t blocks = bench.word_at(at);
      ScheduleTask part = task;
      part.generation = bench.word_at(at + 4);
      const auto in_tile = [&](std::size_t row) {
        const auto place = std::find(task.tokens.begin(), task.tokens.end(), row) - task.tokens.begin();
        return static_cast<std::uint32_t>(place / 16) == tile;
      };
      part.needed = [&](std::size_t row, std::size_t column) { return in_tile(row) && task.needed(row, column); };
      EXPECT_EQ(check_schedule(part, bytes_at(bench, at + 64, 256 * blocks)), std::vector<std::string>{});
      EXPECT_EQ(bench.word_at(at + 8), built.columns);
    }
  }
  AcceleratorConfig config;
  config.check_schedules = true;
  MatrixEngine engine(config, fast_kernels());
  const Command command = masked_command(bench, o, built.mask_view, shares, built.schedule, built.settings);
  const Tensor expected = product_masked(o.src, o.weight, o.biases(), o.factors, built.mask, shares, bits_of(o.format));
  EXPECT_EQ(bench.run(engine, command), expected.saturated);
  EXPECT_EQ(bench.fetch(command.operands[6]), expected.values);
}
TEST(ConMergeCommands, SchedulesPassTheCheckerAndGiveTheSameProduct) {
  over_seeds(60, schedules_pass_the_checker_and_give_the_same_product);
}

/// 40 rows in three tiles, columns enough for several blocks.
Operands forty_rows(EngineBench& bench) {
  Operands o(bench);
  o.batch = 1;
  o.rows = 40;
  o.columns = 96;
  o.depth = 20;
  o.src = bench.tensor({1, 40, 20}, -9, 9);
  o.weight = bench.tensor({96, 20}, -9, 9);
  o.has_bias = o.has_table = false;
  o.factors = {{1, 0}};
  o.format = DIXION_FORMAT_INT32;
  return o;
}

struct ScheduleMistake : testing::Test {
  EngineBench bench{3};
  Operands o = forty_rows(bench);
  Built built = build(bench, o, 1, 20, 3);
  Command command = masked_command(bench, o, built.mask_view, 1, built.schedule, built.settings);

  CommandError run(bool check = false) {
    AcceleratorConfig config;
    config.check_schedules = check;
    MatrixEngine engine(config, portable_kernels());
    EXPECT_FALSE(engine.check(command));
    Result result;
    return engine.execute(command, bench.memory, result);
  }
  [[nodiscard]] std::uint64_t tile(unsigned number) const {
    return built.schedule.address + number * built.schedule.stride[1];
  }
  void flip(std::uint64_t address, std::uint8_t bits) {
    std::uint8_t byte = bytes_at(bench, address, 1)[0];
    byte = static_cast<std::uint8_t>(byte ^ bits);
    EXPECT_TRUE(bench.memory.write(address, &byte, 1));
  }
};

TEST_F(ScheduleMistake, AMaskThatChangedMakesItsTileStale) {
  EXPECT_FALSE(run());
  flip(built.mask_view.address + 17 * built.mask_view.stride[1], 1);  // row 17: tile 1
  const CommandError error = run();
  EXPECT_EQ(error.cause, DIXION_CAUSE_STALE_SCHEDULE);
  EXPECT_EQ(error.field, DIXION_FIELD_OPERAND0 + 5U);
  EXPECT_EQ(error.value, bench.word_at(tile(1) + 4));
  EXPECT_EQ(error.expected, "the generation of the mask; tile 1 of sample 0");
}

TEST_F(ScheduleMistake, ATileThatWasNeverBuiltIsStaleWithValueZero) {
  const std::vector<std::uint8_t> nothing(64, 0);
  ASSERT_TRUE(bench.memory.write(tile(2), nothing.data(), nothing.size()));
  const CommandError error = run();
  EXPECT_EQ(error.cause, DIXION_CAUSE_STALE_SCHEDULE);
  EXPECT_EQ(error.value, 0U);
  EXPECT_EQ(error.expected, "a schedule of a mask of 96 columns; tile 2 of sample 0");
}

TEST_F(ScheduleMistake, ARecordThatBreaksTheLaneRuleIsRefused) {
  // Lane 0 of record 0 receives its own row: bit 7 and row 0.
  const std::uint64_t vector = tile(0) + 64 + 16;
  flip(vector, static_cast<std::uint8_t>(bytes_at(bench, vector, 1)[0] ^ 0x80));
  const CommandError error = run();
  EXPECT_EQ(error.cause, DIXION_CAUSE_BAD_PARAMETER);
  EXPECT_EQ(error.field, DIXION_FIELD_OPERAND0 + 5U);
  EXPECT_EQ(error.value, 0x80U);
  EXPECT_EQ(error.expected, "CONFLICT_VECTOR[0]: a row other than the lane's own; tile 0 of sample 0");
}

TEST_F(ScheduleMistake, MoreBlocksThanThereIsRoomAreRefused) {
  const std::uint32_t blocks = 7;  // 96 columns: room for 6
  ASSERT_TRUE(bench.memory.write(tile(0), &blocks, sizeof blocks));
  const CommandError error = run();
  EXPECT_EQ(error.cause, DIXION_CAUSE_BAD_PARAMETER);
  EXPECT_EQ(error.value, 7U);
}

TEST_F(ScheduleMistake, WithoutRoomForTheRecordsNothingIsBuilt) {
  built.schedule.extent[2] = kHeaderWords + kRecordWords;  // the mask needs more than one block
  SparsityController controller(AcceleratorConfig{});
  Result result;
  const CommandError error = controller.execute(
      bench.command(DIXION_OPCODE_CONMERGE_BUILD, {built.mask_view, built.schedule}, {96, 3}), bench.memory, result);
  EXPECT_EQ(error.cause, DIXION_CAUSE_BAD_PARAMETER);
  EXPECT_EQ(error.field, DIXION_FIELD_OPERAND0 + 1U);
  EXPECT_GT(error.value, 1U);
  EXPECT_EQ(error.expected, "room for the records of tile 0 of sample 0");
}

TEST_F(ScheduleMistake, AScheduleThatIsLegalButWrongIsComputedAndFoundByTheReplay) {
  // The last record of tile 0 is dropped: its outputs are not computed.
  std::uint32_t blocks = bench.word_at(tile(0));
  ASSERT_GE(blocks, 2U);
  --blocks;
  ASSERT_TRUE(bench.memory.write(tile(0), &blocks, sizeof blocks));
  flip(tile(0) + 64 + 256 * (blocks - 1) + 13, 1);
  EXPECT_FALSE(run());
  const CommandError error = run(true);
  EXPECT_EQ(error.cause, DIXION_CAUSE_BAD_PARAMETER);
  EXPECT_NE(error.expected.find("computed 0 times, needed 1"), std::string::npos) << error.expected;
}

TEST_F(ScheduleMistake, TheReplayObjectsToEveryFlippedBit) {
  const std::uint32_t blocks = bench.word_at(tile(1));
  std::vector<std::uint8_t> bytes = bytes_at(bench, tile(1), 64 + 256 * blocks);
  ReplayTask task;
  for (std::uint32_t token = 16; token < 32; ++token) task.tokens.push_back(token);
  task.columns = built.columns;
  task.number = 1;
  task.needed = [&](std::uint32_t token, std::uint32_t column) {
    return (static_cast<std::uint32_t>(built.mask.values[token * 3 + column / 32]) >> column % 32 & 1) != 0;
  };
  ASSERT_EQ(replay_tile(bytes, task), "");
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    if (bit / 8 >= 12 && bit / 8 < 64) continue;  // of the header only what the array needs
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1U << bit % 8);
    EXPECT_NE(replay_tile(bytes, task), "") << "bit " << bit;
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1U << bit % 8);
  }
}

TEST_F(ScheduleMistake, WrongImmediatesAndArraysAreRefused) {
  MatrixEngine engine(AcceleratorConfig{}, portable_kernels());
  const auto refused = [&](unsigned immediate, std::uint32_t value, const char* expected) {
    const auto spoil = [&](Command& wrong) { wrong.immediates[immediate] = value; };
    expect_refusal(engine, command, DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + immediate, value, spoil,
                   expected);
  };
  refused(2, 0, "1 or 2, and a divisor of N");
  refused(2, 3, "1 or 2, and a divisor of N");
  refused(3, 0, "a depth of 1 to 3 in the low byte");
  refused(3, 4, "a depth of 1 to 3 in the low byte");
  refused(3, 3 | 7 << 16, "a width that divides the M of src in the high half");
  AcceleratorConfig wide;
  wide.array_columns = 9;
  EXPECT_EQ(MatrixEngine(wide, portable_kernels()).check(command).expected, "no schedule, or an array of 16 x 16");
}

}  // namespace
}  // namespace dixion::test
