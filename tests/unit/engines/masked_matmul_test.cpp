// SPDX-License-Identifier: Apache-2.0
/// Products of feed-forward networks under masks, and ConMerge schedules as commands (docs/numerics.md section 19,
/// docs/conmerge.md).
#include <algorithm>
#include <cstring>

#include "models/common/mask_bits.h"
#include "models/engines/matrix/matrix.h"
#include "models/fast_kernels/fast_kernels.h"
#include "models/sparsity/sparsity_controller.h"
#include "tests/support/engine_bench.h"
#include "tests/support/schedule_checker.h"

namespace dixion::test {
namespace {

using reference::Requant;
using reference::Tensor;

constexpr std::size_t kHeaderWords = 16, kRecordWords = 64;

/// Random operands of one product with a mask of `bits` columns.
struct Operands {
  std::size_t batch, rows, columns, depth;
  Tensor src, weight, bias;
  std::vector<Requant> factors;
  bool has_bias, has_table;
  dixion_format format;

  explicit Operands(EngineBench& bench, bool deep = false) {
    batch = static_cast<std::size_t>(bench.between(1, 3));
    rows = static_cast<std::size_t>(bench.between(1, 50));
    columns = 2 * static_cast<std::size_t>(bench.between(1, 60));
    depth = static_cast<std::size_t>(deep ? bench.between(8000, 9000) : bench.between(1, 100));
    if (deep) rows = 3;
    if (deep) columns = 6;
    src = bench.tensor({batch, rows, depth}, -2048, 2047);
    weight = bench.tensor({columns, depth}, -128, 127);
    const std::int32_t range = bench.chance(30) ? 2147483647 : 1 << 20;
    bias = bench.tensor({columns}, -range, range);
    has_bias = bench.chance(70);
    has_table = bench.chance(70);
    factors.resize(has_table ? columns : 1);
    for (Requant& factor : factors) factor = {bench.between(1 << 30, 2147483647), bench.between(34, 46)};
    const dixion_format formats[] = {DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32};
    format = formats[bench.between(0, 2)];
  }

  [[nodiscard]] std::vector<std::int32_t> biases() const {
    return has_bias ? bias.values : std::vector<std::int32_t>{};
  }
  [[nodiscard]] Tensor result() const { return Tensor({batch, rows, columns}); }
};

/// `percent` of the bits; bits behind the last column are garbage.
Tensor random_mask(EngineBench& bench, std::size_t batch, std::size_t rows, std::size_t columns, int percent) {
  Tensor mask({batch, rows, mask_words(columns)});
  for (std::int32_t& word : mask.values) {
    std::uint32_t bits = 0;
    for (int i = 0; i < 32; ++i) bits |= bench.chance(percent) ? 1U << i : 0;
    word = static_cast<std::int32_t>(bits);
  }
  return mask;
}

std::uint32_t multiplier(const Operands& o) { return static_cast<std::uint32_t>(o.factors[0].multiplier); }
std::uint32_t shift(const Operands& o) { return static_cast<std::uint32_t>(o.factors[0].shift); }

struct Outcome {
  std::vector<std::int32_t> dst, partial;
  std::uint64_t saturations = 0;
};

struct Common {
  TensorView src, weight, bias, table;
  Common(EngineBench& bench, const Operands& o)
      : src(bench.place(o.src, 3, DIXION_FORMAT_INT12)), weight(bench.place(o.weight, 2, DIXION_FORMAT_INT8)) {
    if (o.has_bias) bias = bench.place(o.bias, 1, DIXION_FORMAT_INT32);
    if (o.has_table) table = bench.place(o.factors);
  }
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

Command masked_command(EngineBench& bench, const Operands& o, const TensorView& mask, std::uint32_t shares,
                       const TensorView& schedule = {}, std::uint32_t settings = 0) {
  const Common c(bench, o);
  return bench.command(DIXION_OPCODE_MATMUL_MASKED,
                       {c.src, c.weight, c.bias, c.table, mask, schedule, bench.layout(o.result(), 3, o.format)},
                       {multiplier(o), shift(o), shares, settings});
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

// ---- Schedules.

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
std::uint32_t word_at(EngineBench& bench, std::uint64_t address) {
  std::uint32_t word = 0;
  EXPECT_TRUE(bench.memory.read(address, &word, sizeof word));
  return word;
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
      const std::uint32_t blocks = word_at(bench, at);
      ScheduleTask part = task;
      part.generation = word_at(bench, at + 4);
      const auto in_tile = [&](std::size_t row) {
        const auto place = std::find(task.tokens.begin(), task.tokens.end(), row) - task.tokens.begin();
        return static_cast<std::uint32_t>(place / 16) == tile;
      };
      part.needed = [&](std::size_t row, std::size_t column) { return in_tile(row) && task.needed(row, column); };
      EXPECT_EQ(check_schedule(part, bytes_at(bench, at + 64, 256 * blocks)), std::vector<std::string>{});
      EXPECT_EQ(word_at(bench, at + 8), built.columns);
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
  EXPECT_EQ(error.value, word_at(bench, tile(1) + 4));
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
  std::uint32_t blocks = word_at(bench, tile(0));
  ASSERT_GE(blocks, 2U);
  --blocks;
  ASSERT_TRUE(bench.memory.write(tile(0), &blocks, sizeof blocks));
  flip(tile(0) + 64 + 256 * (blocks - 1) + 13, 1);
  EXPECT_FALSE(run());
  const CommandError error = run(true);
  EXPECT_EQ(error.cause, DIXION_CAUSE_BAD_PARAMETER);
  EXPECT_NE(error.expected.find("computed 0 times, needed 1"), std::string::npos) << error.expected;
}

TEST_F(ScheduleMistake, WrongImmediatesAndArraysAreRefused) {
  MatrixEngine engine(AcceleratorConfig{}, portable_kernels());
  const auto refused = [&](unsigned immediate, std::uint32_t value, const char* expected) {
    Command wrong = command;
    wrong.immediates[immediate] = value;
    const CommandError error = engine.check(wrong);
    EXPECT_EQ(error.cause, DIXION_CAUSE_BAD_IMMEDIATE) << value;
    EXPECT_EQ(error.field, DIXION_FIELD_IMMEDIATE0 + immediate);
    EXPECT_EQ(error.value, value);
    EXPECT_EQ(error.expected, expected);
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
