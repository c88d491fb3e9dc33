// SPDX-License-Identifier: Apache-2.0
/// Timing mode: who reads a mask sees what was made at its address.
#include "models/common/mask_store.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/abi/generated/commands_table.h"
#include "models/abi/tag.h"
#include "models/common/mask_bits.h"

namespace dixion::test {
namespace {

/// Row i of a mask shows request and row: word 0 the tag, word 1 site and ordinal, word 2 opcode and row.
class ShowingSupply final : public MaskSupply {
 public:
  class Mask final : public MaskSource {
   public:
    explicit Mask(const MaskRequest& request) : request_(request) {}
    void row(std::uint64_t number, std::size_t columns, std::uint32_t* words) const override {
      ASSERT_EQ(mask_words(columns), 3U);
      words[0] = request_.tag;
      words[1] = request_.site << 16 | request_.ordinal;
      words[2] = std::uint32_t{request_.opcode} << 16 | static_cast<std::uint32_t>(number);
    }

   private:
    MaskRequest request_;
  };
  [[nodiscard]] std::unique_ptr<MaskSource> mask(const MaskRequest& request) const override {
    return std::make_unique<Mask>(request);
  }
};

constexpr std::uint32_t kTokens = 8, kElements = 96, kRowBytes = 12;

TensorView mask_view(std::uint64_t address, std::uint32_t batch) {
  TensorView view;
  view.address = address;
  view.extent = {batch, kTokens, 3};
  view.stride = {kTokens * kRowBytes, kRowBytes, 4};
  view.format = DIXION_FORMAT_UINT32;
  view.rank = 3;
  return view;
}

Command command_of(dixion_opcode opcode, std::uint32_t id, std::uint32_t tag) {
  Command command;
  command.info = std::find_if(std::begin(abi::kOpcodes), std::end(abi::kOpcodes),
                              [&](const abi::OpcodeInfo& info) { return info.value == opcode; });
  command.id = id;
  command.tag = tag;
  return command;
}

Command threshold(std::uint32_t id, std::uint32_t tag, std::uint64_t address, std::uint32_t batch = 2) {
  Command command = command_of(DIXION_OPCODE_MASK_THRESHOLD, id, tag);
  command.operands[0].extent = {batch, kTokens, kElements};
  command.operands[0].rank = 3;
  command.operands[1] = mask_view(address, batch);
  return command;
}

Command resume(std::uint32_t tag, std::uint64_t address, std::uint32_t batch = 2) {
  Command command = command_of(DIXION_OPCODE_MATMUL_RESUME, 99, tag);
  command.operands[3] = mask_view(address, batch);
  return command;
}

class MaskStoreTest : public ::testing::Test {
 protected:
  void run(const Command& command, bool failed = false) {
    store.begin(command);
    store.end(command, failed);
  }
  std::vector<std::uint32_t> read(const Command& command, std::uint64_t row, unsigned operand = 3) {
    std::vector<std::uint32_t> words(3);
    store.mask(command, operand)->row(row, kElements, words.data());
    return words;
  }
  std::vector<std::uint32_t> shown(std::uint32_t tag, std::uint32_t site, std::uint32_t ordinal, std::uint32_t row) {
    return {tag, site << 16 | ordinal, std::uint32_t{DIXION_OPCODE_MASK_THRESHOLD} << 16 | row};
  }

  ShowingSupply supply;
  MaskStore store{supply};
};

TEST_F(MaskStoreTest, ReaderSeesTheLastMaskThatWasCompletedAtItsAddress) {
  const std::uint32_t first = dixion_tag(0, 1, 7), later = dixion_tag(4, 1, 7);
  const Command dense = threshold(1, first, 0x1000), again = threshold(2, later, 0x1000);
  store.begin(dense);
  EXPECT_EQ(read(dense, 5, 1), shown(first, 0, 0, 5)) << "the maker itself sees it at once";
  store.end(dense, false);
  EXPECT_EQ(read(resume(dixion_tag(1, 1, 9), 0x1000), 15), shown(first, 0, 0, 15));
  store.begin(again);
  EXPECT_EQ(read(resume(dixion_tag(3, 1, 9), 0x1000), 15), shown(first, 0, 0, 15)) << "not yet complete";
  store.end(again, false);
  EXPECT_EQ(read(resume(dixion_tag(5, 1, 9), 0x1000), 15), shown(later, 0, 0, 15));
}

TEST_F(MaskStoreTest, FailedCommandsMakeNothing) {
  run(threshold(1, dixion_tag(0, 1, 7), 0x1000));
  run(threshold(2, dixion_tag(4, 1, 7), 0x1000), true);
  EXPECT_EQ(read(resume(0, 0x1000), 0), shown(dixion_tag(0, 1, 7), 0, 0, 0));
}

TEST_F(MaskStoreTest, PlacesAreNumberedAndCommandsOfOneTagToldApart) {
  const std::uint32_t tag = dixion_tag(0, 1, 7), other_layer = dixion_tag(0, 2, 7);
  run(threshold(1, tag, 0x1000));
  run(threshold(2, tag, 0x2000));
  run(threshold(3, other_layer, 0x3000));
  EXPECT_EQ(read(resume(0, 0x2000), 0), shown(tag, 1, 1, 0));
  EXPECT_EQ(read(resume(0, 0x3000), 0), shown(other_layer, 2, 0, 0));
  run(threshold(4, dixion_tag(9, 1, 7), 0x1000));
  EXPECT_EQ(read(resume(0, 0x1000), 0), shown(dixion_tag(9, 1, 7), 0, 0, 0)) << "the same place, another step";
  run(threshold(5, dixion_tag(9, 2, 8), 0x1000));
  EXPECT_EQ(read(resume(0, 0x1000), 0), shown(dixion_tag(9, 2, 8), 3, 0, 0)) << "layers may share a buffer";
}

TEST_F(MaskStoreTest, AMaskMayBeMadeInPartsAndReadInParts) {
  const std::uint32_t part_bytes = kTokens * kRowBytes, tag = dixion_tag(0, 1, 7);
  run(threshold(1, tag, 0x1000, 1));
  run(threshold(2, tag, 0x1000 + part_bytes, 1));
  EXPECT_EQ(read(resume(0, 0x1000), 3), shown(tag, 0, 0, 3));
  EXPECT_EQ(read(resume(0, 0x1000), kTokens + 3), shown(tag, 1, 1, 3));
  run(threshold(3, tag, 0x1000));  // the whole replaces both
  EXPECT_EQ(read(resume(0, 0x1000), kTokens + 3), shown(tag, 0, 2, kTokens + 3));
  EXPECT_EQ(read(resume(0, 0x1000 + part_bytes, 1), 3), shown(tag, 0, 2, kTokens + 3));
  run(threshold(4, tag, 0x1000, 1));  // and a part of it is made anew
  EXPECT_EQ(read(resume(0, 0x1000), 3), shown(tag, 0, 3, 3));
  EXPECT_EQ(read(resume(0, 0x1000), kTokens + 3), shown(tag, 0, 2, kTokens + 3));
  run(threshold(5, tag, 0x1000));
  EXPECT_EQ(read(resume(0, 0x1000), 3), shown(tag, 0, 4, 3));
}

TEST_F(MaskStoreTest, ACommandOnSomeRowsSeesTheirBits) {
  const std::uint32_t tag = dixion_tag(0, 1, 7);
  run(threshold(1, tag, 0x1000));
  Command whole = resume(tag, 0x1000);
  whole.operands[0].extent = {2, kTokens, kElements};
  whole.operands[0].rank = 3;
  Command compact = whole;  // token 5 of sample 0, tokens 0 and 6 of sample 1, as rows of one sample
  compact.operands[3].address = std::uint64_t{1} << 62;
  compact.operands[3].extent = {1, 3, 3};
  compact.operands[0].extent = {1, 3, kElements};
  const std::vector<std::uint32_t> rows{5, kTokens, kTokens + 6};
  {
    const MaskStore::Selection selection(store, whole, rows);
    for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(read(compact, i), shown(tag, 0, 0, rows[i]));
    EXPECT_EQ(read(whole, 3), shown(tag, 0, 0, 3)) << "an operand that stays where it is";
  }
  EXPECT_EQ(read(whole, 3), shown(tag, 0, 0, 3));

  // With heads between samples and tokens.
  Command attention = command_of(DIXION_OPCODE_ATTENTION_MASKED, 9, tag);
  attention.operands[3].address = 0x5000;
  attention.operands[3].extent = {2, 4, kTokens, 3};
  attention.operands[3].stride = {4 * kTokens * kRowBytes, kTokens * kRowBytes, kRowBytes, 4};
  attention.operands[3].rank = 4;
  attention.operands[0].extent = {2, 4, kTokens, 32};
  attention.operands[0].rank = 4;
  Command few = attention;
  few.operands[3].address = std::uint64_t{1} << 62;
  few.operands[3].extent = {2, 4, 1, 3};
  few.operands[0].extent = {2, 4, 1, 32};
  const std::vector<std::uint32_t> one_each{5, kTokens + 6};
  const MaskStore::Selection selection(store, attention, one_each);
  EXPECT_EQ(read(few, 4 + 2)[2], (4 + 2) * kTokens + 6);
  EXPECT_EQ(read(few, 3)[2], 3 * kTokens + 5);
}

TEST_F(MaskStoreTest, ACommandOnSomeTokensSeesTheirColumnsOfRowMasks) {
  Command whole = command_of(DIXION_OPCODE_MATMUL_ROWS, 9, dixion_tag(0, 1, 7));
  whole.operands[0].extent = {2, kElements, 32};
  whole.operands[4].address = 0x1000;
  whole.operands[4].extent = {2, 6, 3};
  whole.operands[4].stride = {6 * kRowBytes, kRowBytes, 4};
  for (const unsigned i : {0U, 4U}) whole.operands[i].rank = 3;
  Command compact = whole;
  compact.operands[0].extent = {1, 3, 32};
  compact.operands[4].address = std::uint64_t{1} << 62;
  compact.operands[4].extent = {1, 6, 1};
  // Word 2 of a row is its number: bits 64 on. Row 3 of sample 0 is row 3, of sample 1 row 9.
  const std::vector<std::uint32_t> rows{64, 66, kElements + 67};
  const MaskStore::Selection selection(store, whole, rows);
  std::uint32_t word = 0;
  store.mask(compact, 4)->row(3, 3, &word);
  EXPECT_EQ(word, 1U | 0U << 1 | 1U << 2);
}

TEST_F(MaskStoreTest, MasksThatNobodyMadeAreRequestedWithoutACommand) {
  const std::uint32_t tag = dixion_tag(5, 1, 9), no_step = dixion_tag(0, 1, 9);
  EXPECT_EQ(read(resume(tag, 0x1000), 3), (std::vector<std::uint32_t>{no_step, 0, 3}));
}

TEST(MaskOperands, RequestsHaveTheShapeOfTheCommand) {
  Command mark = command_of(DIXION_OPCODE_ATTENTION_MARK, 1, 0);
  mark.operands[1].extent = {2, 4, 200, 32};
  mark.operands[4].extent = {2, 4, 100, 7};
  for (TensorView& view : mark.operands) view.rank = 4;
  const MaskRequest keys = request_of(mark, *mask_operand(DIXION_OPCODE_ATTENTION_MARK, 4));
  EXPECT_EQ(keys.kind, MaskKind::kKeys);
  EXPECT_EQ(keys.groups, 8U);
  EXPECT_EQ(keys.rows, 100U);
  EXPECT_EQ(keys.columns, 200U);
  EXPECT_EQ(keys.kept, 0U);

  Command predict = command_of(DIXION_OPCODE_PREDICT, 1, 0);
  predict.operands[0].extent = {2, 200, 128};
  predict.operands[5].extent = {2, 12, 7};
  predict.operands[0].rank = predict.operands[5].rank = 3;
  predict.immediates = {4, 50, 0, 1};
  const MaskRequest rows = request_of(predict, *mask_operand(DIXION_OPCODE_PREDICT, 5));
  EXPECT_EQ(rows.kind, MaskKind::kPredictedRows);
  EXPECT_EQ(rows.groups, 2U);
  EXPECT_EQ(rows.rows, 12U);
  EXPECT_EQ(rows.columns, 200U);
  EXPECT_EQ(rows.kept, 50U);
  EXPECT_TRUE(rows.all_keys);
}

// Copies by DMA.

Command copy(TensorView from, TensorView to) {
  Command command = command_of(DIXION_OPCODE_DMA_COPY, 50, 0);
  command.operands[0] = from;
  command.operands[1] = to;
  return command;
}

TensorView bytes_view(std::uint64_t address, std::uint32_t count) {
  TensorView view;
  view.address = address;
  view.extent = {count};
  view.stride = {1};
  view.format = DIXION_FORMAT_INT8;
  view.rank = 1;
  return view;
}

constexpr std::uint32_t kMaskBytes = 2 * kTokens * kRowBytes;

TEST_F(MaskStoreTest, ACopyIsTheMaskAsItWas) {
  const std::uint32_t first = dixion_tag(0, 1, 7), later = dixion_tag(4, 1, 7);
  run(threshold(1, first, 0x1000));
  run(copy(mask_view(0x1000, 2), mask_view(0x5000, 2)));
  EXPECT_EQ(read(resume(0, 0x5000), 13), shown(first, 0, 0, 13));
  run(threshold(2, later, 0x1000));
  EXPECT_EQ(read(resume(0, 0x5000), 13), shown(first, 0, 0, 13)) << "the original has changed since";
  EXPECT_EQ(read(resume(0, 0x1000), 13), shown(later, 0, 0, 13));
  run(copy(mask_view(0x5000, 2), mask_view(0x1000, 2)));
  EXPECT_EQ(read(resume(0, 0x1000), 13), shown(first, 0, 0, 13)) << "a copy of a copy";
}

TEST_F(MaskStoreTest, CopiesBackAndForthKeepTheMask) {
  const std::uint32_t tag = dixion_tag(0, 1, 7);
  run(threshold(1, tag, 0x1000));
  for (int i = 0; i < 20000; ++i) {
    run(copy(mask_view(0x1000, 2), mask_view(0x5000, 2)));
    run(copy(mask_view(0x5000, 2), mask_view(0x1000, 2)));
  }
  EXPECT_EQ(read(resume(0, 0x1000), 13), shown(tag, 0, 0, 13));
}

TEST_F(MaskStoreTest, ACopyIsNamedByBytesNotByShape) {
  const std::uint32_t tag = dixion_tag(0, 1, 7);
  run(threshold(1, tag, 0x1000));
  run(copy(bytes_view(0x1000, kMaskBytes), bytes_view(0x5000, kMaskBytes)));
  EXPECT_EQ(read(resume(0, 0x5000), 13), shown(tag, 0, 0, 13));
  TensorView wide = mask_view(0x9000, 2);
  wide.stride = {0x400, 0x40, 4};
  run(copy(mask_view(0x5000, 2), wide));
  Command reader = resume(0, 0x9000);
  reader.operands[3] = wide;
  EXPECT_EQ(read(reader, 13), shown(tag, 0, 0, 13));
}

TEST_F(MaskStoreTest, PartsOfMasksAreCopied) {
  const std::uint32_t one = dixion_tag(0, 1, 7), other = dixion_tag(0, 2, 7);
  run(threshold(1, one, 0x1000));
  run(threshold(2, other, 0x2000));
  // The second sample of the one before the first of the other.
  run(copy(mask_view(0x1000 + kTokens * kRowBytes, 1), mask_view(0x5000, 1)));
  run(copy(mask_view(0x2000, 1), mask_view(0x5000 + kTokens * kRowBytes, 1)));
  EXPECT_EQ(read(resume(0, 0x5000), 3), shown(one, 0, 0, kTokens + 3));
  EXPECT_EQ(read(resume(0, 0x5000), kTokens + 3), shown(other, 1, 0, 3));
}

TEST_F(MaskStoreTest, WhatDmaPutsOverAMaskIsNobodys) {
  run(threshold(1, dixion_tag(4, 1, 7), 0x1000));
  Command fill = command_of(DIXION_OPCODE_DMA_FILL, 51, 0);
  fill.operands[0] = mask_view(0x1000 + kTokens * kRowBytes, 1);
  run(fill);
  EXPECT_EQ(read(resume(0, 0x1000), 3)[2] >> 16, std::uint32_t{DIXION_OPCODE_MASK_THRESHOLD});
  EXPECT_EQ(read(resume(0, 0x1000), kTokens + 3)[2] >> 16, 0U) << "of a constant timing mode knows nothing";
  run(threshold(2, dixion_tag(8, 1, 7), 0x1000));
  EXPECT_EQ(read(resume(0, 0x1000), kTokens + 3), shown(dixion_tag(8, 1, 7), 0, 0, kTokens + 3));
}

TEST_F(MaskStoreTest, WhoTakesAMasksMemoryEndsTheMask) {
  run(threshold(1, dixion_tag(4, 1, 7), 0x1000));
  run(threshold(2, dixion_tag(4, 2, 7), 0x2000));
  Command gelu = command_of(DIXION_OPCODE_GELU, 54, 0);
  gelu.operands[0] = mask_view(0x8000, 2);
  gelu.operands[1] = mask_view(0x1000, 2);
  Command gather = command_of(DIXION_OPCODE_DMA_GATHER, 55, 0);
  gather.operands[0] = mask_view(0x1000, 2);
  run(gelu, true);
  EXPECT_TRUE(store.check(gather)) << "a command that fails takes nothing";
  run(gelu);
  EXPECT_FALSE(store.check(gather)) << "scratch memory: it is an activation's now";
  EXPECT_EQ(read(resume(0, 0x1000), 3)[2] >> 16, 0U);
  EXPECT_EQ(read(resume(0, 0x2000), 3), shown(dixion_tag(4, 2, 7), 1, 0, 3));
}

TEST_F(MaskStoreTest, FailedCopiesCopyNothing) {
  run(threshold(1, dixion_tag(0, 1, 7), 0x1000));
  run(copy(mask_view(0x1000, 2), mask_view(0x5000, 2)), true);
  EXPECT_EQ(read(resume(0, 0x5000), 0)[2] >> 16, 0U);
}

TEST_F(MaskStoreTest, CopiesThatTimingModeCannotFollowAreRefused) {
  run(threshold(1, dixion_tag(0, 1, 7), 0x1000));
  Command gather = command_of(DIXION_OPCODE_DMA_GATHER, 52, 0);
  gather.operands[0] = mask_view(0x1000, 2);
  gather.operands[1] = bytes_view(0x7000, 8);
  gather.operands[2] = mask_view(0x5000, 2);
  const CommandError error = store.check(gather);
  EXPECT_EQ(error.cause, DIXION_CAUSE_BAD_PARAMETER);
  EXPECT_EQ(error.field, DIXION_FIELD_OPERAND0 + 0U);
  EXPECT_EQ(error.value, 0x1000U);
  EXPECT_FALSE(store.check(copy(mask_view(0x1000, 2), mask_view(0x5000, 2))));
  gather.operands[0] = mask_view(0x1000 + kMaskBytes, 2);
  EXPECT_FALSE(store.check(gather)) << "beside the mask";
  gather.operands[0] = bytes_view(0x1000, kMaskBytes);
  EXPECT_FALSE(store.check(gather)) << "no words: an activation in memory that a mask had";

  Command decision = command_of(DIXION_OPCODE_TOKEN_DECISION, 53, 0);
  decision.operands[0].extent = {1, kTokens, 4};
  decision.operands[0].rank = 3;
  decision.operands[2] = bytes_view(0x8000, 4 * (4 + kTokens));
  run(decision);
  const CommandError list = store.check(copy(decision.operands[2], bytes_view(0x9000, 4 * (4 + kTokens))));
  EXPECT_EQ(list.cause, DIXION_CAUSE_BAD_PARAMETER);
  EXPECT_EQ(list.value, 0x8000U);
}

// Every operand that the opcode table calls a mask or a list has its line, and what a line says to be made is an
// output.
TEST(MaskOperands, TheTableCoversTheOpcodes) {
  unsigned masks = 0;
  for (const abi::OpcodeInfo& info : abi::kOpcodes) {
    for (unsigned i = 0; i < info.operands.size(); ++i) {
      const std::string name = info.operands[i].name;
      const bool is_mask = name == "mask" || (name == "rows" && info.value != DIXION_OPCODE_DMA_GATHER) ||
                           (name == "list" && info.value == DIXION_OPCODE_TOKEN_DECISION);
      const MaskOperand* operand = mask_operand(info.value, i);
      EXPECT_EQ(operand != nullptr, is_mask) << info.name << ' ' << name;
      if (operand == nullptr) continue;
      EXPECT_EQ(operand->made(), info.operands[i].output) << info.name << ' ' << name;
      ++masks;
    }
  }
  EXPECT_GE(masks, 11U);
}

}  // namespace
}  // namespace dixion::test
