// SPDX-License-Identifier: Apache-2.0
#include "models/engines/vector/vector_timing.h"
#include "tests/support/refusals.h"
#include "tests/unit/engines/vector_bench.h"

namespace dixion::test {
namespace {

using reference::Requant;
using reference::Tensor;

void group_norm_equals_the_reference(EngineBench& bench) {
  VectorEngine engine = make_vector_engine();
  const auto extent = [&](int high) { return static_cast<std::size_t>(bench.between(1, high)); };
  const std::size_t batch = extent(3), positions = extent(12), groups = extent(8), channels = groups * extent(9);
  const std::int32_t range = bench.chance(20) ? kHigh : 5 << 16, modulation = bench.chance(20) ? kHigh : 2 << 16;
  const Tensor src = bench.tensor({batch, positions, channels}, -range, range);
  const bool per_sample = bench.chance(50), has_shift = bench.chance(80), has_scale = bench.chance(80);
  const std::size_t samples = per_sample ? batch : 1;
  const Tensor shifts = bench.tensor({samples, 1, channels}, -modulation, modulation);
  const Tensor scales = bench.tensor({samples, 1, channels}, -modulation, modulation);
  const Requant output{bench.chance(20) ? bench.between(-kHigh, kHigh) : bench.between(1 << 30, kHigh), 38};
  const auto epsilon = static_cast<std::uint32_t>(bench.chance(20) ? bench.between(1, kHigh) : 42950);

  const Tensor expected =
      group_norm(src, has_shift ? &shifts : nullptr, has_scale ? &scales : nullptr, output, epsilon, groups);
  const unsigned rank = batch == 1 && bench.chance(50) ? 2 : 3;
  const auto modulator = [&](const Tensor& values) {
    return bench.place(Tensor({samples, channels}, values.values), per_sample ? 2 : 1, DIXION_FORMAT_INT32);
  };
  const TensorView dst = bench.layout(expected, rank, DIXION_FORMAT_INT12);
  const Command command =
      bench.command(DIXION_OPCODE_GROUP_NORM,
                    {bench.place(src, rank, DIXION_FORMAT_INT32), has_shift ? modulator(shifts) : TensorView{},
                     has_scale ? modulator(scales) : TensorView{}, dst},
                    {static_cast<std::uint32_t>(output.multiplier), 38, epsilon, static_cast<std::uint32_t>(groups)});
  EXPECT_EQ(bench.run(engine, command), expected.saturated);
  EXPECT_EQ(bench.fetch(dst), expected.values);
}

TEST(GroupNorm, EqualsTheReference) { over_seeds(60, group_norm_equals_the_reference); }

TEST(GroupNorm, SumOfSquaresBeyond64BitsStaysExact) {
  EngineBench bench(1);
  VectorEngine engine = make_vector_engine();
  Tensor src({1, 256, 256});  // 2^16 elements of +-2^25: the squares sum to 2^66
  for (std::size_t i = 0; i < src.values.size(); ++i) src.values[i] = i % 2 == 0 ? -(1 << 25) : (1 << 25) - 1;
  const Tensor expected = group_norm(src, nullptr, nullptr, {1 << 30, 38}, 1, 1);
  const TensorView dst = bench.layout(expected, 3, DIXION_FORMAT_INT12);
  const Command command = bench.command(DIXION_OPCODE_GROUP_NORM,
                                        {bench.place(src, 3, DIXION_FORMAT_INT32), {}, {}, dst}, {1 << 30, 38, 1, 1});
  bench.run(engine, command);
  const auto values = bench.fetch(dst);
  EXPECT_EQ(values, expected.values);
  EXPECT_EQ(values[0], -256);  // -1 in Q16, times 2^-8
  EXPECT_EQ(values[1], 256);
}

class Refusals : public ::testing::Test {
 protected:
  void expect(dixion_cause cause, std::uint32_t field) {
    const CommandError error = make_vector_engine().check(command);
    EXPECT_EQ(error.cause, cause);
    EXPECT_EQ(error.field, field);
  }
  EngineBench bench{1};
  Command command =
      bench.command(DIXION_OPCODE_GROUP_NORM,
                    {test::dense_view(DIXION_FORMAT_INT32, {2, 5, 12}), test::dense_view(DIXION_FORMAT_INT32, {2, 12}),
                     test::dense_view(DIXION_FORMAT_INT32, {12}), test::dense_view(DIXION_FORMAT_INT12, {2, 5, 12})},
                    {1, 62, 1, 4});
};

TEST_F(Refusals, NoneForARightCommand) { EXPECT_FALSE(make_vector_engine().check(command)); }
TEST_F(Refusals, SourceFormat) {
  command.operands[0].format = DIXION_FORMAT_INT16;
  expect(DIXION_CAUSE_BAD_FORMAT, 0);
}
TEST_F(Refusals, ResultFormat) {
  command.operands[3].format = DIXION_FORMAT_INT16;
  expect(DIXION_CAUSE_BAD_FORMAT, 3);
}
TEST_F(Refusals, ChannelsOfShift) {
  command.operands[1].extent[1] = 11;
  expect(DIXION_CAUSE_BAD_SHAPE, 1);
}
TEST_F(Refusals, SamplesOfShift) {
  command.operands[1].extent[0] = 3;
  expect(DIXION_CAUSE_BAD_SHAPE, 1);
}
TEST_F(Refusals, ResultShape) {
  command.operands[3].extent[1] = 6;
  expect(DIXION_CAUSE_BAD_SHAPE, 3);
}
TEST_F(Refusals, OutputShift) {
  command.immediates[1] = 63;
  expect(DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + 1);
}
TEST_F(Refusals, EpsilonZero) {
  command.immediates[2] = 0;
  expect(DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + 2);
}
TEST_F(Refusals, NoGroups) {
  command.immediates[3] = 0;
  expect(DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + 3);
}
TEST_F(Refusals, GroupsThatDoNotDivideTheChannels) {
  command.immediates[3] = 5;
  expect(DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + 3);
}
TEST_F(Refusals, GroupsBeyondTheLimit) {
  const auto with_positions = [&](std::uint32_t positions) {
    command.operands[0] = test::dense_view(DIXION_FORMAT_INT32, {positions, 4});
    command.operands[1] = command.operands[2] = {};
    command.operands[3] = test::dense_view(DIXION_FORMAT_INT12, {positions, 4});
  };
  with_positions(1U << 24);
  EXPECT_FALSE(make_vector_engine().check(command));
  with_positions((1U << 24) + 1);
  expect(DIXION_CAUSE_BAD_SHAPE, 0);
}

TEST(GroupNorm, DemandSpreadsGroupsOverCores) {
  EngineBench bench(1);
  const Tensor src({2, 5, 39});
  Command command = bench.command(
      DIXION_OPCODE_GROUP_NORM,
      {bench.layout(src, 3, DIXION_FORMAT_INT32), {}, {}, bench.layout(src, 3, DIXION_FORMAT_INT12)}, {1, 0, 1, 3});
  command.cores = 0b1010;
  EXPECT_EQ(make_vector_engine().demand(command).compute,
            3 * 3 * ((65 + AcceleratorConfig{}.vector_lanes - 1) / AcceleratorConfig{}.vector_lanes) + kVectorPipeline);
}

}  // namespace
}  // namespace dixion::test
