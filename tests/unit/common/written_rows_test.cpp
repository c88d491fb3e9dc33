// SPDX-License-Identifier: Apache-2.0
/// Who reads a row that was never written is told so; everybody else is left alone.
#include "models/common/written_rows.h"

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "models/abi/generated/commands_table.h"
#include "models/common/row_roles.h"
#include "tests/support/refusals.h"

namespace dixion::test::written_rows {
namespace {

TEST(AddressRanges, AreASetOfAddresses) {
  std::mt19937 random(7);
  const auto below = [&](std::uint64_t most) { return random() % most; };
  AddressRanges ranges;
  std::set<std::uint64_t> reference;
  for (int i = 0; i < 4000; ++i) {
    const std::uint64_t begin = below(100), end = begin + 1 + below(i % 3 == 0 ? 40 : 6);
    const bool takes = below(2) == 0;
    takes ? ranges.add(begin, end) : ranges.remove(begin, end);
    for (std::uint64_t at = begin; at < end; ++at) takes ? void(reference.insert(at)) : void(reference.erase(at));

    const std::uint64_t from = below(100), to = from + 1 + below(40);
    const auto in_set =
        static_cast<std::uint64_t>(std::distance(reference.lower_bound(from), reference.lower_bound(to)));
    ASSERT_EQ(ranges.contains(from, to), in_set == to - from);
    ASSERT_EQ(ranges.touches(from, to), in_set > 0);
    std::uint64_t gaps = 0, last = 0;
    ranges.for_each_gap(from, to, [&](std::uint64_t gap, std::uint64_t behind) {
      EXPECT_TRUE(gap < behind && (gaps == 0 || last < gap)) << "in order, as long as can be";
      for (std::uint64_t at = gap; at < behind; ++at) EXPECT_FALSE(reference.contains(at));
      gaps += behind - gap;
      last = behind;
    });
    ASSERT_EQ(gaps, to - from - in_set);
    ASSERT_EQ(ranges.empty(), reference.empty());
  }
}

constexpr std::uint64_t kSrc = 0x1000, kDst = 0x8000, kSums = 0x10000, kKeys = 0x20000, kCopy = 0x30000;
constexpr std::uint32_t kSamples = 2, kTokens = 5, kColumns = 4;

TensorView view_of(std::uint64_t address, const std::vector<std::uint32_t>& extents,
                   dixion_format format = DIXION_FORMAT_INT32) {
  return dense_view(format, extents, address);
}

Command command_of(dixion_opcode opcode, const std::vector<std::pair<unsigned, TensorView>>& operands) {
  Command command;
  command.info = std::find_if(std::begin(abi::kOpcodes), std::end(abi::kOpcodes),
                              [&](const abi::OpcodeInfo& info) { return info.value == opcode; });
  for (const auto& [i, view] : operands) command.operands[i] = view;
  return command;
}

const TensorView kRows = view_of(kSrc, {kSamples, kTokens, kColumns}),
                 kAllSums = view_of(kSums, {kSamples, kTokens, kColumns});

Command partial(const TensorView& sums = kAllSums) {
  return command_of(DIXION_OPCODE_MATMUL_PARTIAL,
                    {{0, kRows}, {5, view_of(kDst, {kSamples, kTokens, kColumns})}, {6, sums}});
}

Command resume(const TensorView& sums = kAllSums) {
  return command_of(DIXION_OPCODE_MATMUL_RESUME,
                    {{0, kRows}, {4, sums}, {5, view_of(kDst, {kSamples, kTokens, kColumns})}});
}

Command copy(const TensorView& from, const TensorView& to) {
  return command_of(DIXION_OPCODE_DMA_COPY, {{0, from}, {1, to}});
}

class WrittenRowsTest : public ::testing::Test {
 protected:
  void run(const Command& command) {
    EXPECT_FALSE(written.check(command, nullptr));
    written.end(command, nullptr);
  }
  void run(const Command& command, const WrittenRows::Listed& listed) {
    EXPECT_FALSE(written.check(command, &listed));
    written.end(command, &listed);
  }
  void expect_missing(const CommandError& error, unsigned operand, std::uint64_t row) {
    EXPECT_EQ(error.cause, DIXION_CAUSE_BAD_PARAMETER);
    EXPECT_EQ(error.field, DIXION_FIELD_OPERAND0 + operand);
    EXPECT_EQ(error.value, row);
    EXPECT_NE(error.expected.find(std::to_string(row)), std::string::npos) << error.expected;
  }
  void expect_no_sums(const Command& command, std::uint64_t row) {
    expect_missing(written.check(command, nullptr), 4, row);
  }

  WrittenRows written;
};

TEST_F(WrittenRowsTest, SumsAreThereOnceTheyWereMade) {
  expect_no_sums(resume(), 0);
  run(partial());
  run(resume());
  run(resume());
}

TEST_F(WrittenRowsTest, SumsOfHalfTheSamplesAreNotThoseOfAll) {
  run(partial(view_of(kSums, {1, kTokens, kColumns})));
  expect_no_sums(resume(), kTokens);
}

TEST_F(WrittenRowsTest, TokensHaveSumsOfTheirOwn) {
  run(partial(), {1, 2, 7});
  const WrittenRows::Listed same{1, 2, 7}, fewer{7}, another{1, 3, 7}, none;
  EXPECT_FALSE(written.check(resume(), &same));
  EXPECT_FALSE(written.check(resume(), &fewer));
  EXPECT_FALSE(written.check(resume(), &none));
  expect_missing(written.check(resume(), &another), 4, 3);
  expect_no_sums(resume(), 0);
  run(partial(), {0, 3, 4, 5, 6, 8, 9});
  run(resume());
}

TEST_F(WrittenRowsTest, WhatAnotherCommandWroteIsNoSum) {
  run(partial());
  run(command_of(DIXION_OPCODE_DMA_FILL, {{0, view_of(kSums + 6 * kColumns * 4, {1, kColumns})}}));
  expect_no_sums(resume(), 6);
}

TEST_F(WrittenRowsTest, CopiesOfSumsAreSums) {
  // Spilled into rows further apart, and back to another place.
  TensorView wide = view_of(kCopy, {kSamples, kTokens, kColumns});
  wide.stride = {0x1000, 0x100, 4};
  const TensorView back = view_of(kKeys, {kSamples, kTokens, kColumns});
  run(partial());
  run(copy(kAllSums, wide));
  run(resume(wide));
  run(copy(wide, back));
  run(resume(back));
  TensorView between = wide;
  between.address += 0x80;
  expect_no_sums(resume(between), 0);
}

TEST_F(WrittenRowsTest, CopiesOfSomethingElseAreNone) {
  run(partial());
  run(copy(view_of(kDst, {kTokens, kColumns}), view_of(kSums, {kTokens, kColumns})));
  expect_no_sums(resume(), 0);
  run(resume(view_of(kSums + kTokens * kColumns * 4, {1, kTokens, kColumns})));
}

TEST_F(WrittenRowsTest, AfterAResetNothingCountsAsWritten) {
  run(partial());
  written.reset();
  expect_no_sums(resume(), 0);
}

// A cache of keys, and attention that reads all of it whatever is listed. Two heads lie side by side in a token's row.

Command make_keys() {
  return command_of(DIXION_OPCODE_MATMUL, {{0, kRows}, {4, view_of(kKeys, {kSamples, kTokens, kColumns})}});
}

Command attention() {
  TensorView heads = view_of(kKeys, {kSamples, 2, kTokens, kColumns / 2});
  heads.stride = {kTokens * kColumns * 4, kColumns / 2 * 4, kColumns * 4, 4};
  return command_of(DIXION_OPCODE_ATTENTION, {{0, view_of(kSrc, {kSamples, 2, kTokens, kColumns / 2})},
                                              {1, heads},
                                              {2, heads},
                                              {3, view_of(kDst, {kSamples, 2, kTokens, kColumns / 2})}});
}

TEST_F(WrittenRowsTest, KeysOfATokenThatWasNeverComputedAreMissing) {
  const WrittenRows::Listed some{0, 1, 2, 4, 5, 6, 7, 8, 9};
  run(make_keys(), some);
  expect_missing(written.check(attention(), nullptr), 1, 3);
  expect_missing(written.check(attention(), &some), 1, 3);
  run(make_keys(), {3});
  run(attention());
}

TEST_F(WrittenRowsTest, StepsThatReuseMayFollowAStepThatWroteAll) {
  run(make_keys());
  run(make_keys(), {0, 5});
  run(attention());
}

TEST_F(WrittenRowsTest, ListedReadersOfListedRowsMissNothing) {
  const WrittenRows::Listed some{0, 5};
  run(make_keys(), some);
  const TensorView rows = view_of(kKeys, {kSamples, kTokens, kColumns});
  const Command gelu = command_of(DIXION_OPCODE_GELU, {{0, rows}, {1, view_of(kDst, {kSamples, kTokens, kColumns})}});
  run(gelu, some);
  const WrittenRows::Listed others{0, 4};
  expect_missing(written.check(gelu, &others), 0, 4);
  expect_missing(written.check(gelu, nullptr), 0, 1);
}

TEST_F(WrittenRowsTest, TilesColumnsAreNoRows) {
  const TensorView hidden = view_of(kKeys, {kSamples, kTokens, kColumns});
  const TensorView dst = view_of(kDst, {kSamples, kTokens, kColumns});
  const TensorView mask = view_of(kCopy, {kSamples, kTokens, 1}, DIXION_FORMAT_UINT32);
  run(make_keys(), {0, 5});
  const Command rows = command_of(DIXION_OPCODE_GELU, {{0, hidden}, {1, dst}});
  expect_missing(written.check(rows, nullptr), 0, 1);
  // What no token needs is not read, and what the others need was written: nobody is to blame.
  Command masked = command_of(DIXION_OPCODE_MATMUL_MASKED, {{6, hidden}});
  masked.immediates[3] = 0x100;
  run(masked);
  run(command_of(DIXION_OPCODE_GELU, {{0, hidden}, {1, dst}, {2, mask}}));
  Command resume = command_of(DIXION_OPCODE_MATMUL_RESUME, {{0, hidden}, {5, dst}});
  resume.immediates[3] = 1;
  run(resume);
  // Columns of some are not rows of all.
  expect_missing(written.check(rows, nullptr), 0, 1);
}

TEST_F(WrittenRowsTest, MemoryThatOnlyTheHostWroteIsNobodysBusiness) {
  run(attention());
  run(make_keys(), {0});
  run(command_of(DIXION_OPCODE_GELU, {{0, view_of(kSrc, {2, 3})}, {1, view_of(kDst, {2, 3})}}));
}

}  // namespace
}  // namespace dixion::test::written_rows
