// SPDX-License-Identifier: Apache-2.0
/// The token rule of docs/try_your_idea.md, built from the page.
#include <gtest/gtest.h>

#include "models/common/check.h"
#include "models/sparsity/token_rule.h"

namespace dixion {
namespace {

std::vector<std::size_t> active(const char* rule, std::size_t tokens, std::size_t moved) {
  std::vector<std::uint64_t> change(tokens, 0);
  change[moved] = 5;
  const std::vector<bool> flags = make_token_rule("rule", rule)->active(change, {65536, 0});
  std::vector<std::size_t> found;
  for (std::size_t t = 0; t < flags.size(); ++t) {
    if (flags[t]) found.push_back(t);
  }
  return found;
}

using Tokens = std::vector<std::size_t>;

TEST(TokenRuleIdea, ListsTheNeighboursOfWhatMovedToo) {
  EXPECT_EQ(active("ranked", 16, 5), (Tokens{5}));
  EXPECT_EQ(active("border", 16, 5), (Tokens{1, 4, 5, 6, 9}));
  EXPECT_EQ(active("border", 16, 3), (Tokens{2, 3, 7}));
  EXPECT_EQ(active("border", 16, 12), (Tokens{8, 12, 13}));
}

TEST(TokenRuleIdea, IsNamedAmongTheRules) {
  try {
    static_cast<void>(make_token_rule("soc.accelerator.token_rule", "none"));
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "soc.accelerator.token_rule: unknown rule 'none'; there are ranked, border");
  }
}

}  // namespace
}  // namespace dixion
