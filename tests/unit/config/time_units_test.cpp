// SPDX-License-Identifier: Apache-2.0
#include "platform/time_units.h"

#include <gtest/gtest.h>

#include "models/common/check.h"

namespace dixion {
namespace {

TEST(TimeUnits, ReadsEveryUnit) {
  EXPECT_EQ(parse_time("t", "7ps"), 7U);
  EXPECT_EQ(parse_time("t", "1ns"), 1'000U);
  EXPECT_EQ(parse_time("t", "100us"), 100'000'000U);
  EXPECT_EQ(parse_time("t", "5ms"), 5'000'000'000U);
  EXPECT_EQ(parse_time("t", "2s"), 2'000'000'000'000U);
}

TEST(TimeUnits, ReadsDecimalsThatAreWholePicoseconds) {
  EXPECT_EQ(parse_time("t", "1.5ns"), 1'500U);
  EXPECT_EQ(parse_time("t", "0.001ns"), 1U);
  EXPECT_THROW(parse_time("t", "0.0015ns"), ConfigError);
}

TEST(TimeUnits, RefusesWhatIsNoTime) {
  for (const char* text : {"", "us", "5", "5 ms", "-1ms", "5xs", "0s", "1e3ns", "1000001s"}) {
    EXPECT_THROW(parse_time("t", text), ConfigError) << text;
  }
}

TEST(TimeUnits, LongestTimeIsAMillionSeconds) { EXPECT_EQ(parse_time("t", "1000000s"), 1'000'000'000'000'000'000U); }

TEST(TimeUnits, WritesTheUnitThatSuits) {
  EXPECT_EQ(format_time(0), "0 ps");
  EXPECT_EQ(format_time(999), "999 ps");
  EXPECT_EQ(format_time(1'000), "1 ns");
  EXPECT_EQ(format_time(12'500'000), "12.5 us");
}

TEST(TimeUnits, GroupsDigitsOfCounts) {
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1'000), "1,000");
  EXPECT_EQ(format_count(12'345'678), "12,345,678");
}

}  // namespace
}  // namespace dixion
