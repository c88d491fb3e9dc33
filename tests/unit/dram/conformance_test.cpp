// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/conformance.h"

#include <gtest/gtest.h>

#include "platform/dram/presets.h"

namespace dixion::dram {
namespace {

TEST(Conformance, EveryPresetIsWithinOnePercentOfItsFormulas) {
  for (const Preset& preset : presets()) {
    const std::vector<ConformanceRow> rows = conformance(preset);
    EXPECT_EQ(rows.size(), 7U);
    for (const ConformanceRow& row : rows) {
      EXPECT_LT(row.deviation(), 0.01) << preset.name << " " << row.name << ": " << row.measured << " for "
                                       << row.expected;
    }
  }
}

// The formulas themselves, against numbers worked out by hand from the data sheets.
TEST(Conformance, FormulasGiveTheNumbersWorkedOutByHand) {
  const auto expect_rows = [](const char* name, std::vector<double> expected) {
    const std::vector<ConformanceRow> rows = conformance(find_preset(name));
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_NEAR(rows[i].expected, expected[i], 0.051) << name << " " << rows[i].name;
  };
  expect_rows("LPDDR5-6400", {12.8, 21.25, 40.0, 58.75, 50.0, 50.0});
  expect_rows("GDDR6-14", {28.0, 13.71, 29.14, 44.57, 25.0, 50.0});
  expect_rows("HBM2-2000", {16.0, 14.0, 28.0, 42.0, 50.0, 50.0});
  expect_rows("HBM2-2400", {19.2, 14.17, 28.33, 42.5, 40.0, 50.0});
  expect_rows("HBM3-6400", {25.6, 12.5, 31.88, 48.13, 33.33, 50.0});
}

}  // namespace
}  // namespace dixion::dram
