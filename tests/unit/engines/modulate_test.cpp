// SPDX-License-Identifier: Apache-2.0
#include "models/engines/vector/vector_timing.h"
#include "tests/support/refusals.h"
#include "tests/unit/engines/vector_bench.h"

namespace dixion::test {
namespace {

using reference::Requant;
using reference::Tensor;

void modulate_equals_the_reference(EngineBench& bench) {
  VectorEngine engine = make_vector_engine();
  const dixion_format from = kFormats[bench.between(0, 2)], to = kFormats[bench.between(0, 2)];
  const auto extent = [&](int high) { return static_cast<std::size_t>(bench.between(1, high)); };
  const std::size_t batch = extent(3), positions = extent(9), channels = extent(70);
  const Tensor src = bench.tensor({batch, positions, channels}, bounds_of(from).low, bounds_of(from).high);
  const std::int32_t modulation = bench.chance(20) ? kHigh : 2 << 16;
  const bool per_sample = bench.chance(50), has_shift = bench.chance(80), has_scale = bench.chance(80);
  const std::size_t samples = per_sample ? batch : 1;
  const Tensor shifts = bench.tensor({samples, 1, channels}, -modulation, modulation);
  const Tensor scales = bench.tensor({samples, 1, channels}, -modulation, modulation);
  const int spread = 20 - static_cast<int>(bits_of(from));
  const Requant input = bench.chance(15) ? Requant{bench.between(kLow, kHigh), bench.between(0, 62)}
                        : spread >= 0    ? Requant{bench.between(1, 2) << spread, 0}
                                         : Requant{bench.between(1, 3), -spread};
  const Requant output = bench.chance(15) ? Requant{bench.between(kLow, kHigh), bench.between(0, 62)}
                                          : Requant{bench.between(1 << 28, kHigh), 52 - static_cast<int>(bits_of(to))};

  const Tensor expected =
      modulate(src, has_shift ? &shifts : nullptr, has_scale ? &scales : nullptr, input, output, bits_of(to));
  const unsigned rank = batch == 1 && bench.chance(50) ? 2 : 3;
  const auto modulator = [&](const Tensor& values) {
    return bench.place(Tensor({samples, channels}, values.values), per_sample ? 2 : 1, DIXION_FORMAT_INT32);
  };
  const TensorView dst = bench.layout(expected, rank, to);
  const Command command =
      bench.command(DIXION_OPCODE_MODULATE,
                    {bench.place(src, rank, from), has_shift ? modulator(shifts) : TensorView{},
                     has_scale ? modulator(scales) : TensorView{}, dst},
                    {word(input.multiplier), word(input.shift), word(output.multiplier), word(output.shift)});
  EXPECT_EQ(bench.run(engine, command), expected.saturated);
  EXPECT_EQ(bench.fetch(dst), expected.values);
}

TEST(Modulate, EqualsTheReference) { over_seeds(80, modulate_equals_the_reference); }

TEST(Modulate, ScaleIsAddedToOneAndShiftFollows) {
  EngineBench bench(1);
  VectorEngine engine = make_vector_engine();
  const Tensor src({2, 3}, {4, 4, 4, -6, -6, -6});
  const Tensor scales({3}, {0, 1 << 15, -(1 << 16)}), shifts({3}, {0, 65536, 3 * 65536});
  const TensorView dst = bench.layout(src, 2, DIXION_FORMAT_INT16);
  const Command command =
      bench.command(DIXION_OPCODE_MODULATE,
                    {bench.place(src, 2, DIXION_FORMAT_INT12), bench.place(shifts, 1, DIXION_FORMAT_INT32),
                     bench.place(scales, 1, DIXION_FORMAT_INT32), dst},
                    {65536, 0, 1, 16});
  EXPECT_EQ(bench.run(engine, command), 0U);
  EXPECT_EQ(bench.fetch(dst), (std::vector<std::int32_t>{4, 7, 3, -6, -8, 3}));
}

TEST(Modulate, RefusesWhatItCannotDo) {
  EngineBench bench(1);
  const VectorEngine engine = make_vector_engine();
  const Command right =
      bench.command(DIXION_OPCODE_MODULATE,
                    {dense_view(DIXION_FORMAT_INT16, {2, 5, 12}), dense_view(DIXION_FORMAT_INT32, {2, 12}),
                     dense_view(DIXION_FORMAT_INT32, {12}), dense_view(DIXION_FORMAT_INT12, {2, 5, 12})},
                    {1, 62, 1, 62});
  const auto refused = [&](dixion_cause cause, std::uint32_t field, std::uint64_t value, auto spoil) {
    expect_refusal(engine, right, cause, field, value, spoil);
  };
  refused(DIXION_CAUSE_BAD_FORMAT, 0, DIXION_FORMAT_INT8,
          [](Command& c) { c.operands[0].format = DIXION_FORMAT_INT8; });
  refused(DIXION_CAUSE_BAD_FORMAT, 1, DIXION_FORMAT_INT16,
          [](Command& c) { c.operands[1].format = DIXION_FORMAT_INT16; });
  refused(DIXION_CAUSE_BAD_FORMAT, 2, DIXION_FORMAT_INT12,
          [](Command& c) { c.operands[2].format = DIXION_FORMAT_INT12; });
  refused(DIXION_CAUSE_BAD_FORMAT, 3, DIXION_FORMAT_INT8,
          [](Command& c) { c.operands[3].format = DIXION_FORMAT_INT8; });
  refused(DIXION_CAUSE_BAD_SHAPE, 0, 1, [](Command& c) { c.operands[0] = dense_view(DIXION_FORMAT_INT16, {12}); });
  refused(DIXION_CAUSE_BAD_SHAPE, 1, 11, [](Command& c) { c.operands[1].extent[1] = 11; });
  refused(DIXION_CAUSE_BAD_SHAPE, 1, 3, [](Command& c) { c.operands[1].extent[0] = 3; });
  refused(DIXION_CAUSE_BAD_SHAPE, 2, 13, [](Command& c) { c.operands[2].extent[0] = 13; });
  refused(DIXION_CAUSE_BAD_SHAPE, 3, 6, [](Command& c) { c.operands[3].extent[1] = 6; });
  refused(DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + 1, 63, [](Command& c) { c.immediates[1] = 63; });
  refused(DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + 3, 63, [](Command& c) { c.immediates[3] = 63; });
}

TEST(Modulate, DemandIsOnePass) {
  EngineBench bench(1);
  const TensorView tensor = dense_view(DIXION_FORMAT_INT32, {3, AcceleratorConfig{}.vector_lanes});
  EXPECT_EQ(make_vector_engine().demand(bench.command(DIXION_OPCODE_MODULATE, {tensor, {}, {}, tensor})).compute,
            3 + kVectorPipeline);
}

}  // namespace
}  // namespace dixion::test
