// SPDX-License-Identifier: Apache-2.0
#include "models/common/tensor_io.h"

#include "tests/support/engine_bench.h"

namespace dixion::test {
namespace {

TensorView view_of(dixion_format format, std::vector<std::uint32_t> extents, std::vector<std::uint64_t> strides,
                   std::uint64_t address) {
  TensorView view;
  view.format = format;
  view.rank = static_cast<std::uint8_t>(extents.size());
  view.address = address;
  std::copy(extents.begin(), extents.end(), view.extent.begin());
  std::copy(strides.begin(), strides.end(), view.stride.begin());
  return view;
}

class TensorIo : public testing::Test {
 protected:
  FlatMemory memory{4096};
  std::uint64_t base = memory.allocate(1024);

  void put(std::uint64_t offset, std::initializer_list<std::uint8_t> bytes) {
    ASSERT_TRUE(memory.write(base + offset, std::data(bytes), bytes.size()));
  }
};

TEST_F(TensorIo, AdjacentRowsAreOneRun) {
  const ContiguousRuns runs = contiguous_runs(view_of(DIXION_FORMAT_INT16, {2, 3, 4, 5}, {120, 40, 10, 2}, base));
  EXPECT_EQ(runs.runs(), 1u);
  EXPECT_EQ(runs.run_bytes, 240u);
}

TEST_F(TensorIo, AGapEndsARun) {
  const ContiguousRuns runs = contiguous_runs(view_of(DIXION_FORMAT_INT16, {2, 3, 4, 5}, {144, 48, 10, 2}, base));
  EXPECT_EQ(runs.runs(), 6u);
  EXPECT_EQ(runs.run_bytes, 40u);
}

TEST_F(TensorIo, TheStrideOfASingleIndexDoesNotMatter) {
  const ContiguousRuns runs = contiguous_runs(view_of(DIXION_FORMAT_INT8, {1, 8, 1}, {0, 1, 999}, base));
  EXPECT_EQ(runs.runs(), 1u);
  EXPECT_EQ(runs.run_bytes, 8u);
}

TEST_F(TensorIo, ADenseTensorIsReadInOnePiece) {
  std::vector<std::int32_t> values;
  ASSERT_TRUE(load_values(view_of(DIXION_FORMAT_INT32, {4, 8}, {32, 4}, base), memory, values));
  EXPECT_EQ(values.size(), 32u);
  EXPECT_EQ(memory.reads, 2u);  // its last byte first, then all of it
}

TEST_F(TensorIo, NearColumnsAreReadRowByRow) {
  std::vector<std::uint8_t> values;
  ASSERT_TRUE(load_bytes(view_of(DIXION_FORMAT_INT8, {3, 20}, {200, 2}, base), memory, values));
  EXPECT_EQ(memory.reads, 4u);
}

TEST_F(TensorIo, LanesOfInt12IgnoreTheirHighBits) {
  put(0, {0xff, 0x07, 0x00, 0x08, 0xff, 0xff, 0x01, 0xf0});
  std::vector<std::int16_t> narrow;
  ASSERT_TRUE(load_values(view_of(DIXION_FORMAT_INT12, {4}, {2}, base), memory, narrow));
  EXPECT_EQ(narrow, (std::vector<std::int16_t>{2047, -2048, -1, 1}));
  std::vector<std::int32_t> wide;
  ASSERT_TRUE(load_values(view_of(DIXION_FORMAT_INT12, {4}, {2}, base), memory, wide));
  EXPECT_EQ(wide, (std::vector<std::int32_t>{2047, -2048, -1, 1}));
}

TEST_F(TensorIo, AStrideOfZeroRepeats) {
  put(0, {1, 2, 3});
  std::vector<std::int16_t> values;
  ASSERT_TRUE(load_values(view_of(DIXION_FORMAT_INT8, {2, 3, 2}, {0, 1, 0}, base), memory, values));
  EXPECT_EQ(values, (std::vector<std::int16_t>{1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3}));
}

TEST_F(TensorIo, TheLastByteDecidesWhetherAViewIsReadable) {
  std::vector<std::uint8_t> values;
  EXPECT_TRUE(load_bytes(view_of(DIXION_FORMAT_INT8, {16}, {1}, memory.end() - 16), memory, values));
  EXPECT_FALSE(load_bytes(view_of(DIXION_FORMAT_INT8, {16}, {1}, memory.end() - 15), memory, values));
}

TEST_F(TensorIo, StoringTouchesNothingBetweenRows) {
  const std::vector<std::uint8_t> before = memory.contents();
  const Result::Tensor tensor{view_of(DIXION_FORMAT_INT8, {3, 4}, {10, 1}, base), std::vector<std::uint8_t>(12, 0)};
  ASSERT_TRUE(store(tensor, memory));
  EXPECT_EQ(memory.writes, 3u);
  for (std::size_t i = 0; i < 40; ++i) {
    const bool inside = i < 30 && i % 10 < 4;
    EXPECT_EQ(memory.contents()[i], inside ? 0 : before[i]) << i;
  }
}

TEST_F(TensorIo, StoringOutsideMemoryFails) {
  const Result::Tensor tensor{view_of(DIXION_FORMAT_INT8, {4}, {1}, memory.end() - 3), std::vector<std::uint8_t>(4)};
  EXPECT_FALSE(store(tensor, memory));
}

TEST_F(TensorIo, WhatIsStoredIsLoadedForAnyLayout) {
  over_seeds(50, [](EngineBench& bench) {
    const std::vector<std::size_t> extents{
        static_cast<std::size_t>(bench.between(1, 4)), static_cast<std::size_t>(bench.between(1, 5)),
        static_cast<std::size_t>(bench.between(1, 6)), static_cast<std::size_t>(bench.between(1, 40))};
    const dixion_format formats[] = {DIXION_FORMAT_INT8, DIXION_FORMAT_INT12, DIXION_FORMAT_INT16, DIXION_FORMAT_INT32};
    const dixion_format format = formats[bench.between(0, 3)];
    const reference::Tensor values = bench.tensor(extents, bounds_of(format).low, bounds_of(format).high);
    EXPECT_EQ(bench.fetch(bench.place(values, 4, format)), values.values);
  });
}

}  // namespace
}  // namespace dixion::test
