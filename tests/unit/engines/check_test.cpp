// SPDX-License-Identifier: Apache-2.0
/// Every mistake an engine must refuse: from a command that is right, one thing is changed.
#include <functional>

#include "models/engines/matrix/matrix.h"
#include "models/engines/vector/vector.h"
#include "tests/support/engine_bench.h"
#include "tests/support/refusals.h"

namespace dixion::test {
namespace {

using Change = std::function<void(Command&)>;

struct Mistake {
  const char* what;
  Change change;
  dixion_cause cause;
  std::uint32_t field;
  std::uint64_t value;
};

void expect_refusals(const Engine& engine, const Command& right, const std::vector<Mistake>& mistakes) {
  EXPECT_FALSE(engine.check(right)) << engine.check(right).expected;
  for (const Mistake& mistake : mistakes) {
    SCOPED_TRACE(mistake.what);
    Command wrong = right;
    mistake.change(wrong);
    const CommandError error = engine.check(wrong);
    EXPECT_EQ(error.cause, mistake.cause);
    EXPECT_EQ(error.field, mistake.field);
    EXPECT_EQ(error.value, mistake.value);
    EXPECT_FALSE(error.expected.empty());
  }
}

Change format(unsigned operand, dixion_format value) {
  return [=](Command& c) { c.operands[operand].format = value; };
}
Change extent(unsigned operand, unsigned dimension, std::uint32_t value) {
  return [=](Command& c) { c.operands[operand].extent[dimension] = value; };
}
Change replace(unsigned operand, const TensorView& view) {
  return [=](Command& c) { c.operands[operand] = view; };
}
Change immediate(unsigned index, std::uint32_t value) {
  return [=](Command& c) { c.immediates[index] = value; };
}
Change no_stride(unsigned operand, unsigned dimension) {
  return [=](Command& c) { c.operands[operand].stride[dimension] = 0; };
}

constexpr auto kInt8 = DIXION_FORMAT_INT8;
constexpr auto kInt12 = DIXION_FORMAT_INT12;
constexpr auto kUint32 = DIXION_FORMAT_UINT32;
constexpr auto kInt32 = DIXION_FORMAT_INT32;
constexpr auto kBf16 = DIXION_FORMAT_BF16;
constexpr std::uint32_t kImmediate0 = DIXION_FIELD_IMMEDIATE0;

Command make(std::uint8_t code, std::initializer_list<TensorView> operands,
             std::initializer_list<std::uint32_t> immediates = {}) {
  return EngineBench(1).command(code, operands, immediates);
}

TEST(MatrixCheck, MatmulRefusesWhatItCannotDo) {
  const MatrixEngine engine(AcceleratorConfig{}, portable_kernels());
  const Command right =
      make(DIXION_OPCODE_MATMUL, {dense_view(kInt12, {2, 5, 8}), dense_view(kInt8, {7, 8}), dense_view(kInt32, {7}),
                                  dense_view(DIXION_FORMAT_REQUANT, {7}), dense_view(kInt12, {2, 5, 7})});
  Command batched = right;
  batched.operands[1] = dense_view(kInt8, {2, 7, 8});
  EXPECT_FALSE(engine.check(batched));
  expect_refusals(
      engine, right,
      {{"no weight", replace(1, {}), DIXION_CAUSE_MISSING_OPERAND, 1, 0},
       {"src in a floating-point format", format(0, kBf16), DIXION_CAUSE_BAD_FORMAT, 0, kBf16},
       {"packed src", format(0, DIXION_FORMAT_INT12_PACKED), DIXION_CAUSE_BAD_FORMAT, 0, DIXION_FORMAT_INT12_PACKED},
       {"weight in FP16", format(1, DIXION_FORMAT_FP16), DIXION_CAUSE_BAD_FORMAT, 1, DIXION_FORMAT_FP16},
       {"bias in INT12", format(2, kInt12), DIXION_CAUSE_BAD_FORMAT, 2, kInt12},
       {"table in INT32", format(3, kInt32), DIXION_CAUSE_BAD_FORMAT, 3, kInt32},
       {"dst in INT8", format(4, kInt8), DIXION_CAUSE_BAD_FORMAT, 4, kInt8},
       {"src of rank 4", replace(0, dense_view(kInt12, {1, 2, 5, 8})), DIXION_CAUSE_BAD_SHAPE, 0, 4},
       {"weight of rank 1", replace(1, dense_view(kInt8, {8})), DIXION_CAUSE_BAD_SHAPE, 1, 1},
       {"bias of rank 2", replace(2, dense_view(kInt32, {1, 7})), DIXION_CAUSE_BAD_SHAPE, 2, 2},
       {"dst of another rank", replace(4, dense_view(kInt12, {5, 7})), DIXION_CAUSE_BAD_SHAPE, 4, 2},
       {"K of weight", extent(1, 1, 9), DIXION_CAUSE_BAD_SHAPE, 1, 9},
       {"batch of weight", replace(1, dense_view(kInt8, {3, 7, 8})), DIXION_CAUSE_BAD_SHAPE, 1, 3},
       {"length of bias", extent(2, 0, 6), DIXION_CAUSE_BAD_SHAPE, 2, 6},
       {"length of the table", extent(3, 0, 1), DIXION_CAUSE_BAD_SHAPE, 3, 1},
       {"N of dst", extent(4, 2, 8), DIXION_CAUSE_BAD_SHAPE, 4, 8},
       {"M of dst", extent(4, 1, 4), DIXION_CAUSE_BAD_SHAPE, 4, 4},
       {"batch of dst", extent(4, 0, 1), DIXION_CAUSE_BAD_SHAPE, 4, 1},
       {"rows of dst on one place", no_stride(4, 1), DIXION_CAUSE_BAD_DESCRIPTOR, 4, 0},
       {"more than 2^30 elements", extent(0, 0, 1U << 30), DIXION_CAUSE_BAD_SHAPE, 0, 1U << 30}});
}

TEST(MatrixCheck, ShiftsEndAt62) {
  const MatrixEngine engine(AcceleratorConfig{}, portable_kernels());
  Command command =
      make(DIXION_OPCODE_MATMUL,
           {dense_view(kInt12, {5, 8}), dense_view(kInt8, {7, 8}), {}, {}, dense_view(kInt12, {5, 7})}, {1, 62});
  expect_refusals(engine, command, {{"shift", immediate(1, 63), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 1, 63}});
}

TEST(MatrixCheck, AStrideOfZeroIsHarmlessWhereTheExtentIsOne) {
  const MatrixEngine engine(AcceleratorConfig{}, portable_kernels());
  Command command =
      make(DIXION_OPCODE_MATMUL,
           {dense_view(kInt12, {1, 8}), dense_view(kInt8, {7, 8}), {}, {}, dense_view(kInt12, {1, 7})}, {1, 0});
  command.operands[4].stride[0] = 0;
  EXPECT_FALSE(engine.check(command));
}

TEST(MatrixCheck, AttentionRefusesWhatItCannotDo) {
  const MatrixEngine engine(AcceleratorConfig{}, portable_kernels());
  const TensorView q = dense_view(kInt12, {2, 3, 5, 8}), k = dense_view(kInt12, {2, 3, 6, 8});
  const Command right = make(DIXION_OPCODE_ATTENTION, {q, k, k, q}, {1, 62, 1, 62});
  Command by_heads = right;
  by_heads.split = DIXION_SPLIT_HEADS;
  EXPECT_FALSE(engine.check(by_heads));
  expect_refusals(
      engine, right,
      {{"q in INT16", format(0, DIXION_FORMAT_INT16), DIXION_CAUSE_BAD_FORMAT, 0, DIXION_FORMAT_INT16},
       {"v in BF16", format(2, kBf16), DIXION_CAUSE_BAD_FORMAT, 2, kBf16},
       {"k of rank 3", replace(1, dense_view(kInt12, {3, 6, 8})), DIXION_CAUSE_BAD_SHAPE, 1, 3},
       {"batch of k", extent(1, 0, 1), DIXION_CAUSE_BAD_SHAPE, 1, 1},
       {"heads of k", extent(1, 1, 4), DIXION_CAUSE_BAD_SHAPE, 1, 4},
       {"D of k", extent(1, 3, 7), DIXION_CAUSE_BAD_SHAPE, 1, 7},
       {"Tk of v", extent(2, 2, 5), DIXION_CAUSE_BAD_SHAPE, 2, 5},
       {"D of v", extent(2, 3, 9), DIXION_CAUSE_BAD_SHAPE, 2, 9},
       {"Tq of dst", extent(3, 2, 6), DIXION_CAUSE_BAD_SHAPE, 3, 6},
       {"score multiplier 0", immediate(0, 0), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0, 0},
       {"negative score multiplier", immediate(0, 0x80000000U), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0, 0x80000000U},
       {"score shift", immediate(1, 63), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 1, 63},
       {"output multiplier 0", immediate(2, 0), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 2, 0},
       {"output shift", immediate(3, 63), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 3, 63},
       {"split by columns", [](Command& c) { c.split = DIXION_SPLIT_COLUMNS; }, DIXION_CAUSE_BAD_PARAMETER,
        DIXION_FIELD_SPLIT, DIXION_SPLIT_COLUMNS}});
}

TEST(MatrixCheck, AttentionWithAMaskRefusesWhatItCannotDo) {
  const MatrixEngine engine(AcceleratorConfig{}, portable_kernels());
  const TensorView q = dense_view(kInt12, {2, 3, 5, 8}), k = dense_view(kInt12, {2, 3, 33, 8});
  const TensorView mask = dense_view(DIXION_FORMAT_UINT32, {2, 3, 5, 2});
  const std::uint32_t shifts = 62 | 62 << 8;
  const auto mistakes = [&](unsigned place, unsigned dst) -> std::vector<Mistake> {
    return {{"mask in INT32", format(place, kInt32), DIXION_CAUSE_BAD_FORMAT, place, kInt32},
            {"mask of rank 3", replace(place, dense_view(DIXION_FORMAT_UINT32, {3, 5, 2})), DIXION_CAUSE_BAD_SHAPE,
             place, 3},
            {"batch of mask", extent(place, 0, 1), DIXION_CAUSE_BAD_SHAPE, place, 1},
            {"heads of mask", extent(place, 1, 4), DIXION_CAUSE_BAD_SHAPE, place, 4},
            {"Tq of mask", extent(place, 2, 6), DIXION_CAUSE_BAD_SHAPE, place, 6},
            {"too few words", extent(place, 3, 1), DIXION_CAUSE_BAD_SHAPE, place, 1},
            {"too many words", extent(place, 3, 3), DIXION_CAUSE_BAD_SHAPE, place, 3},
            {"D of v", extent(2, 3, 9), DIXION_CAUSE_BAD_SHAPE, 2, 9},
            {"dst in INT16", format(dst, DIXION_FORMAT_INT16), DIXION_CAUSE_BAD_FORMAT, dst, DIXION_FORMAT_INT16},
            {"score multiplier 0", immediate(0, 0), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0, 0},
            {"output multiplier 0", immediate(1, 0), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 1, 0},
            {"score shift", immediate(2, 63), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 2, 63},
            {"output shift", immediate(2, 63 << 8), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 2, 63 << 8},
            {"a tile of 3 queries", immediate(2, 3 << 16), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 2, 3 << 16},
            {"split by columns", [](Command& c) { c.split = DIXION_SPLIT_COLUMNS; }, DIXION_CAUSE_BAD_PARAMETER,
             DIXION_FIELD_SPLIT, DIXION_SPLIT_COLUMNS}};
  };
  expect_refusals(engine, make(DIXION_OPCODE_ATTENTION_MARK, {q, k, k, q, mask}, {1, 1, shifts, 0xffffffffU}),
                  mistakes(4, 3));
  expect_refusals(engine, make(DIXION_OPCODE_ATTENTION_MASKED, {q, k, k, mask, q}, {1, 1, shifts}), mistakes(3, 4));
}

TEST(VectorCheck, NormRefusesWhatItCannotDo) {
  const VectorEngine engine(AcceleratorConfig{}, portable_kernels());
  const Command right = make(DIXION_OPCODE_NORM_MODULATE,
                             {dense_view(kInt32, {2, 5, 8192}), dense_view(kInt32, {2, 8192}),
                              dense_view(kInt32, {8192}), dense_view(kInt12, {2, 5, 8192})},
                             {1, 62, 1});
  const std::uint32_t deep = 8193;
  expect_refusals(engine, right,
                  {{"src in INT16", format(0, DIXION_FORMAT_INT16), DIXION_CAUSE_BAD_FORMAT, 0, DIXION_FORMAT_INT16},
                   {"dst in INT16", format(3, DIXION_FORMAT_INT16), DIXION_CAUSE_BAD_FORMAT, 3, DIXION_FORMAT_INT16},
                   {"src of rank 1", replace(0, dense_view(kInt32, {8192})), DIXION_CAUSE_BAD_SHAPE, 0, 1},
                   {"D of dst", extent(3, 2, 8), DIXION_CAUSE_BAD_SHAPE, 3, 8},
                   {"shift in INT12", format(1, kInt12), DIXION_CAUSE_BAD_FORMAT, 1, kInt12},
                   {"D of shift", extent(1, 1, 8), DIXION_CAUSE_BAD_SHAPE, 1, 8},
                   {"samples of shift", extent(1, 0, 3), DIXION_CAUSE_BAD_SHAPE, 1, 3},
                   {"scale of rank 3", replace(2, dense_view(kInt32, {1, 1, 8192})), DIXION_CAUSE_BAD_SHAPE, 2, 3},
                   {"D of scale", extent(2, 0, 8), DIXION_CAUSE_BAD_SHAPE, 2, 8},
                   {"D beyond 8192",
                    [=](Command& c) {
                      c.operands = {};
                      c.operands[0] = dense_view(kInt32, {5, deep});
                      c.operands[3] = dense_view(kInt12, {5, deep});
                    },
                    DIXION_CAUSE_BAD_SHAPE, 0, deep},
                   {"shift immediate", immediate(1, 63), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 1, 63},
                   {"epsilon 0", immediate(2, 0), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 2, 0}});
}

TEST(VectorCheck, ActivationsRefuseWhatTheyCannotDo) {
  const VectorEngine engine(AcceleratorConfig{}, portable_kernels());
  for (const std::uint8_t code : {DIXION_OPCODE_GELU, DIXION_OPCODE_GELU_TANH, DIXION_OPCODE_SILU}) {
    const Command right = make(code, {dense_view(kInt32, {5, 8}), dense_view(kInt12, {5, 8})}, {1, 62, 1, 62});
    expect_refusals(engine, right,
                    {{"src in INT8", format(0, kInt8), DIXION_CAUSE_BAD_FORMAT, 0, kInt8},
                     {"dst in BF16", format(1, kBf16), DIXION_CAUSE_BAD_FORMAT, 1, kBf16},
                     {"extent of dst", extent(1, 0, 4), DIXION_CAUSE_BAD_SHAPE, 1, 4},
                     {"input shift", immediate(1, 63), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 1, 63},
                     {"output shift", immediate(3, 63), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 3, 63}});
  }
}

TEST(VectorCheck, ActivationsByTilesColumnsRefuseWhatTheyCannotDo) {
  const VectorEngine engine(AcceleratorConfig{}, portable_kernels());
  for (const std::uint8_t code : {DIXION_OPCODE_GELU, DIXION_OPCODE_GELU_TANH, DIXION_OPCODE_GEGLU}) {
    const std::uint32_t width = code == DIXION_OPCODE_GEGLU ? 80 : 40;
    const Command right = make(
        code, {dense_view(kInt32, {2, 12, width}), dense_view(kInt12, {2, 12, 40}), dense_view(kUint32, {2, 12, 2})},
        {1, 62, 1, 62 | 4 << 16});
    const auto gap = [](unsigned operand, unsigned dimension) {
      return [=](Command& c) { c.operands[operand].stride[dimension] += 4; };
    };
    expect_refusals(engine, right,
                    {{"format of the mask", format(2, kInt32), DIXION_CAUSE_BAD_FORMAT, 2, kInt32},
                     {"words of the mask", extent(2, 2, 1), DIXION_CAUSE_BAD_SHAPE, 2, 1},
                     {"rows of the mask", extent(2, 1, 13), DIXION_CAUSE_BAD_SHAPE, 2, 13},
                     {"samples of the mask", extent(2, 0, 3), DIXION_CAUSE_BAD_SHAPE, 2, 3},
                     {"rows apart in src", gap(0, 1), DIXION_CAUSE_BAD_DESCRIPTOR, 0, width * 4 + 4},
                     {"elements apart in dst", gap(1, 2), DIXION_CAUSE_BAD_DESCRIPTOR, 1, 6},
                     {"output shift", immediate(3, 63), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 3, 63},
                     {"bits between", immediate(3, 1 << 8), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 3, 1 << 8},
                     {"width", immediate(3, 5 << 16), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 3, 5 << 16}});
    const Command flat =
        make(code, {dense_view(kInt32, {12, width}), dense_view(kInt12, {12, 40}), dense_view(kUint32, {1, 12, 2})},
             {1, 0, 1, 0});
    EXPECT_EQ(engine.check(flat).cause, DIXION_CAUSE_BAD_SHAPE);
    const Command large = make(code,
                               {dense_view(kInt32, {1 << 20, 1 << 8, 2 * width}),
                                dense_view(kInt12, {1 << 20, 1 << 8, 80}), dense_view(kUint32, {1 << 20, 1 << 8, 3})},
                               {1, 0, 1, 0});
    EXPECT_EQ(engine.check(large).cause, DIXION_CAUSE_BAD_SHAPE);
    EXPECT_EQ(engine.check(large).field, DIXION_FIELD_OPERAND0);
    const Command without = make(code, {right.operands[0], right.operands[1]}, {1, 62, 1, 62 | 4 << 16});
    EXPECT_EQ(engine.check(without).field, kImmediate0 + 3) << "a width says nothing without a mask";
  }
}

TEST(VectorCheck, ElementwiseOperatorsRefuseWhatTheyCannotDo) {
  const VectorEngine engine(AcceleratorConfig{}, portable_kernels());
  const TensorView full = dense_view(kInt32, {4, 5, 8}), narrow = dense_view(kInt12, {4, 5, 8});
  expect_refusals(engine, make(DIXION_OPCODE_ADD, {full, dense_view(kInt12, {1, 5, 8}), full}, {1, 62}),
                  {{"a in INT12", format(0, kInt12), DIXION_CAUSE_BAD_FORMAT, 0, kInt12},
                   {"b in INT8", format(1, kInt8), DIXION_CAUSE_BAD_FORMAT, 1, kInt8},
                   {"dst in INT12", format(2, kInt12), DIXION_CAUSE_BAD_FORMAT, 2, kInt12},
                   {"rank of b", replace(1, dense_view(kInt12, {5, 8})), DIXION_CAUSE_BAD_SHAPE, 1, 2},
                   {"extent of b", extent(1, 0, 2), DIXION_CAUSE_BAD_SHAPE, 1, 2},
                   {"dst like b", extent(2, 0, 1), DIXION_CAUSE_BAD_SHAPE, 2, 1},
                   {"shift", immediate(1, 63), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 1, 63}});
  expect_refusals(engine,
                  make(DIXION_OPCODE_GATED_RESIDUAL, {full, dense_view(kInt32, {4, 1, 8}), narrow, full}, {1, 62}),
                  {{"gate in INT12", format(1, kInt12), DIXION_CAUSE_BAD_FORMAT, 1, kInt12},
                   {"extent of gate", extent(1, 0, 3), DIXION_CAUSE_BAD_SHAPE, 1, 3},
                   {"h is not broadcast", extent(2, 1, 1), DIXION_CAUSE_BAD_SHAPE, 2, 1},
                   {"h in INT8", format(2, kInt8), DIXION_CAUSE_BAD_FORMAT, 2, kInt8},
                   {"extent of dst", extent(3, 2, 9), DIXION_CAUSE_BAD_SHAPE, 3, 9},
                   {"shift", immediate(1, 63), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 1, 63}});
  expect_refusals(engine, make(DIXION_OPCODE_CONVERT, {full, dense_view(kInt8, {4, 5, 8})}, {1, 62}),
                  {{"indices", format(0, DIXION_FORMAT_UINT32), DIXION_CAUSE_BAD_FORMAT, 0, DIXION_FORMAT_UINT32},
                   {"FP16", format(1, DIXION_FORMAT_FP16), DIXION_CAUSE_BAD_FORMAT, 1, DIXION_FORMAT_FP16},
                   {"extent of dst", extent(1, 2, 1), DIXION_CAUSE_BAD_SHAPE, 1, 1},
                   {"shift", immediate(1, 63), DIXION_CAUSE_BAD_IMMEDIATE, kImmediate0 + 1, 63}});
}

TEST(VectorCheck, SamplerAndNoiseRefuseWhatTheyCannotDo) {
  const VectorEngine engine(AcceleratorConfig{}, portable_kernels());
  const TensorView latent = dense_view(kInt32, {4, 8});
  expect_refusals(engine, make(DIXION_OPCODE_SAMPLER_UPDATE, {latent, latent, latent, dense_view(kInt32, {6}), latent}),
                  {{"cond in INT12", format(1, kInt12), DIXION_CAUSE_BAD_FORMAT, 1, kInt12},
                   {"extent of cond", extent(1, 0, 3), DIXION_CAUSE_BAD_SHAPE, 1, 3},
                   {"extent of uncond", extent(2, 1, 3), DIXION_CAUSE_BAD_SHAPE, 2, 3},
                   {"five constants", extent(3, 0, 5), DIXION_CAUSE_BAD_SHAPE, 3, 5},
                   {"no constants", replace(3, {}), DIXION_CAUSE_MISSING_OPERAND, 3, 0},
                   {"extent of dst", extent(4, 0, 3), DIXION_CAUSE_BAD_SHAPE, 4, 3}});
  expect_refusals(engine, make(DIXION_OPCODE_NOISE, {latent}),
                  {{"dst in INT16", format(0, DIXION_FORMAT_INT16), DIXION_CAUSE_BAD_FORMAT, 0, DIXION_FORMAT_INT16},
                   {"dst of rank 3", replace(0, dense_view(kInt32, {2, 4, 8})), DIXION_CAUSE_BAD_SHAPE, 0, 3}});
}

TEST(EngineCheck, EveryEngineRefusesOpcodesOfOthers) {
  const MatrixEngine matrix(AcceleratorConfig{}, portable_kernels());
  const VectorEngine vector(AcceleratorConfig{}, portable_kernels());
  EXPECT_EQ(matrix.check(make(DIXION_OPCODE_ADD, {})).cause, DIXION_CAUSE_ILLEGAL_OPCODE);
  EXPECT_EQ(vector.check(make(DIXION_OPCODE_MATMUL, {})).cause, DIXION_CAUSE_ILLEGAL_OPCODE);
}

TEST(EngineExecute, UnreadableOperandsAreBusErrors) {
  EngineBench bench(1);
  MatrixEngine engine(AcceleratorConfig{}, portable_kernels());
  TensorView src = dense_view(kInt12, {5, 8}), weight = dense_view(kInt8, {7, 8}), dst = dense_view(kInt12, {5, 7});
  src.address = bench.memory.allocate(80);
  weight.address = bench.memory.end() - 55;
  Result result;
  const CommandError error =
      engine.execute(make(DIXION_OPCODE_MATMUL, {src, weight, {}, {}, dst}, {1, 0}), bench.memory, result);
  EXPECT_EQ(error.cause, DIXION_CAUSE_BUS_ERROR);
  EXPECT_EQ(error.field, 1u);
  EXPECT_EQ(error.value, weight.address);
}

TEST(EngineExecute, AShiftOf63InATableIsBadData) {
  EngineBench bench(1);
  MatrixEngine engine(AcceleratorConfig{}, portable_kernels());
  const reference::Tensor src = bench.tensor({2, 8}, -9, 9), weight = bench.tensor({3, 8}, -9, 9);
  for (const std::int32_t shift : {62, 63, -1}) {
    const Command command = make(DIXION_OPCODE_MATMUL, {bench.place(src, 2, kInt12),
                                                        bench.place(weight, 2, kInt8),
                                                        {},
                                                        bench.place({{1, 0}, {1, shift}, {1, 0}}),
                                                        dense_view(kInt12, {2, 3})});
    Result result;
    const CommandError error = engine.execute(command, bench.memory, result);
    EXPECT_EQ(error.cause, shift == 62 ? DIXION_CAUSE_NONE : DIXION_CAUSE_BAD_PARAMETER);
    if (shift == 62) continue;
    EXPECT_EQ(error.field, 3u);
    EXPECT_EQ(error.value, static_cast<std::uint32_t>(shift));
  }
}

TEST(EngineExecute, ANegativeLimitOfTheSamplerIsBadData) {
  EngineBench bench(1);
  VectorEngine engine(AcceleratorConfig{}, portable_kernels());
  const TensorView latent = bench.place(bench.tensor({4}, -9, 9), 1, kInt32);
  const TensorView constants = bench.place(reference::Tensor({6}, {0, 0, 0, 0, 0, -1}), 1, kInt32);
  Result result;
  const CommandError error =
      engine.execute(make(DIXION_OPCODE_SAMPLER_UPDATE, {latent, latent, {}, constants, latent}), bench.memory, result);
  EXPECT_EQ(error.cause, DIXION_CAUSE_BAD_PARAMETER);
  EXPECT_EQ(error.field, 3u);
  EXPECT_EQ(error.value, 0xffffffffu);
}

}  // namespace
}  // namespace dixion::test
