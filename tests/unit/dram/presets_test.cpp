// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/presets.h"

#include <gtest/gtest.h>

#include "models/common/check.h"

namespace dixion::dram {
namespace {

std::string refusal(const Preset& preset) {
  try {
    validate(preset);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(Presets, AllSevenAreValidAndNameTheSourceOfEveryValue) {
  std::vector<std::string> names;
  for (const Preset& preset : presets()) {
    names.push_back(preset.name);
    EXPECT_EQ(refusal(preset), "");
    ASSERT_EQ(preset.sources.size(), timing_fields().size());
    for (const std::string& source : preset.sources) EXPECT_NE(source, "") << preset.name;
    EXPECT_FALSE(preset.note.empty());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"LPDDR5-6400", "LPDDR5X-8533", "GDDR6-14", "HBM2-2000", "HBM2-2400",
                                             "HBM2E-3024", "HBM3-6400"}));
}

// Pins times pin rate: what the product sheets say one channel delivers.
TEST(Presets, PeakIsPinsTimesPinRate) {
  const auto expect_peak = [](const char* name, std::uint64_t pins, std::uint64_t bits_per_second) {
    EXPECT_EQ(find_preset(name).channel_bits, pins) << name;
    EXPECT_EQ(find_preset(name).peak_bytes_per_second(), pins * bits_per_second / 8) << name;
  };
  expect_peak("LPDDR5-6400", 16, 6'400'000'000);
  expect_peak("LPDDR5X-8533", 16, 8'533'000'000);
  expect_peak("GDDR6-14", 16, 14'000'000'000);
  expect_peak("HBM2-2000", 64, 2'000'000'000);
  expect_peak("HBM2-2400", 64, 2'400'000'000);
  expect_peak("HBM2E-3024", 64, 3'024'000'000);
  expect_peak("HBM3-6400", 32, 6'400'000'000);
}

TEST(Presets, TimesInNanosecondsAreRoundedUpToClocks) {
  const Timing& t = find_preset("LPDDR5-6400").timing;  // 1.25 ns
  EXPECT_EQ(t.rcd_read, 15U);                           // 18 ns
  EXPECT_EQ(t.ras, 34U);                                // 42 ns
  EXPECT_EQ(t.rtp, 8U);                                 // 7.5 ns, but at least 8
  EXPECT_EQ(t.rfc_all, 224U);                           // 280 ns
  EXPECT_EQ(t.refi, 3124U);                             // 3906 ns, never late
  const Timing& x = find_preset("LPDDR5X-8533").timing;
  EXPECT_EQ(x.rcd_read, 20U);
  EXPECT_EQ(x.faw, 22U);
  EXPECT_EQ(find_preset("HBM2-2400").timing.faw, 18U);
  EXPECT_EQ(find_preset("HBM2E-3024").timing.faw, 23U);
}

TEST(Presets, ScaledOnesSaySo) {
  for (const Preset& preset : presets()) {
    const bool scaled = preset.name == "LPDDR5X-8533" || preset.name == "HBM2E-3024";
    EXPECT_EQ(preset.scaled, scaled) << preset.name;
    EXPECT_EQ(preset.sources[0].find("scaled, not from a standard") != std::string::npos, scaled) << preset.name;
  }
}

TEST(Presets, ScaledTimesAreNoShorterThanTheirOrigin) {
  const Preset& from = find_preset("HBM2-2400");
  const Preset& to = find_preset("HBM2E-3024");
  for (auto field : {&Timing::cl, &Timing::rcd_read, &Timing::rp, &Timing::ras, &Timing::rc, &Timing::wr,
                     &Timing::wtr_s, &Timing::faw, &Timing::rrd_s, &Timing::rfc_all}) {
    EXPECT_GE(to.timing.*field * 1000.0 / 1512, from.timing.*field * 1000.0 / 1200 - 0.7);
  }
}

TEST(Presets, UnknownNameListsTheKnownOnes) {
  try {
    (void)find_preset("DDR4-3200");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find("there is no 'DDR4-3200'; there are LPDDR5-6400, "), std::string::npos);
  }
}

/// The preset with one value changed.
Preset with(std::uint32_t Timing::*field, std::uint32_t value) {
  Preset preset = find_preset("HBM2-2000");
  preset.name = "MINE";
  preset.timing.*field = value;
  return preset;
}

TEST(Presets, OneThatContradictsItselfIsRefused) {
  EXPECT_EQ(refusal(with(&Timing::rc, 46)), "dram preset MINE: rc is 46, must be at least ras + rp - 1 = 47");
  EXPECT_EQ(refusal(with(&Timing::rc, 47)), "");
  EXPECT_EQ(refusal(with(&Timing::ccd_s, 1)), "dram preset MINE: ccd_s is 1, must be at least burst = 2");
  EXPECT_EQ(refusal(with(&Timing::ccd_l, 1)), "dram preset MINE: ccd_l is 1, must be at least ccd_s = 2");
  EXPECT_EQ(refusal(with(&Timing::rtw, 10)), "dram preset MINE: rtw + cwl is 15, must be at least cl + burst = 16");
  EXPECT_EQ(refusal(with(&Timing::rtw, 11)), "");
  EXPECT_EQ(refusal(with(&Timing::faw, 3)), "dram preset MINE: faw is 3, must be at least rrd_s = 4");
  EXPECT_EQ(refusal(with(&Timing::cl, 0)), "dram preset MINE: cl is 0, must be at least 1");
  EXPECT_NE(refusal(with(&Timing::refi, 500)), "");
  EXPECT_NE(refusal(with(&Timing::wtr_l, 5)), "");
  EXPECT_NE(refusal(with(&Timing::rfc_bank, 351)), "");
  EXPECT_NE(refusal(with(&Timing::ref_to_ref, 244)), "");
  Preset preset = with(&Timing::cl, 14);
  preset.geometry.bank_groups = 3;
  EXPECT_EQ(refusal(preset), "dram preset MINE: bank_groups is 3, must be a power of two up to 8");
  preset = with(&Timing::cl, 14);
  preset.sources.clear();
  EXPECT_EQ(refusal(preset), "dram preset MINE: names 0 sources for 26 values");
}

}  // namespace
}  // namespace dixion::dram
