// SPDX-License-Identifier: Apache-2.0
/// Every command that takes a row list: listed rows are those of the command on all rows, the others stay as they were.
#include "models/engines/matrix/matrix.h"
#include "models/engines/row_list_engine.h"
#include "models/engines/vector/vector.h"
#include "models/fast_kernels/fast_kernels.h"
#include "models/sparsity/sparsity_controller.h"
#include "tests/unit/engines/row_list_bench.h"

namespace dixion::test::row_list {
namespace {

using Bench = RowListBench;
constexpr auto k8 = DIXION_FORMAT_INT8;
constexpr auto k12 = DIXION_FORMAT_INT12;
constexpr auto k16 = DIXION_FORMAT_INT16;
constexpr auto k32 = DIXION_FORMAT_INT32;
constexpr auto kBits = DIXION_FORMAT_UINT32;
constexpr std::uint32_t kFactor = 1U << 30;

TensorView factors(Bench& b, std::size_t count) {
  std::vector<reference::Requant> table;
  for (std::size_t i = 0; i < count; ++i) table.push_back({b.between(1 << 28, 1 << 30), b.between(32, 40)});
  return b.place(table);
}

Command matmul(Bench& b) {
  const std::size_t n = b.size(1, 20);
  return b.command(DIXION_OPCODE_MATMUL, {b.rows(k12, b.depth), b.in(k8, {n, b.depth}), b.in(k32, {n}), factors(b, n),
                                          b.out(k12, {b.samples, b.tokens, n})});
}
Command matmul_of_samples(Bench& b) {
  const std::size_t n = b.size(1, 20);
  return b.command(
      DIXION_OPCODE_MATMUL,
      {b.rows(k12, b.depth), b.in(k12, {b.samples, n, b.depth}), {}, {}, b.out(k32, {b.samples, b.tokens, n})}, {1, 3});
}
Command matmul_of_one_sample(Bench& b) {
  b.samples = 1;
  const std::size_t n = b.size(1, 20);
  return b.command(
      DIXION_OPCODE_MATMUL,
      {b.in(k12, {b.tokens, b.depth}), b.in(k8, {n, b.depth}), b.in(k32, {n}), {}, b.out(k16, {b.tokens, n})}, {1, 3});
}

TensorView mask_of(Bench& b, std::size_t keys) {
  TensorView view = b.out(kBits, {b.samples, b.heads, b.tokens, mask_words(keys)});
  Result::Tensor ones{view, Bench::Bytes(view.elements() * 4, 0)};
  for (std::size_t row = 0; row < b.samples * b.heads * b.tokens; ++row) {
    for (std::size_t j = 0; j < keys; ++j) {
      if (j == row % keys || b.chance(30)) ones.bytes[row * mask_words(keys) * 4 + j / 8] |= std::uint8_t(1U << j % 8);
    }
  }
  EXPECT_TRUE(store(ones, b.memory));
  return view;
}
Command attention(Bench& b, std::uint8_t opcode) {
  const std::size_t keys = b.chance(50) ? b.tokens : b.size(1, 50);
  const auto heads = [&](std::size_t rows) { return b.in(k12, {b.samples, b.heads, rows, b.depth}); };
  const TensorView q = heads(b.tokens), k = heads(keys), v = heads(keys), dst = heads(b.tokens);
  switch (opcode) {
    case DIXION_OPCODE_ATTENTION_MARK:
      return b.command(opcode, {q, k, v, dst, mask_of(b, keys)}, {kFactor, kFactor, 34 | 30 << 8, 32768});
    case DIXION_OPCODE_ATTENTION_MASKED:
      return b.command(opcode, {q, k, v, mask_of(b, keys), dst}, {kFactor, kFactor, 34 | 30 << 8});
    default:
      return b.command(opcode, {q, k, v, dst}, {kFactor, 34, kFactor, 30});
  }
}

/// Shift or scale: absent, for all samples, or a row per sample.
TensorView channels(Bench& b) {
  switch (b.between(0, 3)) {
    case 0:
      return {};
    case 1:
      return b.in(k32, {b.depth});
    case 2:
      return b.in(k32, {1, b.depth});
    default:
      return b.in(k32, {b.samples, b.depth});
  }
}
Command norm(Bench& b) {
  return b.command(DIXION_OPCODE_NORM_MODULATE, {b.rows(k32, b.depth), channels(b), channels(b), b.rows(k12, b.depth)},
                   {kFactor, 36, 4295});
}
Command modulate(Bench& b) {
  return b.command(DIXION_OPCODE_MODULATE, {b.rows(k12, b.depth), channels(b), channels(b), b.rows(k16, b.depth)},
                   {1 << 8, 0, kFactor, 44});
}

/// One operand in, one out, of the same shape; half of the time with heads.
Command unary(Bench& b, std::uint8_t opcode) {
  const std::vector<std::size_t> flat{b.samples, b.tokens, b.depth}, deep{b.samples, b.heads, b.tokens, b.depth};
  const auto& shape = b.chance(50) ? flat : deep;
  const bool converts = opcode == DIXION_OPCODE_CONVERT;
  return b.command(opcode, {b.in(k12, shape), b.out(converts ? k8 : k16, shape)},
                   {1 << 8, 4, converts ? 0 : kFactor, converts ? 0U : 32U});
}
Command geglu(Bench& b) {
  return b.command(DIXION_OPCODE_GEGLU, {b.rows(k12, 2 * b.depth), b.rows(k12, b.depth)}, {1 << 8, 0, kFactor, 36});
}

/// An operand that serves all samples, all tokens, both or neither.
TensorView broadcast(Bench& b) {
  const std::size_t samples = b.chance(50) ? 1 : b.samples, tokens = b.chance(50) ? 1 : b.tokens;
  return b.in(k32, {samples, tokens, b.depth});
}
Command add(Bench& b) {
  return b.command(DIXION_OPCODE_ADD, {b.rows(k32, b.depth), broadcast(b), b.rows(k32, b.depth)}, {1, 1});
}
Command residual(Bench& b) {
  return b.command(DIXION_OPCODE_GATED_RESIDUAL,
                   {b.rows(k32, b.depth), broadcast(b), b.rows(k16, b.depth), b.rows(k32, b.depth)}, {3, 1});
}
Command residual_in_place(Bench& b) {
  Command command = residual(b);
  command.operands[3] = command.operands[0];
  return command;
}
Command rotary(Bench& b) {
  const auto shape = [&] { return b.in(k12, {b.samples, b.heads, b.tokens, b.depth}); };
  return b.command(DIXION_OPCODE_ROTARY, {shape(), b.in(k16, {b.tokens, b.depth}), shape()}, {1, 14});
}

TensorView bits(Bench& b, std::size_t rows, std::size_t count) {
  return b.in(kBits, {b.samples, rows, mask_words(count)});
}
Command partial(Bench& b) {
  const std::size_t n = b.size(1, 20);
  return b.command(DIXION_OPCODE_MATMUL_PARTIAL,
                   {b.rows(k12, b.depth), b.in(k8, {n, b.depth}), b.in(k32, {n}), factors(b, n),
                    bits(b, b.tokens, b.depth), b.rows(k12, n), b.rows(k32, n)});
}
Command resume(Bench& b) {
  const std::size_t n = b.size(1, 20);
  return b.command(DIXION_OPCODE_MATMUL_RESUME, {b.rows(k12, b.depth), b.in(k8, {n, b.depth}), factors(b, n),
                                                 bits(b, b.tokens, b.depth), b.rows(k32, n), b.rows(k12, n)});
}
Command masked_product(Bench& b, std::size_t n) {
  return b.command(DIXION_OPCODE_MATMUL_MASKED,
                   {b.rows(k12, b.depth),
                    b.in(k8, {n, b.depth}),
                    b.in(k32, {n}),
                    factors(b, n),
                    bits(b, b.tokens, n),
                    {},
                    b.rows(k12, n)},
                   {0, 0, 1, 0});
}
Command masked(Bench& b) { return masked_product(b, b.size(1, 50)); }
Command of_marked_rows(Bench& b) {
  const std::size_t groups = b.size(1, 4), n = groups * b.size(1, 8);
  return b.command(DIXION_OPCODE_MATMUL_ROWS, {b.rows(k12, b.depth), b.in(k8, {n, b.depth}), b.in(k32, {n}),
                                               factors(b, n), bits(b, groups, b.tokens), b.rows(k12, n)});
}
Command mask_threshold(Bench& b) {
  return b.command(DIXION_OPCODE_MASK_THRESHOLD, {b.rows(k12, b.depth), bits(b, b.tokens, b.depth)}, {200});
}

template <std::uint8_t opcode>
Command unary_of(Bench& b) {
  return unary(b, opcode);
}
template <std::uint8_t opcode>
Command attention_of(Bench& b) {
  return attention(b, opcode);
}

class RowLists : public testing::TestWithParam<RowListCase> {
 protected:
  MatrixEngine matrix_{AcceleratorConfig{}, fast_kernels()};
  VectorEngine vector_{AcceleratorConfig{}, fast_kernels()};

  SparsityController sparsity_{AcceleratorConfig{}};

  Engine& engine_of(const Command& command) {
    if (command.info->unit == abi::Unit::kMatrix) return matrix_;
    return command.info->unit == abi::Unit::kVector ? static_cast<Engine&>(vector_) : sparsity_;
  }

  /// Runs `whole` as it is and with the list; compares every element of every output.
  void compare(Bench& bench, const Command& whole, const std::vector<std::uint32_t>& rows) {
    std::map<unsigned, Bench::Bytes> before, expected;
    const auto for_outputs = [&](auto visit) {
      for (unsigned i = 0; i < whole.info->operands.size(); ++i) {
        if (whole.info->operands[i].output) visit(i, whole.operands[i]);
      }
    };
    for_outputs([&](unsigned i, const TensorView& view) { before[i] = bench.bytes(view); });
    bench.run(engine_of(whole), whole);
    for_outputs([&](unsigned i, const TensorView& view) {
      expected[i] = bench.bytes(view);
      EXPECT_TRUE(store({view, before[i]}, bench.memory));
    });
    RowListEngine engine(engine_of(whole));
    bench.run(engine, bench.with_list(whole, rows));
    const std::set<std::uint32_t> listed(rows.begin(), rows.end());
    for_outputs([&](unsigned i, const TensorView& view) {
      const Bench::Bytes after = bench.bytes(view);
      const std::size_t row_bytes = view.extent_from_end(0) * element_bytes(view.format);
      for (std::size_t at = 0; at < after.size(); ++at) {
        const std::size_t line = at / row_bytes, token = line % bench.tokens;
        const std::size_t sample = line / bench.tokens / (view.rank == 4 ? view.extent[1] : 1);
        const bool is_listed = listed.contains(static_cast<std::uint32_t>(sample * bench.tokens + token));
        ASSERT_EQ(after[at], (is_listed ? expected : before)[i][at])
            << "output " << i << ", sample " << sample << ", token " << token << (is_listed ? ", listed" : "");
      }
    });
  }
};

TEST_P(RowLists, ListedRowsAreThoseOfTheWholeAndTheOthersStay) {
  for (std::uint32_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Bench bench(seed);
    const Command whole = GetParam().make(bench);
    compare(bench, whole, bench.some_rows());
  }
}

TEST_P(RowLists, AllRowsGiveTheWholeAndNoneGiveNothing) {
  Bench bench(99);
  const Command whole = GetParam().make(bench);
  compare(bench, whole, bench.all_rows());
  compare(bench, whole, {});
}

INSTANTIATE_TEST_SUITE_P(
    Commands, RowLists,
    testing::Values(
        RowListCase{"Matmul", matmul}, RowListCase{"MatmulOfSamples", matmul_of_samples},
        RowListCase{"MatmulOfOneSample", matmul_of_one_sample},
        RowListCase{"Attention", attention_of<DIXION_OPCODE_ATTENTION>},
        RowListCase{"AttentionMark", attention_of<DIXION_OPCODE_ATTENTION_MARK>},
        RowListCase{"AttentionMasked", attention_of<DIXION_OPCODE_ATTENTION_MASKED>}, RowListCase{"Norm", norm},
        RowListCase{"Modulate", modulate}, RowListCase{"Gelu", unary_of<DIXION_OPCODE_GELU>},
        RowListCase{"GeluTanh", unary_of<DIXION_OPCODE_GELU_TANH>}, RowListCase{"Silu", unary_of<DIXION_OPCODE_SILU>},
        RowListCase{"Relu", unary_of<DIXION_OPCODE_RELU>}, RowListCase{"Convert", unary_of<DIXION_OPCODE_CONVERT>},
        RowListCase{"Geglu", geglu}, RowListCase{"Add", add}, RowListCase{"GatedResidual", residual},
        RowListCase{"GatedResidualInPlace", residual_in_place}, RowListCase{"Rotary", rotary},
        RowListCase{"MatmulPartial", partial}, RowListCase{"MatmulResume", resume}, RowListCase{"MatmulMasked", masked},
        RowListCase{"MatmulRows", of_marked_rows}, RowListCase{"MaskThreshold", mask_threshold}),
    [](const auto& entry) { return std::string(entry.param.name); });

/// Mask, schedule and masked product.
struct Scheduled {
  Command build, product;

  explicit Scheduled(Bench& b) {
    const std::size_t n = b.size(1, 60);
    product = masked_product(b, n);
    TensorView schedule;
    schedule.format = kBits;
    schedule.rank = 3;
    const auto blocks = static_cast<std::uint32_t>((n + 15) / 16);
    schedule.extent = {static_cast<std::uint32_t>(b.samples), static_cast<std::uint32_t>((b.tokens + 15) / 16),
                       DIXION_SCHEDULE_HEADER_WORDS + blocks * DIXION_SCHEDULE_RECORD_WORDS};
    schedule.stride = {std::uint64_t{4} * schedule.extent[1] * schedule.extent[2],
                       std::uint64_t{4} * schedule.extent[2], 4};
    schedule.address = b.memory.allocate(schedule.span_bytes());
    build =
        b.command(DIXION_OPCODE_CONMERGE_BUILD, {product.operands[4], schedule}, {static_cast<std::uint32_t>(n), 3});
    product.operands[5] = schedule;
    product.immediates[3] = 3;
  }
  [[nodiscard]] Command without() const {
    Command plain = product;
    plain.operands[5] = {};
    plain.immediates[3] = 0;
    return plain;
  }
};

TEST(RowListSchedules, TilesAreFormedOfListedTokens) {
  MatrixEngine matrix(AcceleratorConfig{}, fast_kernels());
  AcceleratorConfig config;
  config.check_schedules = true;
  SparsityController sparsity(config);
  RowListEngine products(matrix), builds(sparsity);
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Bench bench(seed);
    const Scheduled scheduled(bench);
    const std::vector<std::uint32_t> rows = bench.some_rows();
    const TensorView& dst = scheduled.product.operands[6];
    const Bench::Bytes before = bench.bytes(dst);
    bench.run(products, bench.with_list(scheduled.without(), rows));
    const Bench::Bytes expected = bench.bytes(dst);
    ASSERT_TRUE(store({dst, before}, bench.memory));
    bench.run(builds, bench.with_list(scheduled.build, rows));
    bench.run(products, bench.with_list(scheduled.product, rows));
    EXPECT_EQ(bench.bytes(dst), expected);
  }
}

TEST(RowListSchedules, AScheduleOfAnotherListIsStale) {
  Bench bench(2);
  bench.samples = 1;
  bench.tokens = 32;
  MatrixEngine matrix(AcceleratorConfig{}, fast_kernels());
  SparsityController sparsity(AcceleratorConfig{});
  RowListEngine products(matrix), builds(sparsity);
  const Scheduled scheduled(bench);
  bench.run(builds, bench.with_list(scheduled.build, {1, 5, 9}));
  Result result;
  EXPECT_FALSE(products.execute(bench.with_list(scheduled.product, {1, 5, 9}), bench.memory, result));
  const CommandError error = products.execute(bench.with_list(scheduled.product, {1, 5, 10}), bench.memory, result);
  EXPECT_EQ(error.cause, DIXION_CAUSE_STALE_SCHEDULE);
  EXPECT_EQ(error.field, DIXION_FIELD_OPERAND0 + 5U);
}

TEST(RowListSchedules, PatchesOfTokensNeedAllTokens) {
  Bench bench(2);
  bench.tokens = 32;
  SparsityController sparsity(AcceleratorConfig{});
  RowListEngine builds(sparsity);
  Command build = Scheduled(bench).build;
  build.immediates[1] |= 8U << 16;
  EXPECT_FALSE(builds.check(build));
  const CommandError error = builds.check(bench.with_list(build, {1}));
  EXPECT_EQ(error.cause, DIXION_CAUSE_BAD_IMMEDIATE);
  EXPECT_EQ(error.field, DIXION_FIELD_IMMEDIATE0 + 1U);
}

TEST(RowListData, WhatIsWrongIsNamed) {
  Bench bench(3);
  bench.samples = 2;
  bench.tokens = 8;
  VectorEngine vector(AcceleratorConfig{}, fast_kernels());
  RowListEngine engine(vector);
  Command command = unary(bench, DIXION_OPCODE_GELU);
  command.flags = DIXION_COMMAND_FLAG_ROW_LIST;
  const auto expect = [&](const std::vector<std::uint32_t>& words, std::uint64_t value, const char* expected) {
    command.operands[kRowListOperand] = bench.place_list({}, 16);
    EXPECT_TRUE(bench.memory.write(command.operands[kRowListOperand].address, words.data(), 4 * words.size()));
    ASSERT_FALSE(engine.check(command));
    for (const bool plans : {false, true}) {
      Result result;
      const CommandError error =
          plans ? engine.plan(command, bench.memory, result) : engine.execute(command, bench.memory, result);
      EXPECT_EQ(error.cause, DIXION_CAUSE_BAD_PARAMETER);
      EXPECT_EQ(error.field, DIXION_FIELD_OPERAND0 + 11U);
      EXPECT_EQ(error.value, value);
      EXPECT_EQ(error.expected, expected);
      EXPECT_TRUE(result.tensors.empty());
    }
  };
  expect({0, 17}, 17, "a capacity of at most 16, the room");
  expect({5, 4}, 5, "at most 4 rows, the capacity");
  expect({2, 16, 1, 0, 3, 16}, 16, "below 16, the rows of all samples; entry 1");
  expect({3, 16, 1, 0, 4, 6, 5}, 5, "rows in ascending order, above 6; entry 2");
  expect({2, 16, 1, 0, 4, 4}, 4, "each row once; entry 1");
}

TEST(RowListData, WhatIsNoListIsRefused) {
  Bench bench(3);
  VectorEngine vector(AcceleratorConfig{}, fast_kernels());
  RowListEngine engine(vector);
  Command command = bench.with_list(unary(bench, DIXION_OPCODE_GELU), {0});
  EXPECT_FALSE(engine.check(command));
  TensorView& list = command.operands[kRowListOperand];
  list.extent[0] = 4;
  EXPECT_EQ(engine.check(command).cause, DIXION_CAUSE_BAD_SHAPE);
  list.extent[0] = 5;
  list.format = DIXION_FORMAT_INT32;
  EXPECT_EQ(engine.check(command).cause, DIXION_CAUSE_BAD_FORMAT);
  list = bench.place_list({0}, 1);
  command.operands[0] = command.operands[1] = bench.in(k32, {5});
  EXPECT_EQ(engine.check(command).expected, "rank 2 to 4 with a row list");
}

}  // namespace
}  // namespace dixion::test::row_list
