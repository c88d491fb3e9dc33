// SPDX-License-Identifier: Apache-2.0
#include "platform/energy/energy_table.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/common/check.h"
#include "platform/energy/energy_config.h"
#include "platform/key_rules.h"
#include "platform/presets.h"
#include "platform/soc_config.h"
#include "traces/proto/text_config.h"

namespace dixion {
namespace {

const EnergyRange& row(const EnergyTable& table, Action action) {
  return table.action[static_cast<std::size_t>(action)];
}

// Horowitz (ISSCC 2014) at 45 nm, 0.9 V: low by Stillmaker and Baas's ratio 0.114 to 14 nm at 0.8 V, high by the ratio
// of the published 7 nm table at the same place on the way, nominal half way between on a logarithmic scale.
void expect_scaled(const EnergyRange& range, double pico_at_45, double high_ratio) {
  const double low = 1000 * pico_at_45 * 0.114, high = 1000 * pico_at_45 * high_ratio;
  EXPECT_NEAR(static_cast<double>(range.low), low, 1.0);
  EXPECT_NEAR(static_cast<double>(range.high), high, 1.0);
  EXPECT_NEAR(static_cast<double>(range.nominal), std::sqrt(low * high), 2.0);
}

TEST(EnergyParameters, ProductsFollowTheFiguresOf45Nanometres) {
  const EnergyParameters parameters;
  expect_scaled(parameters.mac_int8, 0.20 + 0.10, 0.50);
  expect_scaled(parameters.mac_int12_int8, 0.20 * 12 / 8 + 0.10, 0.50);
  expect_scaled(parameters.mac_int12, 0.20 * 12 * 12 / 64 + 0.10, 0.50);
  expect_scaled(parameters.mac_float16, 1.1 + 0.9, 0.53);
}

// Between Horowitz's 45 nm and the 7 nm figures of TPUv4i, on a line in the logarithms of node and energy.
TEST(EnergyParameters, SramFollowsBothPublishedNodes) {
  const EnergyParameters parameters;
  const auto check = [](const EnergyRange& range, double at_45, double at_7) {
    const double slope = std::log(at_45 / at_7) / std::log(45.0 / 7.0);
    const double low = 1000 * at_45 * 0.114, high = 1000 * at_45 * std::pow(14.0 / 45.0, slope);
    EXPECT_NEAR(static_cast<double>(range.low), low, 1.0);
    EXPECT_NEAR(static_cast<double>(range.high), high, 0.01 * high);
    EXPECT_NEAR(static_cast<double>(range.nominal), std::sqrt(low * high), 0.01 * high);
  };
  check(parameters.sram_8k_byte, 10.0 / 8, 7.5 / 8);
  check(parameters.sram_32k_byte, 20.0 / 8, 8.5 / 8);
  check(parameters.sram_1m_byte, 100.0 / 8, 14.0 / 8);
}

TEST(EnergyTable, SramLawMeetsItsRowsAndGrowsWithTheRootOfTheSize) {
  EnergyParameters parameters;
  parameters.sram_8k_byte = {90, 90, 90};      // root of 8 KiB is 90
  parameters.sram_32k_byte = {181, 181, 181};  // of 32 KiB 181
  parameters.sram_1m_byte = {1024, 1024, 1024};
  EXPECT_EQ(sram_byte(parameters, 8 << 10).nominal, 90U);
  EXPECT_EQ(sram_byte(parameters, 32 << 10).nominal, 181U);
  EXPECT_EQ(sram_byte(parameters, 1 << 20).nominal, 1024U);
  EXPECT_EQ(sram_byte(parameters, 16 << 10).nominal, 128U);   // between
  EXPECT_EQ(sram_byte(parameters, 256 << 10).nominal, 512U);  // between
  EXPECT_EQ(sram_byte(parameters, 4 << 20).nominal, 2048U);   // beyond
  EXPECT_EQ(sram_byte(parameters, 2 << 10).nominal, 45U);     // below
  EXPECT_EQ(sram_byte(EnergyParameters{}, 1).low, 4U);        // 143 - 89 x 142 / 91 at a root of 1 is 4.1
}

TEST(EnergyTable, NetworkIsAHopAndAWay) {
  EnergyParameters parameters;
  parameters.network_hop_byte = {1, 10, 100};
  parameters.network_mm_byte = {2, 20, 200};
  parameters.network_um = 2500;
  EXPECT_EQ(row(make_energy_table(parameters, {}), Action::kNetworkByte), (EnergyRange{6, 60, 600}));
}

TEST(EnergyTable, CountedActivationsLeaveTheFigurePerByte) {
  EnergyParameters parameters;
  parameters.dram_byte = {100, 1000, 2000};
  parameters.dram_activation = {204'800, 409'600, 409'600};  // 100, 200, 200 per byte of a page
  EnergyTable table = make_energy_table(parameters, {});
  EXPECT_EQ(row(table, Action::kDramByte), (EnergyRange{100, 1000, 2000}));
  EXPECT_EQ(table.activation, (EnergyRange{0, 0, 0}));
  parameters.activations_counted = true;
  table = make_energy_table(parameters, {});
  EXPECT_EQ(row(table, Action::kDramByte), (EnergyRange{0, 800, 1800}));
  EXPECT_EQ(table.activation, parameters.dram_activation);
}

// One core of 2 x 3 units of 4, one vector lane, 5 bytes per cycle of global buffer, at 1 GHz.
TEST(EnergyTable, LeakageIsAShareOfThePeak) {
  AcceleratorConfig config;
  config.clock_hz = 1'000'000'000;
  config.cores = 1;
  config.array_rows = 2;
  config.array_columns = 3;
  config.dot_length = 4;
  config.vector_lanes = 1;
  config.global_buffer_banks = 1;
  config.global_buffer_word_bytes = 5;
  EnergyParameters parameters;
  parameters.mac_int12_int8 = {1000, 1000, 1000};
  parameters.register_byte = {100, 100, 100};
  parameters.vector_element = {700, 700, 700};
  for (EnergyRange* sram : {&parameters.sram_8k_byte, &parameters.sram_32k_byte, &parameters.sram_1m_byte}) {
    *sram = {10, 10, 10};
  }
  parameters.leakage = {100, 200, 1000};
  // 24 products, 60 register bytes, 4 x (2 x 2 + 3) bytes of core SRAM, an element, 5 bytes of the buffer, in fJ:
  const std::uint64_t peak = 24 * 1000 + 60 * 100 + 28 * 10 + 700 + 5 * 10;  // at 1 GHz as many uW
  EXPECT_EQ(make_energy_table(parameters, config).leakage_uw, (EnergyRange{peak / 10, peak / 5, peak}));
}

// Whole cores of 14 to 16 nm take 0.22 to 0.28 pJ per INT8 product with their local buffers (Simba, NVDLA).
TEST(EnergyTable, AFullArrayIsNearPublishedWholeCores) {
  const EnergyTable table = make_energy_table({}, {});
  const double sram = (2.0 / 16 + 1.0 / 16) * static_cast<double>(row(table, Action::kCoreSramByte).nominal);
  const double per_mac = static_cast<double>(row(table, Action::kMacInt12Int8).nominal) +
                         2.5 * static_cast<double>(row(table, Action::kRegisterByte).nominal) + sram;
  EXPECT_GT(per_mac, 220);
  EXPECT_LT(per_mac, 280);
}

TEST(EnergyConfig, EveryKeyOfTheTableIsTakenOver) {
  config::Energy message;
  EnergyParameters parameters;
  std::uint64_t value = 1;
  for (const EnergyRow& entry : kEnergyRows) parameters.*entry.range = {value, value + 1, value + 2}, value += 3;
  parameters.network_um = value;
  put_energy(parameters, message);
  const EnergyParameters back = take_energy(message);
  for (const EnergyRow& entry : kEnergyRows) EXPECT_EQ(back.*entry.range, parameters.*entry.range) << entry.key;
  EXPECT_EQ(back.network_um, value);
  EXPECT_EQ(config::Energy::descriptor()->field_count(), static_cast<int>(kEnergyRows.size()) + 1);
}

TEST(EnergyConfig, BoundsMustBeInOrder) {
  EXPECT_NO_THROW((void)validate_soc_config(load_soc_config("exion4", {"soc.energy.mac_int8.low=71"})));
  try {
    (void)validate_soc_config(load_soc_config("exion4", {"soc.energy.mac_int8.low=72"}));
    FAIL() << "accepted";
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "soc.energy.mac_int8: low 72, nominal 71, high 150 are not in ascending order");
  }
}

// Only the DRAM model with rows counts how many it opens.
TEST(EnergyConfig, ActivationsAreCountedWhereTheMemoryHasRows) {
  config::SocConfig config = load_soc_config("exion4", {});
  config.mutable_memory()->mutable_simple()->set_capacity_bytes(256 << 20);
  config.mutable_memory()->mutable_simple()->set_latency_ns(100);
  config.mutable_memory()->mutable_simple()->set_bytes_per_second(1'000'000'000);
  EXPECT_FALSE(validate_soc_config(config).energy.activations_counted);
  EXPECT_TRUE(validate_soc_config(load_soc_config("exion4", {"soc.memory.dram.preset=LPDDR5-6400"}))
                  .energy.activations_counted);
}

TEST(EnergyConfig, KeysTellRowUnitAndBound) {
  const std::vector<std::string> lines = describe_keys(load_soc_config("exion4", {}));
  EXPECT_THAT(lines, testing::Contains(testing::AllOf(testing::StartsWith("soc.energy.mac_int8.high = 150  [0 to "),
                                                      testing::HasSubstr("fJ"), testing::HasSubstr("Horowitz"),
                                                      testing::HasSubstr("upper bound"))));
}

TEST(EnergyConfig, EveryPresetSaysWhereEachRowComesFrom) {
  for (const std::string& preset : preset_names(soc_folders())) {
    if (preset.find('+') != std::string::npos) continue;  // changes the memory only
    const std::string text = read_file(find_preset("--soc", "SoC", soc_folders(), preset));
    for (const EnergyRow& entry : kEnergyRows) {
      EXPECT_THAT(text, testing::ContainsRegex(std::string("\n  ") + entry.key +
                                               " \\{ low: [0-9]+ nominal: [0-9]+ high: [0-9]+ \\} +# "
                                               "(published|derived|assumed): "))
          << preset;
    }
    EXPECT_THAT(text, testing::ContainsRegex("\n  network_um: [0-9]+ +# (published|derived|assumed): ")) << preset;
  }
}

}  // namespace
}  // namespace dixion
