// SPDX-License-Identifier: Apache-2.0
#include "models/memory/bank_conflicts.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace dixion {
namespace {

/// Every byte's word in turn, groups of `group`: the definition, as plain as it gets.
StreamCost plainly(const BankMap& map, unsigned group, unsigned word_bytes, std::uint64_t address,
                   const StreamShape& shape) {
  std::vector<std::uint64_t> words;
  for_each_run(shape, [&](std::uint64_t offset, std::uint64_t run) {
    for (std::uint64_t byte = 0; byte < run; ++byte) {
      const std::uint64_t word = (address + offset + byte) / word_bytes;
      if (words.empty() || words.back() != word) words.push_back(word);
    }
    return true;
  });
  StreamCost cost{0, words.size(), true};
  for (std::size_t begin = 0; begin < words.size(); begin += group) {
    std::vector<unsigned> load(map.banks());
    for (std::size_t i = begin; i < std::min<std::size_t>(begin + group, words.size()); ++i)
      ++load[map.bank_of(words[i])];
    cost.cycles += *std::max_element(load.begin(), load.end());
  }
  return cost;
}

StreamShape strided(std::uint64_t run, std::vector<std::uint64_t> counts, std::vector<std::uint64_t> strides) {
  StreamShape shape;
  shape.run_bytes = run;
  shape.rank = static_cast<unsigned>(counts.size());
  std::copy(counts.begin(), counts.end(), shape.count.begin());
  std::copy(strides.begin(), strides.end(), shape.stride.begin());
  return shape;
}

const std::vector<StreamShape> kShapes = {
    strided(32, {64}, {512}),                    // a word each
    strided(64, {1000}, {2304}),                 // two words
    strided(72, {300}, {96}),                    // two or three words, in a period of one
    strided(2304, {77}, {4608}),                 // long runs, groups end after each second
    strided(8, {513}, {12}),                     // runs that share words
    strided(40, {33, 16}, {8192, 64}),           // two dimensions, groups end with the inner one
    strided(32, {9, 5, 7}, {16384, 2304, 320}),  // groups that run on
    strided(96, {4, 3, 2, 8}, {65536, 9216, 4608, 288}),
    strided(64, {16, 32}, {32, 64}),  // blocks that overlap
    strided(64, {50}, {32}),          // runs that end in the word where the next begins
};

TEST(BankConflicts, AreThoseOfTheWordsInTurn) {
  for (const unsigned banks : {4U, 16U, 64U}) {
    const std::unique_ptr<BankMap> maps[] = {make_bank_map("interleave", banks), make_bank_map("xor", banks),
                                             make_bank_map("ipoly", banks), make_bank_map("prime", banks)};
    for (const auto& map : maps) {
      BankConflicts conflicts(*map, banks, 32);
      for (const StreamShape& shape : kShapes) {
        for (const std::uint64_t address : {0, 32, 100, 4096, 70000, 1000016}) {
          const StreamCost expected = plainly(*map, banks, 32, address, shape);
          for (int asked = 0; asked < 2; ++asked) {  // evaluated, then remembered
            const StreamCost cost = conflicts.cost(address, shape);
            ASSERT_EQ(cost.cycles, expected.cycles)
                << map->name() << banks << ", run " << shape.run_bytes << " rank " << shape.rank << " at " << address;
            ASSERT_EQ(cost.words, expected.words);
            ASSERT_TRUE(cost.exact);
          }
        }
      }
    }
  }
}

// Whether anything may be left out depends on same_conflicts(): a map that claims nothing gives the same.
TEST(BankConflicts, DoNotDependOnWhatIsRemembered) {
  class Claimless final : public BankMap {
   public:
    [[nodiscard]] const char* name() const override { return "claimless"; }
    [[nodiscard]] unsigned banks() const override { return 16; }
    [[nodiscard]] unsigned bank_of(std::uint64_t word) const override { return map_->bank_of(word); }

   private:
    std::unique_ptr<BankMap> map_ = make_bank_map("ipoly", 16);
  } claimless;
  const auto map = make_bank_map("ipoly", 16);
  BankConflicts conflicts(*map, 16, 32);
  for (const StreamShape& shape : kShapes) {
    for (std::uint64_t address = 0; address < 100000; address += 4128) {
      BankConflicts fresh(claimless, 16, 32);
      ASSERT_EQ(conflicts.cost(address, shape).cycles, fresh.cost(address, shape).cycles) << address;
    }
  }
}

TEST(BankConflicts, SingleRunsAreFreeOfThemWhereRowsAre) {
  const StreamShape run = strided(51200, {}, {});
  const auto ipoly = make_bank_map("ipoly", 16);
  EXPECT_EQ(BankConflicts(*ipoly, 16, 32).cost(0, run).cycles, 100U);
  EXPECT_EQ(BankConflicts(*ipoly, 16, 32).cost(8, run).cycles, 101U);
  // Bank 0 or 1 for even, 2 or 3 for odd words; bit 0 of the bank is bit 4 of the word.
  const auto matrix = make_bank_map("matrix", 4, {0x10, 0x1});
  EXPECT_EQ(BankConflicts(*matrix, 4, 32).cost(0, strided(32 * 16, {}, {})).cycles, 8U);
}

// Runs of 8 bytes at 36 need more words than there are runs: 3/2 of the budget is beyond, half of that is not.
TEST(BankConflicts, BeyondTheBudgetStreamsAreScaledUp) {
  const auto map = make_bank_map("xor", 16);
  BankConflicts conflicts(*map, 16, 32);
  const std::uint64_t count = BankConflicts::kBudget * 3 / 2;
  const StreamCost long_one = conflicts.cost(0, strided(8, {count}, {36}));
  EXPECT_FALSE(long_one.exact);
  EXPECT_TRUE(conflicts.cost(0, strided(8, {count / 2}, {36})).exact);
  EXPECT_NEAR(static_cast<double>(long_one.cycles),
              2.0 * static_cast<double>(conflicts.cost(0, strided(8, {count / 2}, {36})).cycles),
              0.02 * static_cast<double>(long_one.cycles));
}

// A period is evaluated once: many times the budget, and still exact.
TEST(BankConflicts, PeriodsAreExactHoweverManyThereAre) {
  const auto map = make_bank_map("interleave", 16);
  BankConflicts conflicts(*map, 16, 32);
  const std::uint64_t count = 4 * BankConflicts::kBudget;
  const StreamCost cost = conflicts.cost(64, strided(32, {count}, {64}));
  EXPECT_TRUE(cost.exact);
  EXPECT_EQ(cost.cycles, count / 8);
  EXPECT_EQ(cost.words, count);
}

}  // namespace
}  // namespace dixion
