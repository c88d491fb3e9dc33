// SPDX-License-Identifier: Apache-2.0
#include "models/interconnect/stream_shape.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace dixion {
namespace {

TensorView view(dixion_format format, const std::vector<std::uint32_t>& extents,
                const std::vector<std::uint64_t>& strides) {
  TensorView result;
  result.format = format;
  result.rank = static_cast<std::uint8_t>(extents.size());
  for (std::size_t i = 0; i < extents.size(); ++i) {
    result.extent[i] = extents[i];
    result.stride[i] = strides[i];
  }
  return result;
}

std::vector<std::uint64_t> offsets(const StreamShape& shape) {
  std::vector<std::uint64_t> list;
  for_each_run(shape, [&](std::uint64_t offset, std::uint64_t) {
    list.push_back(offset);
    return true;
  });
  return list;
}

TEST(StreamShape, DenseTensorIsOneRun) {
  const StreamShape shape = stream_shape(view(DIXION_FORMAT_INT16, {2, 3, 4}, {24, 8, 2}));
  EXPECT_EQ(shape.rank, 0U);
  EXPECT_EQ(shape.run_bytes, 48U);
  EXPECT_EQ(offsets(shape), std::vector<std::uint64_t>{0});
}

TEST(StreamShape, RowsOfAWiderMatrixAreRuns) {
  const StreamShape shape = stream_shape(view(DIXION_FORMAT_INT16, {3, 4}, {100, 2}));
  EXPECT_EQ(shape.run_bytes, 8U);
  EXPECT_EQ(offsets(shape), (std::vector<std::uint64_t>{0, 100, 200}));
  EXPECT_EQ(shape.bytes(), 24U);
  EXPECT_EQ(shape.span(), 208U);
}

TEST(StreamShape, EvenlySpacedOuterDimensionsMerge) {
  const StreamShape shape = stream_shape(view(DIXION_FORMAT_INT8, {5, 3, 4}, {300, 100, 1}));
  EXPECT_EQ(shape.rank, 1U);
  EXPECT_EQ(shape.count[0], 15U);
  EXPECT_EQ(shape.stride[0], 100U);
}

TEST(StreamShape, TransposedViewHasElementsAsRuns) {
  const StreamShape shape = stream_shape(view(DIXION_FORMAT_INT32, {2, 3}, {4, 100}));
  EXPECT_EQ(shape.run_bytes, 4U);
  EXPECT_EQ(offsets(shape), (std::vector<std::uint64_t>{0, 100, 200, 4, 104, 204}));
}

TEST(StreamShape, RepeatedDimensionIsReadOnce) {
  const TensorView repeated = view(DIXION_FORMAT_INT8, {6, 2, 4}, {0, 100, 1});
  const StreamShape shape = stream_shape(repeated);
  EXPECT_EQ(shape.bytes(), 8U);
  EXPECT_EQ(shape.bytes(), repeated.payload_bytes());
  EXPECT_EQ(shape.span(), repeated.span_bytes());
}

TEST(StreamShape, SingleElementIsARun) {
  const StreamShape shape = stream_shape(view(DIXION_FORMAT_UINT32, {1, 1, 1, 1}, {8, 8, 8, 4}));
  EXPECT_EQ(shape.rank, 0U);
  EXPECT_EQ(shape.bytes(), 4U);
}

// Heads of a tensor whose rows hold those of all heads: [heads, tokens, bytes of a head].
TEST(StreamShape, HeadsInAddressOrderAreWholeRows) {
  const StreamShape shape = stream_shape(view(DIXION_FORMAT_INT8, {16, 5, 144}, {144, 6912, 1}));
  ASSERT_EQ(shape.run_bytes, 144U);
  const StreamShape ordered = in_address_order(shape);
  EXPECT_EQ(ordered.run_bytes, 16U * 144U);
  EXPECT_EQ(offsets(ordered), (std::vector<std::uint64_t>{0, 6912, 2 * 6912, 3 * 6912, 4 * 6912}));
  EXPECT_EQ(ordered.bytes(), shape.bytes());
  EXPECT_EQ(ordered.span(), shape.span());
}

TEST(StreamShape, AddressOrderKeepsEveryRunThatDoesNotTouchAnother) {
  const StreamShape shape = stream_shape(view(DIXION_FORMAT_INT8, {3, 2, 4, 8}, {10, 1000, 100, 1}));
  ASSERT_EQ(shape.rank, 3U);
  const StreamShape ordered = in_address_order(shape);
  std::vector<std::uint64_t> sorted = offsets(shape);
  std::ranges::sort(sorted);
  EXPECT_EQ(ordered.run_bytes, 8U);
  EXPECT_EQ(offsets(ordered), sorted);
}

TEST(StreamShape, VisitorCanStop) {
  const StreamShape shape = stream_shape(view(DIXION_FORMAT_INT8, {10, 4}, {100, 1}));
  int runs = 0;
  EXPECT_FALSE(for_each_run(shape, [&](std::uint64_t, std::uint64_t) { return ++runs < 3; }));
  EXPECT_EQ(runs, 3);
}

}  // namespace
}  // namespace dixion
