// SPDX-License-Identifier: Apache-2.0
#include "models/engines/vector/vector_timing.h"
#include "tests/support/refusals.h"
#include "tests/unit/engines/vector_bench.h"

namespace dixion::test {
namespace {

using reference::Requant;
using reference::Tensor;

void rotary_equals_the_reference(EngineBench& bench) {
  VectorEngine engine = make_vector_engine();
  const auto extent = [&](int high) { return static_cast<std::size_t>(bench.between(1, high)); };
  const std::size_t positions = extent(9), channels = 2 * extent(40);
  const unsigned rank = static_cast<unsigned>(bench.between(2, 4));
  const std::size_t batch = rank < 4 ? 1 : extent(3), heads = rank < 3 ? 1 : extent(3);
  const Tensor src = bench.tensor({batch, heads, positions, channels}, -2048, 2047);
  const Tensor table = bench.tensor({positions, channels}, -32768, 32767);
  const Requant output = bench.chance(20) ? Requant{bench.between(kLow, kHigh), bench.between(0, 62)}
                                          : Requant{bench.between(1 << 29, kHigh), 45};
  const Tensor expected = rotary(src, table, output);
  const TensorView dst = bench.layout(expected, rank, DIXION_FORMAT_INT12);
  const Command command =
      bench.command(DIXION_OPCODE_ROTARY,
                    {bench.place(src, rank, DIXION_FORMAT_INT12), bench.place(table, 2, DIXION_FORMAT_INT16), dst},
                    {static_cast<std::uint32_t>(output.multiplier), static_cast<std::uint32_t>(output.shift)});
  EXPECT_EQ(bench.run(engine, command), expected.saturated);
  EXPECT_EQ(bench.fetch(dst), expected.values);
}

TEST(Rotary, EqualsTheReference) { over_seeds(60, rotary_equals_the_reference); }

TEST(Rotary, QuarterAndHalfTurnsOfNeighbouringChannels) {
  EngineBench bench(1);
  VectorEngine engine = make_vector_engine();
  constexpr std::int32_t kOne = 1 << 14;
  const Tensor src({1, 6}, {10, 20, 30, 40, 50, 60});
  const Tensor table({1, 6}, {kOne, 0, 0, kOne, -kOne, 0});  // by 0, 90, 180 degrees
  const TensorView dst = bench.layout(src, 2, DIXION_FORMAT_INT12);
  const Command command = bench.command(
      DIXION_OPCODE_ROTARY, {bench.place(src, 2, DIXION_FORMAT_INT12), bench.place(table, 2, DIXION_FORMAT_INT16), dst},
      {1, 14});
  EXPECT_EQ(bench.run(engine, command), 0U);
  EXPECT_EQ(bench.fetch(dst), (std::vector<std::int32_t>{10, 20, -40, 30, -50, -60}));
}

TEST(Rotary, RefusesWhatItCannotDo) {
  EngineBench bench(1);
  const VectorEngine engine = make_vector_engine();
  const Command right =
      bench.command(DIXION_OPCODE_ROTARY,
                    {dense_view(DIXION_FORMAT_INT12, {2, 3, 5, 12}), dense_view(DIXION_FORMAT_INT16, {5, 12}),
                     dense_view(DIXION_FORMAT_INT12, {2, 3, 5, 12})},
                    {1, 62});
  const auto refused = [&](dixion_cause cause, std::uint32_t field, std::uint64_t value, auto spoil) {
    expect_refusal(engine, right, cause, field, value, spoil);
  };
  for (const unsigned operand : {0U, 2U}) {
    refused(DIXION_CAUSE_BAD_FORMAT, operand, DIXION_FORMAT_INT16,
            [&](Command& c) { c.operands[operand].format = DIXION_FORMAT_INT16; });
  }
  refused(DIXION_CAUSE_BAD_FORMAT, 1, DIXION_FORMAT_INT12,
          [](Command& c) { c.operands[1].format = DIXION_FORMAT_INT12; });
  refused(DIXION_CAUSE_BAD_SHAPE, 0, 11, [](Command& c) { c.operands[0].extent[3] = 11; });
  refused(DIXION_CAUSE_BAD_SHAPE, 0, 1, [](Command& c) { c.operands[0] = dense_view(DIXION_FORMAT_INT12, {12}); });
  refused(DIXION_CAUSE_BAD_SHAPE, 1, 4, [](Command& c) { c.operands[1].extent[0] = 4; });
  refused(DIXION_CAUSE_BAD_SHAPE, 1, 10, [](Command& c) { c.operands[1].extent[1] = 10; });
  refused(DIXION_CAUSE_BAD_SHAPE, 1, 3, [](Command& c) {
    c.operands[1] = dense_view(DIXION_FORMAT_INT16, {1, 5, 12});
  });
  refused(DIXION_CAUSE_BAD_SHAPE, 2, 4, [](Command& c) { c.operands[2].extent[1] = 4; });
  refused(DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + 1, 63, [](Command& c) { c.immediates[1] = 63; });
}

TEST(Rotary, DemandIsOnePass) {
  EngineBench bench(1);
  const std::uint32_t lanes = AcceleratorConfig{}.vector_lanes;
  const TensorView tensor = dense_view(DIXION_FORMAT_INT12, {3, 2, lanes});
  const Command command =
      bench.command(DIXION_OPCODE_ROTARY, {tensor, dense_view(DIXION_FORMAT_INT16, {2, lanes}), tensor});
  EXPECT_EQ(make_vector_engine().demand(command).compute, 6 + kVectorPipeline);
}

}  // namespace
}  // namespace dixion::test
