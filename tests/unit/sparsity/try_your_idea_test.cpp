// SPDX-License-Identifier: Apache-2.0
/// The rule of docs/try_your_idea.md, built from the page. schedule_test.cpp, part of this executable, proves its
/// schedules.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/sparsity/merge_rule.h"
#include "platform/probe_conmerge.h"

namespace dixion {
namespace {

TEST(TryYourIdea, TheRuleOfThePageIsKnown) { EXPECT_STREQ(make_merge_rule("balanced")->name(), "balanced"); }

TEST(TryYourIdea, ThePageShowsWhatTheCommandPrints) {
  const char* root = std::getenv("DIXION_SOURCE_DIR");
  ASSERT_NE(root, nullptr);
  std::ifstream file(std::string(root) + "/docs/try_your_idea.md");
  const std::string page{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  ASSERT_THAT(page, testing::HasSubstr("--density 0.05,0.2 --skew 0,12 --rule greedy,balanced\n"));
  ConMergeProbe options;
  options.densities = {0.05, 0.2};
  options.skews = {0, 12};
  options.rules = {"greedy", "balanced"};
  std::ostringstream out;
  probe_conmerge(options, out);
  EXPECT_THAT(page, testing::HasSubstr(out.str())) << "the page must show:\n" << out.str();
}

}  // namespace
}  // namespace dixion
