// SPDX-License-Identifier: Apache-2.0
extern "C" {
#include "firmware/runtime/split.h"
}

#include <algorithm>
#include <initializer_list>
#include <vector>

#include <gtest/gtest.h>

#include "models/abi/generated/commands.h"

namespace {

dixion_image_tensor_t tensor(std::initializer_list<std::uint32_t> extents) {
  dixion_image_tensor_t result{};
  std::copy(extents.begin(), extents.end(), result.extent);
  result.rank = static_cast<std::uint8_t>(extents.size());
  return result;
}

accel_capabilities_t machine(std::uint32_t cores, std::uint32_t rows, std::uint32_t columns) {
  accel_capabilities_t capabilities{};
  capabilities.cores = cores;
  capabilities.array_rows = rows;
  capabilities.array_columns = columns;
  return capabilities;
}

dixion_image_operator_t operator_of(dixion_opcode opcode) {
  dixion_image_operator_t entry{};
  std::fill(std::begin(entry.operands), std::end(entry.operands), DIXION_IMAGE_NONE);
  entry.opcode = opcode;
  entry.split = DIXION_IMAGE_SPLIT_AUTO;
  entry.operands[0] = 0;
  entry.operands[1] = 1;
  return entry;
}

std::uint8_t split(dixion_opcode opcode, std::vector<dixion_image_tensor_t> tensors,
                   const accel_capabilities_t& capabilities) {
  const dixion_image_operator_t entry = operator_of(opcode);
  return split_of(tensors.data(), &entry, &capabilities);
}

TEST(Split, WhatTheImageSaysStays) {
  const std::vector<dixion_image_tensor_t> tensors = {tensor({1, 16, 16}), tensor({4096, 16})};
  const accel_capabilities_t capabilities = machine(4, 16, 16);
  for (const std::uint8_t said : {DIXION_SPLIT_ROWS, DIXION_SPLIT_COLUMNS, DIXION_SPLIT_HEADS}) {
    dixion_image_operator_t entry = operator_of(DIXION_OPCODE_MATMUL);
    entry.split = said;
    EXPECT_EQ(split_of(tensors.data(), &entry, &capabilities), said);
  }
}

TEST(Split, TallProductsByRowsWideOnesByColumns) {
  // 512 rows are 8 tiles of 64 on 43 cores, 3456 columns are 384 tiles of 9: 1 x 384 against 8 x 9 tiles.
  EXPECT_EQ(split(DIXION_OPCODE_MATMUL, {tensor({2, 256, 1152}), tensor({3456, 1152})}, machine(43, 64, 9)),
            DIXION_SPLIT_COLUMNS);
  // 64 tiles of rows and 3 of columns on 64 cores: 1 x 3 against 64 x 1.
  EXPECT_EQ(split(DIXION_OPCODE_MATMUL, {tensor({1024, 64}), tensor({48, 64})}, machine(64, 16, 16)),
            DIXION_SPLIT_ROWS);
}

TEST(Split, ATieGoesToRows) {
  // 8192 rows are 128 tiles: 3 x 384 against 128 x 9.
  EXPECT_EQ(split(DIXION_OPCODE_MATMUL, {tensor({2, 4096, 1152}), tensor({3456, 1152})}, machine(43, 64, 9)),
            DIXION_SPLIT_ROWS);
  EXPECT_EQ(split(DIXION_OPCODE_MATMUL, {tensor({64, 64}), tensor({64, 64})}, machine(4, 16, 16)), DIXION_SPLIT_ROWS);
}

TEST(Split, SamplesWithWeightsOfTheirOwnCanBeHeads) {
  // Eight samples of one tile each on eight cores: one after the other, or all at once.
  EXPECT_EQ(split(DIXION_OPCODE_MATMUL, {tensor({8, 16, 64}), tensor({8, 16, 64})}, machine(8, 16, 16)),
            DIXION_SPLIT_HEADS);
}

TEST(Split, AttentionByHeadsWhenTheyFillTheCoresByRowsWhenNot) {
  // 32 heads on 24 cores take two rounds of 16 tiles, by rows 32 rounds of one.
  EXPECT_EQ(split(DIXION_OPCODE_ATTENTION, {tensor({2, 16, 256, 72}), tensor({2, 16, 256, 72})}, machine(24, 16, 16)),
            DIXION_SPLIT_ROWS);
  // 32 heads on 32 cores: 16 tiles against 32.
  EXPECT_EQ(split(DIXION_OPCODE_ATTENTION, {tensor({2, 16, 256, 72}), tensor({2, 16, 256, 72})}, machine(32, 16, 16)),
            DIXION_SPLIT_HEADS);
}

TEST(Split, IncompleteOperatorsAreLeftToTheAccelerator) {
  const dixion_image_operator_t entry = [] {
    dixion_image_operator_t result = operator_of(DIXION_OPCODE_MATMUL);
    result.operands[1] = DIXION_IMAGE_NONE;
    return result;
  }();
  const dixion_image_tensor_t src = tensor({4, 4});
  const accel_capabilities_t capabilities = machine(4, 16, 16);
  EXPECT_EQ(split_of(&src, &entry, &capabilities), DIXION_SPLIT_ROWS);
}

TEST(Split, WithARowListHalfOfTheRowsCount) {
  // 2 x 16 heads, 256 queries on 24 cores: 32 x 1 tiles by rows of 16, 2 x 16 by heads, but 2 x 8 of half of them.
  const std::vector<dixion_image_tensor_t> tensors = {tensor({2, 16, 256, 72}), tensor({2, 16, 256, 72})};
  const accel_capabilities_t capabilities = machine(24, 16, 16);
  dixion_image_operator_t entry = operator_of(DIXION_OPCODE_ATTENTION);
  EXPECT_EQ(split_of(tensors.data(), &entry, &capabilities), DIXION_SPLIT_ROWS);
  entry.operands[11] = 1;
  EXPECT_EQ(split_of(tensors.data(), &entry, &capabilities), DIXION_SPLIT_HEADS);
}

TEST(Split, PredictionsByHeadsUnlessRowsAreFaster) {
  const auto predict = [](std::uint32_t heads, std::uint32_t tokens, std::uint32_t cores) {
    dixion_image_operator_t entry = operator_of(DIXION_OPCODE_PREDICT);
    entry.operands[4] = 2;
    const std::vector<dixion_image_tensor_t> tensors = {tensor({1, tokens, 128}), tensor({256, 128}),
                                                        tensor({1, heads, tokens, (tokens + 31) / 32})};
    const accel_capabilities_t capabilities = machine(cores, 16, 16);
    return split_of(tensors.data(), &entry, &capabilities);
  };
  EXPECT_EQ(predict(4, 256, 4), DIXION_SPLIT_HEADS);  // 16 tiles either way: heads need no exchange of keys
  EXPECT_EQ(predict(4, 256, 24), DIXION_SPLIT_ROWS);  // 4 x 1 tiles against 16
  EXPECT_EQ(predict(16, 256, 24), DIXION_SPLIT_HEADS);
  EXPECT_EQ(predict(5, 256, 4), DIXION_SPLIT_ROWS);  // 5 x 4 against 2 x 16
}

TEST(Split, OfAPredictionWithARowListHalfOfTheRowsCount) {
  // 3 heads of 4 tiles on 4 cores: 1 x 4 by heads, 3 x 1 by rows; of 2 tiles 1 x 2 against 3 x 1.
  const std::vector<dixion_image_tensor_t> tensors = {tensor({1, 64, 128}), tensor({256, 128}), tensor({1, 3, 64, 2})};
  const accel_capabilities_t capabilities = machine(4, 16, 16);
  dixion_image_operator_t entry = operator_of(DIXION_OPCODE_PREDICT);
  entry.operands[4] = 2;
  EXPECT_EQ(split_of(tensors.data(), &entry, &capabilities), DIXION_SPLIT_ROWS);
  entry.operands[11] = 1;
  EXPECT_EQ(split_of(tensors.data(), &entry, &capabilities), DIXION_SPLIT_HEADS);
}

TEST(Split, ProductsOfMarkedRowsLikeWholeProducts) {
  const std::vector<dixion_image_tensor_t> tensors = {tensor({1, 256, 128}), tensor({384, 128})};
  for (const std::uint32_t cores : {1U, 4U, 24U}) {
    EXPECT_EQ(split(DIXION_OPCODE_MATMUL_ROWS, tensors, machine(cores, 16, 16)),
              split(DIXION_OPCODE_MATMUL, tensors, machine(cores, 16, 16)));
  }
}

}  // namespace
