// SPDX-License-Identifier: Apache-2.0
/// The bank map of docs/try_your_idea.md, built from the page.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/memory/bank_map.h"
#include "platform/probe_lists.h"

namespace dixion {
namespace {

TEST(TryABankMap, TheMapOfThePageIsKnownAndKeepsItsPromises) {
  const auto map = make_bank_map("skew", 16);
  EXPECT_STREQ(map->name(), "skew");
  EXPECT_EQ(map->banks(), 16U);
  EXPECT_TRUE(map->spreads_rows());
  for (std::uint64_t row = 0; row < 1000; ++row) {
    std::set<unsigned> banks;
    for (std::uint64_t word = 16 * row; word < 16 * row + 16; ++word) banks.insert(map->bank_of(word));
    EXPECT_EQ(banks.size(), 16U);
    EXPECT_LT(*banks.rbegin(), 16U);
  }
  // Columns of as many words as there are banks are spread as well, which interleaving does not.
  std::set<unsigned> column;
  for (std::uint64_t row = 0; row < 16; ++row) column.insert(map->bank_of(16 * row));
  EXPECT_EQ(column.size(), 16U);
}

TEST(TryABankMap, ThePageShowsWhatTheCommandPrints) {
  const char* root = std::getenv("DIXION_SOURCE_DIR");
  ASSERT_NE(root, nullptr);
  std::ifstream file(std::string(root) + "/docs/try_your_idea.md");
  const std::string page{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  ASSERT_THAT(page, testing::HasSubstr("dixion-vp probe lists --density 0.3 --skew 2 --map interleave,xor,skew\n"));
  ListProbe probe;
  probe.densities = {0.3};
  probe.skew = 2;
  probe.maps = {"interleave", "xor", "skew"};
  std::ostringstream out;
  probe_lists(probe, out);
  EXPECT_THAT(page, testing::HasSubstr(out.str())) << "the page must show:\n" << out.str();
}

}  // namespace
}  // namespace dixion
