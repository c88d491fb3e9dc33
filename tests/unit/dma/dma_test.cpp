// SPDX-License-Identifier: Apache-2.0
#include "models/dma/dma.h"

#include "models/dma/transfer_plan.h"
#include "tests/support/engine_bench.h"
#include "tests/support/refusals.h"

namespace dixion::test {
namespace {

using reference::Tensor;

CommandError execute(const Command& command, MemoryAccess& memory) {
  DmaEngine engine(AcceleratorConfig{});
  Result result;
  return engine.execute(command, memory, result);
}

TEST(Dma, CopiesBetweenAnyTwoLayouts) {
  over_seeds(40, [](EngineBench& bench) {
    DmaEngine engine(AcceleratorConfig{});
    std::vector<std::size_t> extents;
    for (int i = 0; i < 4; ++i) extents.push_back(static_cast<std::size_t>(bench.between(1, i == 3 ? 50 : 5)));
    const dixion_format formats[] = {DIXION_FORMAT_INT8, DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32};
    const dixion_format format = formats[bench.between(0, 3)];
    const Tensor values = bench.tensor(extents, bounds_of(format).low, bounds_of(format).high);
    const TensorView dst = bench.layout(values, 4, format);
    bench.run(engine, bench.command(DIXION_OPCODE_DMA_COPY, {bench.place(values, 4, format), dst}));
    EXPECT_EQ(bench.fetch(dst), values.values);
  });
}

TEST(Dma, CopiesBytesAsTheyAre) {
  EngineBench bench(1);
  DmaEngine engine(AcceleratorConfig{});
  const std::uint16_t lanes[2] = {0xabcd, 0x1234};  // not sign-extended: a copy does not look inside
  TensorView src = dense_view(DIXION_FORMAT_INT12, {2}, bench.memory.allocate(4));
  TensorView dst = dense_view(DIXION_FORMAT_INT12, {2}, bench.memory.allocate(4));
  ASSERT_TRUE(bench.memory.write(src.address, lanes, sizeof lanes));
  bench.run(engine, bench.command(DIXION_OPCODE_DMA_COPY, {src, dst}));
  std::uint16_t copied[2] = {};
  ASSERT_TRUE(bench.memory.read(dst.address, copied, sizeof copied));
  EXPECT_EQ(copied[0], lanes[0]);
  EXPECT_EQ(copied[1], lanes[1]);
}

TEST(Dma, CopiesWithinOneTensorReadBeforeTheyWrite) {
  EngineBench bench(1);
  DmaEngine engine(AcceleratorConfig{});
  const Tensor values = bench.tensor({64}, -128, 127);
  TensorView src = dense_view(DIXION_FORMAT_INT8, {64}, bench.memory.allocate(80));
  Result::Tensor fill{src, {}};
  for (const std::int32_t value : values.values) fill.bytes.push_back(static_cast<std::uint8_t>(value));
  ASSERT_TRUE(store(fill, bench.memory));
  TensorView dst = src;
  dst.address += 5;
  bench.run(engine, bench.command(DIXION_OPCODE_DMA_COPY, {src, dst}));
  EXPECT_EQ(bench.fetch(dst), values.values);
}

TEST(Dma, GathersRowsInTheOrderOfTheList) {
  over_seeds(20, [](EngineBench& bench) {
    DmaEngine engine(AcceleratorConfig{});
    const auto rows = static_cast<std::size_t>(bench.between(1, 9)),
               width = static_cast<std::size_t>(bench.between(1, 40));
    const auto count = static_cast<std::size_t>(bench.between(1, 15));
    const Tensor src = bench.tensor({rows, 2, width}, -32768, 32767);
    const Tensor list = bench.tensor({count}, 0, static_cast<std::int32_t>(rows) - 1);
    const TensorView dst = bench.layout(Tensor({count, 2, width}), 3, DIXION_FORMAT_INT16);
    bench.run(engine, bench.command(DIXION_OPCODE_DMA_GATHER, {bench.place(src, 3, DIXION_FORMAT_INT16),
                                                               bench.place(list, 1, DIXION_FORMAT_UINT32), dst}));
    const std::vector<std::int32_t> values = bench.fetch(dst);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto row = static_cast<std::size_t>(list.values[i / (2 * width)]);
      EXPECT_EQ(values[i], src.values[row * 2 * width + i % (2 * width)]);
    }
  });
}

TEST(Dma, AnIndexBehindTheLastRowIsBadData) {
  EngineBench bench(1);
  const Tensor src = bench.tensor({4, 8}, -9, 9);
  for (const std::int32_t index : {3, 4}) {
    const Command command =
        bench.command(DIXION_OPCODE_DMA_GATHER, {bench.place(src, 2, DIXION_FORMAT_INT8),
                                                 bench.place(Tensor({2}, {0, index}), 1, DIXION_FORMAT_UINT32),
                                                 dense_view(DIXION_FORMAT_INT8, {2, 8})});
    const CommandError error = execute(command, bench.memory);
    EXPECT_EQ(error.cause, index == 3 ? DIXION_CAUSE_NONE : DIXION_CAUSE_BAD_PARAMETER);
    if (index == 3) continue;
    EXPECT_EQ(error.field, 1u);
    EXPECT_EQ(error.value, 4u);
    EXPECT_EQ(error.expected, "below 4, the rows of src; entry 1");
  }
}

TEST(Dma, FillsEveryFormatWithItsLowBits) {
  EngineBench bench(1);
  DmaEngine engine(AcceleratorConfig{});
  const struct {
    dixion_format format;
    std::int32_t value;
  } cases[] = {{DIXION_FORMAT_INT8, 0x78},
               {DIXION_FORMAT_INT12, 0x678},
               {DIXION_FORMAT_INT16, 0x5678},
               {DIXION_FORMAT_INT32, 0x12345678}};
  for (const auto& one : cases) {
    const TensorView dst = bench.layout(Tensor({3, 5}), 2, one.format);
    bench.run(engine, bench.command(DIXION_OPCODE_DMA_FILL, {dst}, {0x12345678}));
    EXPECT_EQ(bench.fetch(dst), std::vector<std::int32_t>(15, one.value));
  }
}

TEST(Dma, FilledLanesOfInt12AreSignExtended) {
  EngineBench bench(1);
  DmaEngine engine(AcceleratorConfig{});
  const TensorView dst = dense_view(DIXION_FORMAT_INT12, {1}, bench.memory.allocate(2));
  bench.run(engine, bench.command(DIXION_OPCODE_DMA_FILL, {dst}, {0x800}));
  std::uint16_t lane = 0;
  ASSERT_TRUE(bench.memory.read(dst.address, &lane, sizeof lane));
  EXPECT_EQ(lane, 0xf800);
}

TEST(Dma, UnreadableOperandsAreBusErrors) {
  EngineBench bench(1);
  const TensorView good = dense_view(DIXION_FORMAT_INT8, {16}, bench.memory.allocate(16));
  const TensorView bad = dense_view(DIXION_FORMAT_INT8, {16}, bench.memory.end() - 15);
  const CommandError error = execute(bench.command(DIXION_OPCODE_DMA_COPY, {bad, good}), bench.memory);
  EXPECT_EQ(error.cause, DIXION_CAUSE_BUS_ERROR);
  EXPECT_EQ(error.field, 0u);
  EXPECT_EQ(error.value, bad.address);
}

void expect_check(const Command& command, dixion_cause cause, std::uint32_t field, std::uint64_t value) {
  const CommandError error = DmaEngine(AcceleratorConfig{}).check(command);
  EXPECT_EQ(error.cause, cause) << error.expected;
  EXPECT_EQ(error.field, field);
  EXPECT_EQ(error.value, value);
}

TEST(DmaCheck, RefusesWhatItCannotDo) {
  EngineBench bench(1);
  const TensorView src = dense_view(DIXION_FORMAT_INT16, {4, 8}), list = dense_view(DIXION_FORMAT_UINT32, {3});
  const TensorView rows = dense_view(DIXION_FORMAT_INT16, {3, 8});
  const auto copy = [&](const TensorView& from, const TensorView& to) {
    return bench.command(DIXION_OPCODE_DMA_COPY, {from, to});
  };
  const auto gather = [&](const TensorView& indices, const TensorView& to) {
    return bench.command(DIXION_OPCODE_DMA_GATHER, {src, indices, to});
  };
  expect_check(copy(src, src), DIXION_CAUSE_NONE, DIXION_FIELD_NONE, 0);
  expect_check(copy(dense_view(DIXION_FORMAT_BF16, {4}), dense_view(DIXION_FORMAT_BF16, {4})), DIXION_CAUSE_NONE,
               DIXION_FIELD_NONE, 0);
  TensorView packed = src;
  packed.format = DIXION_FORMAT_INT12_PACKED;
  expect_check(copy(packed, packed), DIXION_CAUSE_BAD_FORMAT, 0, DIXION_FORMAT_INT12_PACKED);
  expect_check(copy(src, dense_view(DIXION_FORMAT_INT12, {4, 8})), DIXION_CAUSE_BAD_FORMAT, 1, DIXION_FORMAT_INT12);
  expect_check(copy(src, dense_view(DIXION_FORMAT_INT16, {32})), DIXION_CAUSE_BAD_SHAPE, 1, 1);
  expect_check(copy(src, dense_view(DIXION_FORMAT_INT16, {4, 7})), DIXION_CAUSE_BAD_SHAPE, 1, 7);
  TensorView folded = src;
  folded.stride[0] = 0;
  expect_check(copy(src, folded), DIXION_CAUSE_BAD_DESCRIPTOR, 1, 0);
  expect_check(copy(folded, src), DIXION_CAUSE_NONE, DIXION_FIELD_NONE, 0);

  expect_check(gather(list, rows), DIXION_CAUSE_NONE, DIXION_FIELD_NONE, 0);
  expect_check(gather(dense_view(DIXION_FORMAT_INT32, {3}), rows), DIXION_CAUSE_BAD_FORMAT, 1, DIXION_FORMAT_INT32);
  expect_check(gather(dense_view(DIXION_FORMAT_UINT32, {3, 1}), rows), DIXION_CAUSE_BAD_SHAPE, 1, 2);
  expect_check(gather(list, src), DIXION_CAUSE_BAD_SHAPE, 2, 4);
  expect_check(gather(list, dense_view(DIXION_FORMAT_INT16, {3, 9})), DIXION_CAUSE_BAD_SHAPE, 2, 9);

  expect_check(bench.command(DIXION_OPCODE_DMA_FILL, {dense_view(DIXION_FORMAT_REQUANT, {4})}), DIXION_CAUSE_BAD_FORMAT,
               0, DIXION_FORMAT_REQUANT);
  expect_check(bench.command(DIXION_OPCODE_MATMUL, {}), DIXION_CAUSE_ILLEGAL_OPCODE, DIXION_FIELD_OPCODE,
               DIXION_OPCODE_MATMUL);
}

TEST(TransferPlan, RunsAreContiguousOnBothSides) {
  TensorView src = dense_view(DIXION_FORMAT_INT16, {6, 4, 8}), dst = src;
  EXPECT_EQ(plan_transfer(src, dst).runs, 1u);
  dst.stride[0] = 80;
  EXPECT_EQ(plan_transfer(src, dst).runs, 6u);
  EXPECT_EQ(plan_transfer(src, dst).run_bytes, 64u);
  src.stride = {96, 24, 2};
  EXPECT_EQ(plan_transfer(src, dst).runs, 24u);
  EXPECT_EQ(plan_transfer(src, dst).run_bytes, 16u);
}

TEST(DmaTiming, ARunTakesItsBeatsAndOneCycle) {
  const AcceleratorConfig config;  // 64 bytes per accel_cycle and channel
  EXPECT_EQ(transfer_cycles(config, {1, 256}, 1), 8u + 4 + 1);
  EXPECT_EQ(transfer_cycles(config, {1, 257}, 1), 8u + 5 + 1);
  EXPECT_EQ(transfer_cycles(config, {3, 1}, 1), 8u + 3 * 2);
}

TEST(DmaTiming, ChannelsShareWholeRuns) {
  const AcceleratorConfig config;
  EXPECT_EQ(transfer_cycles(config, {4, 256}, 2), 8u + 2 * 5);
  EXPECT_EQ(transfer_cycles(config, {5, 256}, 2), 8u + 3 * 5);
  EXPECT_EQ(transfer_cycles(config, {1, 256}, 2), 8u + 5);
}

TEST(DmaTiming, AGatherReadsTheRowsItTakes) {
  EngineBench bench(1);
  const DmaEngine engine(AcceleratorConfig{});
  const auto demand = [&](std::uint32_t rows, std::uint32_t taken) {
    return engine.demand(bench.command(DIXION_OPCODE_DMA_GATHER, {dense_view(DIXION_FORMAT_INT8, {rows, 64}),
                                                                  dense_view(DIXION_FORMAT_UINT32, {taken}),
                                                                  dense_view(DIXION_FORMAT_INT8, {taken, 64})}));
  };
  const Demand few = demand(100, 3);
  EXPECT_EQ(few.compute, 8u + 3 * 2);
  ASSERT_EQ(few.transfers.size(), 3u);
  EXPECT_EQ(few.transfers[0].view.payload_bytes(), 3u * 64);
  EXPECT_EQ(few.transfers[0].passes, 1u);
  const Demand many = demand(4, 9);
  EXPECT_EQ(many.transfers[0].view.payload_bytes(), 4u * 64);
  EXPECT_EQ(many.transfers[0].passes, 3u);
}

}  // namespace
}  // namespace dixion::test
