// SPDX-License-Identifier: Apache-2.0
#include "models/dma/dma.h"
#include "models/dma/transfer_plan.h"
#include "models/dma/window.h"
#include "tests/support/engine_bench.h"
#include "tests/support/refusals.h"

namespace dixion::test {
namespace {

using reference::Tensor;

constexpr dixion_format kFormats[] = {DIXION_FORMAT_INT8, DIXION_FORMAT_INT12, DIXION_FORMAT_INT16,
                                      DIXION_FORMAT_INT32};

std::uint32_t halves(std::size_t low, std::size_t high) { return static_cast<std::uint32_t>(low | high << 16); }

/// A padding narrower than the kernel, if it must be so wide that the window fits into `size` pixels.
std::size_t padding(EngineBench& bench, std::size_t kernel, std::size_t size) {
  const std::size_t least = kernel > size ? (kernel - size + 1) / 2 : 0;
  return static_cast<std::size_t>(bench.between(static_cast<int>(least), static_cast<int>(kernel) - 1));
}

void windows_equal_the_reference(EngineBench& bench) {
  DmaEngine engine(AcceleratorConfig{});
  const auto extent = [&](int high) { return static_cast<std::size_t>(bench.between(1, high)); };
  const std::size_t height = extent(9), width = extent(9), channels = extent(12);
  const dixion_format format = kFormats[bench.between(0, 3)];
  const Tensor src = bench.tensor({extent(3), height, width, channels}, bounds_of(format).low, bounds_of(format).high);
  reference::Window window;
  window.extent = {extent(static_cast<int>(height) + 2), extent(static_cast<int>(width) + 2)};
  window.stride = {extent(4), extent(4)};
  window.padding = {padding(bench, window.extent[0], height), padding(bench, window.extent[1], width)};

  const Tensor expected = im2col(src, window);
  const TensorView dst = bench.layout(expected, 4, format);
  bench.run(engine,
            bench.command(DIXION_OPCODE_DMA_IM2COL, {bench.place(src, 4, format), dst},
                          {halves(window.extent[0], window.extent[1]), halves(window.stride[0], window.stride[1]),
                           halves(window.padding[0], window.padding[1])}));
  EXPECT_EQ(bench.fetch(dst), expected.values);
}

void sizes_equal_the_reference(EngineBench& bench) {
  DmaEngine engine(AcceleratorConfig{});
  const auto extent = [&](int high) { return static_cast<std::size_t>(bench.between(1, high)); };
  const std::size_t height = extent(7), width = extent(7);
  const dixion_format format = kFormats[bench.between(0, 3)];
  const Tensor src =
      bench.tensor({extent(3), height, width, extent(12)}, bounds_of(format).low, bounds_of(format).high);
  const Tensor expected = resize(src, height * extent(3), width * extent(3));
  const TensorView dst = bench.layout(expected, 4, format);
  bench.run(engine, bench.command(DIXION_OPCODE_DMA_RESIZE, {bench.place(src, 4, format), dst}));
  EXPECT_EQ(bench.fetch(dst), expected.values);
}

TEST(Im2col, EqualsTheReference) { over_seeds(80, windows_equal_the_reference); }
TEST(Resize, EqualsTheReference) { over_seeds(40, sizes_equal_the_reference); }

TEST(Im2col, ThreeByThreeWithAHaloByHand) {
  EngineBench bench(1);
  DmaEngine engine(AcceleratorConfig{});
  const Tensor src({1, 2, 3, 1}, {1, 2, 3, 4, 5, 6});
  const TensorView dst = bench.layout(Tensor({1, 2, 3, 9}), 4, DIXION_FORMAT_INT16);
  bench.run(engine, bench.command(DIXION_OPCODE_DMA_IM2COL, {bench.place(src, 4, DIXION_FORMAT_INT16), dst},
                                  {halves(3, 3), halves(1, 1), halves(1, 1)}));
  EXPECT_EQ(bench.fetch(dst), (std::vector<std::int32_t>{0, 0, 0, 0, 1, 2, 0, 4, 5,  //
                                                         0, 0, 0, 1, 2, 3, 4, 5, 6,  //
                                                         0, 0, 0, 2, 3, 0, 5, 6, 0,  //
                                                         0, 1, 2, 0, 4, 5, 0, 0, 0,  //
                                                         1, 2, 3, 4, 5, 6, 0, 0, 0,  //
                                                         2, 3, 0, 5, 6, 0, 0, 0, 0}));
}

TEST(Im2col, AConvolutionIsThisAndAMatrixProduct) {
  EngineBench bench(3);
  const Tensor src = bench.tensor({1, 5, 6, 3}, -2048, 2047), weight = bench.tensor({4, 2 * 3 * 3}, -128, 127);
  DmaEngine engine(AcceleratorConfig{});
  const TensorView dst = bench.layout(Tensor({1, 4, 4, 18}), 4, DIXION_FORMAT_INT12);
  bench.run(engine, bench.command(DIXION_OPCODE_DMA_IM2COL, {bench.place(src, 4, DIXION_FORMAT_INT12), dst},
                                  {halves(2, 3), halves(1, 1), halves(0, 0)}));
  const Tensor product = matrix_product(Tensor({16, 18}, bench.fetch(dst)), weight, {}, {{1, 0}}, 32);
  for (std::size_t i = 0; i < product.size(); ++i) {
    const std::size_t n = i % 4, x = i / 4 % 4, y = i / 16;
    std::int32_t sum = 0;
    for (std::size_t ky = 0; ky < 2; ++ky) {
      for (std::size_t kx = 0; kx < 3; ++kx) {
        for (std::size_t c = 0; c < 3; ++c) {
          sum += src.at(0, y + ky, x + kx, c) * weight.at(0, 0, n, (ky * 3 + kx) * 3 + c);
        }
      }
    }
    EXPECT_EQ(product.values[i], sum);
  }
}

TEST(Im2col, RefusesWhatItCannotDo) {
  EngineBench bench(1);
  const DmaEngine engine(AcceleratorConfig{});
  const Command right =
      bench.command(DIXION_OPCODE_DMA_IM2COL,
                    {dense_view(DIXION_FORMAT_INT12, {2, 8, 7, 5}), dense_view(DIXION_FORMAT_INT12, {2, 4, 7, 45})},
                    {halves(3, 3), halves(2, 1), halves(1, 1)});
  const auto refused = [&](dixion_cause cause, std::uint32_t field, std::uint64_t value, auto spoil) {
    expect_refusal(engine, right, cause, field, value, spoil);
  };
  refused(DIXION_CAUSE_BAD_FORMAT, 0, DIXION_FORMAT_INT12_PACKED,
          [](Command& c) { c.operands[0].format = DIXION_FORMAT_INT12_PACKED; });
  refused(DIXION_CAUSE_BAD_FORMAT, 1, DIXION_FORMAT_INT16,
          [](Command& c) { c.operands[1].format = DIXION_FORMAT_INT16; });
  refused(DIXION_CAUSE_BAD_SHAPE, 0, 3, [](Command& c) { c.operands[0] = dense_view(DIXION_FORMAT_INT12, {8, 7, 5}); });
  refused(DIXION_CAUSE_BAD_SHAPE, 1, 3, [](Command& c) {
    c.operands[1] = dense_view(DIXION_FORMAT_INT12, {2, 28, 45});
  });
  const std::uint64_t extents[] = {2, 4, 7, 45};
  for (unsigned axis = 0; axis < 4; ++axis) {
    for (const std::uint64_t wrong : {extents[axis] - 1, extents[axis] + 1}) {
      refused(DIXION_CAUSE_BAD_SHAPE, 1, wrong,
              [&](Command& c) { c.operands[1].extent[axis] = static_cast<std::uint32_t>(wrong); });
    }
  }
  const auto immediate = [&](unsigned number, std::uint32_t value) {
    refused(DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + number, value,
            [&](Command& c) { c.immediates[number] = value; });
  };
  for (const unsigned number : {0U, 1U}) {
    immediate(number, halves(0, 3));
    immediate(number, halves(3, 0));
    immediate(number, halves(65, 3));
    immediate(number, halves(3, 65));
  }
  immediate(2, halves(3, 1));
  immediate(2, halves(1, 3));
  // Without padding 8 rows hold no window of 9, nor 7 columns one of 8.
  refused(DIXION_CAUSE_BAD_SHAPE, 0, 8, [](Command& c) {
    c.immediates[0] = halves(9, 3);
    c.immediates[2] = 0;
  });
  refused(DIXION_CAUSE_BAD_SHAPE, 0, 7, [](Command& c) {
    c.immediates[0] = halves(3, 8);
    c.immediates[2] = 0;
  });
}

TEST(Im2col, WindowsOfTheGreatestSizeAreTaken) {
  EngineBench bench(1);
  const std::uint32_t side = kMaxWindow;
  const Command command = bench.command(
      DIXION_OPCODE_DMA_IM2COL,
      {dense_view(DIXION_FORMAT_INT8, {1, 2, 2, 1}), dense_view(DIXION_FORMAT_INT8, {1, 2, 2, side * side})},
      {halves(side, side), halves(side, side), halves(side - 1, side - 1)});
  EXPECT_FALSE(DmaEngine(AcceleratorConfig{}).check(command));
}

TEST(Resize, RefusesWhatItCannotDo) {
  EngineBench bench(1);
  const DmaEngine engine(AcceleratorConfig{});
  const Command right = bench.command(DIXION_OPCODE_DMA_RESIZE, {dense_view(DIXION_FORMAT_INT8, {2, 4, 3, 5}),
                                                                 dense_view(DIXION_FORMAT_INT8, {2, 8, 9, 5})});
  const auto refused = [&](dixion_cause cause, std::uint32_t field, std::uint64_t value, auto spoil) {
    expect_refusal(engine, right, cause, field, value, spoil);
  };
  refused(DIXION_CAUSE_BAD_FORMAT, 1, DIXION_FORMAT_INT16,
          [](Command& c) { c.operands[1].format = DIXION_FORMAT_INT16; });
  refused(DIXION_CAUSE_BAD_SHAPE, 1, 3, [](Command& c) { c.operands[1].extent[0] = 3; });
  refused(DIXION_CAUSE_BAD_SHAPE, 1, 7, [](Command& c) { c.operands[1].extent[1] = 7; });
  refused(DIXION_CAUSE_BAD_SHAPE, 1, 2, [](Command& c) { c.operands[1].extent[1] = 2; });
  refused(DIXION_CAUSE_BAD_SHAPE, 1, 8, [](Command& c) { c.operands[1].extent[2] = 8; });
  refused(DIXION_CAUSE_BAD_SHAPE, 1, 10, [](Command& c) { c.operands[1].extent[3] = 10; });
  refused(DIXION_CAUSE_BAD_SHAPE, 0, 3, [](Command& c) { c.operands[0] = dense_view(DIXION_FORMAT_INT8, {4, 3, 5}); });
}

TEST(Im2col, ReadsItsSourceOnceAndWritesRowsOfTheWindow) {
  EngineBench bench(1);
  const DmaEngine engine(AcceleratorConfig{});  // 64 bytes per accel_cycle and channel
  Command command =
      bench.command(DIXION_OPCODE_DMA_IM2COL,
                    {dense_view(DIXION_FORMAT_INT16, {1, 8, 8, 32}), dense_view(DIXION_FORMAT_INT16, {1, 8, 8, 288})},
                    {halves(3, 3), halves(1, 1), halves(1, 1)});
  const Demand demand = engine.demand(command);
  EXPECT_EQ(demand.compute, 8U + 64 * 3 * (3 + 1));  // 192 bytes for each of 3 rows of 64 windows
  ASSERT_EQ(demand.transfers.size(), 2U);
  EXPECT_EQ(demand.transfers[0].view.payload_bytes(), 8U * 8 * 32 * 2);
  EXPECT_EQ(demand.transfers[0].passes, 1U);
  EXPECT_EQ(demand.transfers[1].view.payload_bytes(), 8U * 8 * 288 * 2);
  EXPECT_TRUE(demand.transfers[1].write);
  command.cores = 0b11;
  EXPECT_EQ(engine.demand(command).compute, 8U + 32 * 3 * (3 + 1));
  command.operands[1].stride[3] = 4;  // single elements
  EXPECT_EQ(engine.demand(command).compute, 8U + 64 * 288 / 2 * (1 + 1));
}

TEST(Im2col, WaitsForASourceInPiecesThatTakesLonger) {
  EngineBench bench(1);
  Command command =
      bench.command(DIXION_OPCODE_DMA_IM2COL,
                    {dense_view(DIXION_FORMAT_INT16, {1, 8, 8, 32}), dense_view(DIXION_FORMAT_INT16, {1, 2, 2, 512})},
                    {halves(4, 4), halves(4, 4), 0});
  command.operands[0].stride[3] = 4;
  EXPECT_EQ(DmaEngine(AcceleratorConfig{}).demand(command).compute, 8U + 8 * 8 * 32 * 2);
}

TEST(Resize, WritesPixelByPixel) {
  EngineBench bench(1);
  const Demand demand =
      DmaEngine(AcceleratorConfig{})
          .demand(bench.command(DIXION_OPCODE_DMA_RESIZE, {dense_view(DIXION_FORMAT_INT16, {1, 4, 4, 48}),
                                                           dense_view(DIXION_FORMAT_INT16, {1, 8, 12, 48})}));
  EXPECT_EQ(demand.compute, 8U + 96 * (2 + 1));  // 96 bytes each
  EXPECT_EQ(demand.transfers[0].view.payload_bytes(), 4U * 4 * 48 * 2);
  EXPECT_EQ(demand.transfers[1].view.payload_bytes(), 8U * 12 * 48 * 2);
}

}  // namespace
}  // namespace dixion::test
