// SPDX-License-Identifier: Apache-2.0
#include "models/engines/vector/vector_timing.h"
#include "tests/support/refusals.h"
#include "tests/unit/engines/vector_bench.h"

namespace dixion::test {
namespace {

using reference::Requant;
using reference::Tensor;

void geglu_equals_the_reference(EngineBench& bench) {
  VectorEngine engine = make_vector_engine();
  const dixion_format from = kFormats[bench.between(0, 2)], to = kFormats[bench.between(0, 2)];
  const auto extent = [&](int high) { return static_cast<std::size_t>(bench.between(1, high)); };
  const std::size_t outer = extent(3), batch = extent(3), rows = extent(9), width = extent(70);
  const Tensor src = bench.tensor({outer, batch, rows, 2 * width}, bounds_of(from).low, bounds_of(from).high);
  // Gates mostly inside the table's -8 to 8, results mostly inside the format; sometimes anything.
  const int spread = 20 - static_cast<int>(bits_of(from));
  const Requant input = bench.chance(15) ? Requant{bench.between(kLow, kHigh), bench.between(0, 62)}
                        : spread >= 0    ? Requant{bench.between(1, 2) << spread, 0}
                                         : Requant{bench.between(1, 3), -spread};
  const Requant output = bench.chance(15) ? Requant{bench.between(kLow, kHigh), bench.between(0, 62)}
                                          : Requant{bench.between(1 << 28, kHigh), 52 - static_cast<int>(bits_of(to))};

  const Tensor expected = geglu(src, input, output, bits_of(to));
  const TensorView dst = bench.layout(expected, 4, to);
  const Command command =
      bench.command(DIXION_OPCODE_GEGLU, {bench.place(src, 4, from), dst},
                    {word(input.multiplier), word(input.shift), word(output.multiplier), word(output.shift)});
  EXPECT_EQ(bench.run(engine, command), expected.saturated);
  EXPECT_EQ(bench.fetch(dst), expected.values);
}

TEST(Geglu, EqualsTheReference) { over_seeds(80, geglu_equals_the_reference); }

TEST(Geglu, TheFirstHalfIsGatedByTheSecond) {
  EngineBench bench(1);
  VectorEngine engine = make_vector_engine();
  // Q16: gates 20, -20, 0 are outside or at the middle of the table: 20, 0, 0.
  const Tensor src({1, 6}, {3 << 16, 5 << 16, 7 << 16, 20 << 16, -(20 << 16), 0});
  const TensorView dst = bench.layout(Tensor({1, 3}), 2, DIXION_FORMAT_INT32);
  const Command command =
      bench.command(DIXION_OPCODE_GEGLU, {bench.place(src, 2, DIXION_FORMAT_INT32), dst}, {1, 0, 1, 0});
  EXPECT_EQ(bench.run(engine, command), 0U);
  EXPECT_EQ(bench.fetch(dst), (std::vector<std::int32_t>{60 << 16, 0, 0}));
}

TEST(Geglu, AProductBeyond32BitsSaturatesOnlyInTheResult) {
  EngineBench bench(1);
  VectorEngine engine = make_vector_engine();
  const Tensor src({1, 2}, {kHigh, kHigh});  // the product in Q16 is 2^46 - 2^16
  const auto run = [&](std::uint32_t shift) {
    const TensorView dst = bench.layout(Tensor({1, 1}), 2, DIXION_FORMAT_INT32);
    const std::uint64_t saturated = bench.run(
        engine, bench.command(DIXION_OPCODE_GEGLU, {bench.place(src, 2, DIXION_FORMAT_INT32), dst}, {1, 0, 1, shift}));
    return std::pair(bench.fetch(dst)[0], saturated);
  };
  EXPECT_EQ(run(14), std::pair(kHigh, std::uint64_t{1}));
  EXPECT_EQ(run(16), std::pair((1 << 30) - 1, std::uint64_t{0}));
}

TEST(Geglu, RefusesWhatItCannotDo) {
  EngineBench bench(1);
  const VectorEngine engine = make_vector_engine();
  const Command right = bench.command(
      DIXION_OPCODE_GEGLU, {dense_view(DIXION_FORMAT_INT16, {2, 5, 12}), dense_view(DIXION_FORMAT_INT12, {2, 5, 6})},
      {1, 62, 1, 62});
  const auto refused = [&](dixion_cause cause, std::uint32_t field, std::uint64_t value, auto spoil) {
    expect_refusal(engine, right, cause, field, value, spoil);
  };
  refused(DIXION_CAUSE_BAD_FORMAT, 0, DIXION_FORMAT_INT8,
          [](Command& c) { c.operands[0].format = DIXION_FORMAT_INT8; });
  refused(DIXION_CAUSE_BAD_FORMAT, 1, DIXION_FORMAT_UINT32,
          [](Command& c) { c.operands[1].format = DIXION_FORMAT_UINT32; });
  refused(DIXION_CAUSE_BAD_SHAPE, 0, 13, [](Command& c) { c.operands[0].extent[2] = 13; });
  refused(DIXION_CAUSE_BAD_SHAPE, 0, 11, [](Command& c) { c.operands[0].extent[2] = 11; });
  refused(DIXION_CAUSE_BAD_SHAPE, 1, 4, [](Command& c) { c.operands[1].extent[1] = 4; });
  refused(DIXION_CAUSE_BAD_SHAPE, 1, 3, [](Command& c) { c.operands[1].extent[0] = 3; });
  refused(DIXION_CAUSE_BAD_SHAPE, 1, 2, [](Command& c) { c.operands[1] = dense_view(DIXION_FORMAT_INT12, {10, 6}); });
  refused(DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + 1, 63, [](Command& c) { c.immediates[1] = 63; });
  refused(DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + 3, 63, [](Command& c) { c.immediates[3] = 63; });
}

TEST(Geglu, DemandIsOnePassOverItsSource) {
  EngineBench bench(1);
  const std::uint32_t lanes = AcceleratorConfig{}.vector_lanes;
  const auto cycles = [&](std::uint32_t width) {
    return make_vector_engine()
        .demand(bench.command(DIXION_OPCODE_GEGLU, {dense_view(DIXION_FORMAT_INT16, {1, 2 * width}),
                                                    dense_view(DIXION_FORMAT_INT16, {1, width})}))
        .compute;
  };
  EXPECT_EQ(cycles(lanes), 2 + kVectorPipeline);
  EXPECT_EQ(cycles(lanes + 1), 3 + kVectorPipeline);
}

}  // namespace
}  // namespace dixion::test
