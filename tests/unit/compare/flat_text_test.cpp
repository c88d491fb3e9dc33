// SPDX-License-Identifier: Apache-2.0
#include "platform/compare/flat_text.h"

#include <gtest/gtest.h>

namespace dixion {
namespace {

TEST(FlatText, KeysCarryTheirPath) {
  EXPECT_EQ(flatten_text("a: 1\nb {\n  c {\n    d: x\n  }\n  e: \"{ 2\"\n}\nf: 3\n"),
            (FlatText{{"a", "1"}, {"b.c.d", "x"}, {"b.e", "\"{ 2\""}, {"f", "3"}}));
}

TEST(FlatText, RepeatedKeysCarryTheirPlace) {
  EXPECT_EQ(flatten_text("o {\n  n: 1\n}\no {\n  n: 2\n}\nv: 3\nv: 4\n"),
            (FlatText{{"o.n", "1"}, {"o[1].n", "2"}, {"v", "3"}, {"v[1]", "4"}}));
}

TEST(FlatText, DifferencesNameBothSides) {
  const std::vector<Difference> found =
      differences({{"a", "1"}, {"b", "2"}, {"c", "3"}}, {{"a", "1"}, {"b", "9"}, {"d", "4"}});
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].key + found[0].a + found[0].b, "b29");
  EXPECT_EQ(found[1].key + found[1].a + found[1].b, "c3");
  EXPECT_EQ(found[2].key + found[2].a + found[2].b, "d4");
}

}  // namespace
}  // namespace dixion
