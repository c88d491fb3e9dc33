// SPDX-License-Identifier: Apache-2.0
#include "platform/mask_file.h"

#include <string>

#include <gtest/gtest.h>

#include "models/common/check.h"

namespace dixion {
namespace {

using namespace std::string_literals;

std::string refusal(const std::string& bytes) {
  try {
    (void)parse_mask(bytes, "m.pbm");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(MaskFile, ReadsDigitsWithAndWithoutSpace) {
  const BitMask mask = parse_mask("P1\n# a comment\n3 2\n1 0 1\n001\n", "m.pbm");
  ASSERT_EQ(mask.columns(), 3U);
  ASSERT_EQ(mask.rows(), 2U);
  EXPECT_TRUE(mask.test(0, 0) && mask.test(0, 2) && mask.test(1, 2));
  EXPECT_EQ(mask.count(), 3U);
}

// Netpbm: rows start at a byte, the highest bit is the leftmost.
TEST(MaskFile, ReadsPackedBits) {
  const BitMask mask = parse_mask("P4 10 2\n\x80\x40\x01\xff"s, "m.pbm");
  ASSERT_EQ(mask.columns(), 10U);
  EXPECT_TRUE(mask.test(0, 0) && mask.test(0, 9) && mask.test(1, 7) && mask.test(1, 8) && mask.test(1, 9));
  EXPECT_EQ(mask.count(), 5U);  // bits beyond the width are padding
}

TEST(MaskFile, EveryMistakeIsNamed) {
  EXPECT_EQ(refusal(""), "mask: m.pbm: not a portable bitmap (PBM): it must begin with P1 or P4");
  EXPECT_EQ(refusal("P5 1 1 255\n0"), "mask: m.pbm: not a portable bitmap (PBM): it must begin with P1 or P4");
  EXPECT_EQ(refusal("P1\nx 3\n"), "mask: m.pbm: no width");
  EXPECT_EQ(refusal("P1\n3\n"), "mask: m.pbm: no height");
  EXPECT_EQ(refusal("P1 0 3"), "mask: m.pbm: width is not from 1 to 65535");
  EXPECT_EQ(refusal("P1 3 65536 0"), "mask: m.pbm: height is not from 1 to 65535");
  EXPECT_EQ(refusal("P1 99999999999999999999999 1 0"), "mask: m.pbm: width is not from 1 to 65535");
  EXPECT_EQ(refusal("P1 2 2 101"), "mask: m.pbm: ends in row 1");
  EXPECT_EQ(refusal("P1 2 2 1021"), "mask: m.pbm: row 1 has a character other than 0 and 1");
  EXPECT_EQ(refusal("P1 2 1 10 1"), "mask: m.pbm: goes on after the last row");
  EXPECT_EQ(refusal("P4 9 2\nabc"), "mask: m.pbm: has 3 bytes of bits, the size asks for 4");
  EXPECT_EQ(refusal("P4 9 1\nabc"), "mask: m.pbm: goes on after the last row");
  EXPECT_EQ(refusal("P4 9 1"), "mask: m.pbm: no white space after the height");
}

TEST(MaskFile, AMissingFileIsNamed) { EXPECT_THROW((void)read_mask_file("/nowhere/m.pbm"), ConfigError); }

}  // namespace
}  // namespace dixion
