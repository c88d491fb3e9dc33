// SPDX-License-Identifier: Apache-2.0
#include "platform/soc_config.h"

#include <filesystem>
#include <fstream>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/common/check.h"
#include "platform/dram/dram_core_config.h"
#include "platform/presets.h"
#include "platform/settings.h"

namespace dixion {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

/// Message of the ConfigError that `action` throws.
std::string config_error(const std::function<void()>& action) {
  try {
    action();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no ConfigError";
}

SocParameters exion4_with(const std::vector<std::string>& sets) {
  return validate_soc_config(load_soc_config("exion4", sets));
}

std::string write_file(const std::string& name, const std::string& content) {
  const std::string path = testing::TempDir() + name;
  std::ofstream(path) << content;
  return path;
}

TEST(SocConfig, PresetExion4IsWhatTheStructsDefaultTo) {
  EXPECT_EQ(load_soc_config("exion4", {}).SerializeAsString(), default_soc_config().SerializeAsString());
}

TEST(SocConfig, PresetExion4HasThePublishedClock) {
  const SocParameters soc = exion4_with({});
  EXPECT_EQ(soc.accelerator.clock_hz, 800'000'000U);
  EXPECT_EQ(soc.accelerator.array_rows, 16U);
  EXPECT_EQ(soc.accelerator.array_columns, 16U);
}

TEST(SocConfig, SettingsApplyInOrder) {
  EXPECT_EQ(exion4_with({"soc.accelerator.cores=8", "soc.accelerator.cores=2"}).accelerator.cores, 2U);
}

TEST(SocConfig, EnumeratorsAreSetByName) {
  EXPECT_TRUE(exion4_with({"soc.host.memory=exact"}).host.exact_memory);
  EXPECT_EQ(exion4_with({"soc.accelerator.core_sram.bank_map=xor"}).accelerator.core_sram_map, "xor");
}

TEST(SocConfig, BankMapsHaveNamesAndAMatrixHasMasks) {
  const auto map = [](const std::string& name) {
    return exion4_with({"soc.accelerator.global_buffer.bank_map=" + name}).accelerator.global_buffer_map;
  };
  EXPECT_EQ(map("interleave"), "interleave");
  EXPECT_EQ(map("ipoly"), "ipoly");
  EXPECT_EQ(map("prime"), "prime");
  const std::string path = write_file(
      "matrix.textproto",
      "accelerator { core_sram { bank_map: \"matrix\" bank_mask: [0x11, 0x22] bank_mask: 0x44 bank_mask: 0x88 } }");
  const AcceleratorConfig accelerator = validate_soc_config(load_soc_config(path, {})).accelerator;
  EXPECT_EQ(accelerator.core_sram_map, "matrix");
  EXPECT_EQ(accelerator.core_sram_masks, (std::vector<std::uint64_t>{0x11, 0x22, 0x44, 0x88}));
  EXPECT_TRUE(accelerator.global_buffer_masks.empty());
}

TEST(SocConfig, PoliciesThatDoNotExistAreRefusedWithThoseThatDo) {
  EXPECT_EQ(config_error([] { exion4_with({"soc.accelerator.core_sram.bank_map=xr"}); }),
            "soc.accelerator.core_sram.bank_map: 'xr' is none of interleave, xor, ipoly, prime, matrix");
  EXPECT_EQ(config_error([] { exion4_with({"soc.accelerator.mask_rule=most"}); }),
            "soc.accelerator.mask_rule: 'most' is none of threshold");
  EXPECT_FALSE(exion4_with({"soc.accelerator.list_mode.multicast=false"}).accelerator.list_multicast);
}

TEST(SocConfig, BankMasksThatAreNoMapAreRefusedByKey) {
  const auto error = [](const std::string& map, const std::string& masks) {
    return config_error([&] {
      exion4_with({"soc.accelerator.core_sram.bank_map=" + map, "soc.accelerator.core_sram.bank_mask=" + masks});
    });
  };
  EXPECT_EQ(error("matrix", "0x1,0x2,0x4,0x8"), "no ConfigError");
  EXPECT_THAT(error("matrix", "1,2,4"), StartsWith("soc.accelerator.core_sram.bank_mask: 16 banks need 4 masks"));
  EXPECT_THAT(error("matrix", "1,2,4,7"), StartsWith("soc.accelerator.core_sram.bank_mask: mask 3 is the xor"));
  EXPECT_THAT(error("xor", "1,2,4,8"), StartsWith("soc.accelerator.core_sram.bank_mask: masks are taken by"));
  EXPECT_THAT(error("matrix", "1,2,4,x"), StartsWith("soc.accelerator.core_sram.bank_mask"));
  EXPECT_THAT(config_error([] { exion4_with({"soc.accelerator.global_buffer.bank_map=matrix"}); }),
              StartsWith("soc.accelerator.global_buffer.bank_mask: 16 banks need 4 masks"));
}

TEST(SocConfig, RangeIsCheckedOnBothSides) {
  EXPECT_EQ(exion4_with({"soc.accelerator.cores=1"}).accelerator.cores, 1U);
  EXPECT_EQ(exion4_with({"soc.accelerator.cores=64"}).accelerator.cores, 64U);
  EXPECT_EQ(config_error([] { exion4_with({"soc.accelerator.cores=0"}); }),
            "soc.accelerator.cores: 0 is outside 1 to 64");
  EXPECT_EQ(config_error([] { exion4_with({"soc.accelerator.cores=65"}); }),
            "soc.accelerator.cores: 65 is outside 1 to 64");
}

TEST(SocConfig, BankCountMustBeAPowerOfTwo) {
  EXPECT_EQ(exion4_with({"soc.accelerator.global_buffer.banks=32"}).accelerator.global_buffer_banks, 32U);
  EXPECT_THAT(config_error([] { exion4_with({"soc.accelerator.global_buffer.banks=24"}); }),
              AllOf(StartsWith("soc.accelerator.global_buffer.banks: 24"), EndsWith("a power of two")));
}

TEST(SocConfig, WordsMayHaveAnySizeThatTilesTheBuffer) {
  const std::string bytes = "soc.accelerator.core_sram.bytes=";
  const std::vector<std::string> words{"soc.accelerator.core_sram.banks=64",
                                       "soc.accelerator.core_sram.word_bytes=144"};
  EXPECT_EQ(exion4_with({words[0], words[1], bytes + "387072"}).accelerator.core_sram_word_bytes, 144U);
}

TEST(SocConfig, TimingModeLeavesValuesOut) {
  EXPECT_TRUE(exion4_with({}).accelerator.compute_values);
  EXPECT_FALSE(exion4_with({"soc.accelerator.mode=timing"}).accelerator.compute_values);
}

TEST(SocConfig, MemoryPortsCarryTheBandwidthOfEveryPreset) {
  for (const std::string& preset : preset_names(soc_folders())) {
    const SocParameters soc = validate_soc_config(load_soc_config(preset, {}));
    const AcceleratorConfig& accelerator = soc.accelerator;
    EXPECT_GE(accelerator.clock_hz * accelerator.memory_bytes_per_cycle, soc.memory.bytes_per_second) << preset;
    EXPECT_GE(accelerator.clock_hz * accelerator.dma_bytes_per_cycle, soc.memory.bytes_per_second) << preset;
  }
}

TEST(SocConfig, UnknownKeyNamesTheNearestOne) {
  EXPECT_THAT(config_error([] { exion4_with({"soc.accelerator.core=2"}); }),
              AllOf(HasSubstr("soc.accelerator.core"), HasSubstr("'cores'")));
}

TEST(SocConfig, UnknownKeyInAFileHasLineAndColumn) {
  const std::string path = write_file("unknown_key.textproto", "accelerator {\n  clok_hz: 1\n}\n");
  EXPECT_THAT(config_error([&] { (void)load_soc_config(path, {}); }), AllOf(HasSubstr(":2:"), HasSubstr("clock_hz")));
}

TEST(SocConfig, UnknownChangeOfAPresetNamesTheNearestOne) {
  EXPECT_THAT(config_error([] { (void)load_soc_config("exion24+gddr", {}); }),
              AllOf(HasSubstr("--soc"), HasSubstr("exion24+gddr6")));
}

TEST(SocConfig, UnknownPresetNamesTheNearestOne) {
  EXPECT_THAT(config_error([] { (void)load_soc_config("exion5", {}); }),
              AllOf(StartsWith("--soc: there is no SoC 'exion5'"), HasSubstr("'exion4'")));
}

TEST(SocConfig, KeysThatAFileLeavesOutTakeTheDefaults) {
  const std::string path = write_file("partial.textproto", "accelerator { cores: 7 }\n");
  const SocParameters soc = validate_soc_config(load_soc_config(path, {}));
  EXPECT_EQ(soc.accelerator.cores, 7U);
  EXPECT_EQ(soc.accelerator.array_rows, AcceleratorConfig{}.array_rows);
}

TEST(SocConfig, JsonIsAccepted) {
  const std::string path = write_file("soc.json", R"({"accelerator": {"cores": 3}, "host": {"memory": "exact"}})");
  const SocParameters soc = validate_soc_config(load_soc_config(path, {}));
  EXPECT_EQ(soc.accelerator.cores, 3U);
  EXPECT_TRUE(soc.host.exact_memory);
}

TEST(SocConfig, EveryKeySaysWhatItMeans) {
  for (const std::string& line : describe_keys(default_soc_config())) {
    EXPECT_GT(line.size() - line.find("]  "), 8U) << line;
  }
}

TEST(Settings, MustNameTheirRootAndAValue) {
  EXPECT_THAT(config_error([] { check_settings({"accelerator.cores=8"}); }), HasSubstr("must start with 'soc.'"));
  EXPECT_THAT(config_error([] { check_settings({"soc.accelerator.cores"}); }), HasSubstr("no '='"));
  EXPECT_NO_THROW(check_settings({"soc.accelerator.cores=8", "workload.classes=0,1"}));
}

TEST(SocConfig, DramWithTimingIsCompletedFromDefaultsAndChecked) {
  EXPECT_FALSE(exion4_with({}).memory.dram.has_value());
  const SocParameters soc = exion4_with({"soc.memory.dram.preset=HBM2-2000", "soc.memory.dram.channels=12",
                                         "soc.memory.dram.refresh=per_bank", "soc.memory.dram.timing=rtp=7",
                                         "soc.memory.dram.capacity_bytes=1073741824"});
  ASSERT_TRUE(soc.memory.dram.has_value());
  EXPECT_EQ(soc.memory.capacity_bytes, 1073741824U);
  const dram::CoreConfig core = dram_core_config(*soc.memory.dram);
  EXPECT_EQ(core.mapping.channels, 12U);
  EXPECT_EQ(core.preset.timing.rtp, 7U);
  EXPECT_EQ(core.preset.timing.rp, 14U);
  EXPECT_EQ(core.controller.refresh, dram::RefreshMode::kPerBank);
  EXPECT_EQ(core.controller.window, 32U);
  EXPECT_EQ(soc.memory.bytes_per_second, 12U * 16'000'000'000U);
}

TEST(SocConfig, SimpleMemoryIsCompletedFromDefaults) {
  const std::string path = write_file("channels.textproto", "memory { dram { channels: 2 } }\n");
  const SocParameters soc = validate_soc_config(load_soc_config(path, {"soc.memory.simple.latency_ns=7"}));
  EXPECT_FALSE(soc.memory.dram.has_value());
  EXPECT_EQ(soc.memory.latency_ns, 7U);
  EXPECT_EQ(soc.memory.capacity_bytes, std::uint64_t{8} << 30);
  EXPECT_EQ(soc.memory.bytes_per_second, 51'200'000'000U);
}

TEST(SocConfig, PresetWithChannelsChangesTheMemoryOfItsBase) {
  const SocParameters base = validate_soc_config(load_soc_config("exion24", {}));
  const SocParameters soc = validate_soc_config(load_soc_config("exion24+gddr6", {"soc.memory.dram.window=8"}));
  EXPECT_EQ(soc.accelerator.cores, base.accelerator.cores);
  EXPECT_EQ(soc.memory.capacity_bytes, base.memory.capacity_bytes);
  ASSERT_TRUE(soc.memory.dram.has_value());
  EXPECT_EQ(dram_core_config(*soc.memory.dram).mapping.channels, 29U);
  EXPECT_EQ(dram_core_config(*soc.memory.dram).controller.window, 8U);
}

TEST(SocConfig, ChangeOfAFileIsReadBehindTheFileBesideIt) {
  const std::string change = write_file("mine+more.textproto", "accelerator { cores: 7 }\n");
  std::filesystem::remove(testing::TempDir() + "mine.textproto");  // of an earlier run
  EXPECT_THAT(config_error([&] { (void)load_soc_config(change, {}); }),
              AllOf(HasSubstr("--soc"), HasSubstr("mine.textproto"), HasSubstr("not there")));
  write_file("mine.textproto", "accelerator { cores: 3 vector_lanes: 5 }\n");
  const SocParameters soc = validate_soc_config(load_soc_config(change, {}));
  EXPECT_EQ(soc.accelerator.cores, 7U);
  EXPECT_EQ(soc.accelerator.vector_lanes, 5U);
}

TEST(SocConfig, PresetsWithChannelsHaveTheBandwidthOfTheirBaseWithinAPercent) {
  unsigned seen = 0;
  for (const std::string& preset : preset_names(soc_folders())) {
    const std::string base = preset.substr(0, preset.find('+'));
    if (base == preset) continue;
    const double fixed = static_cast<double>(validate_soc_config(load_soc_config(base, {})).memory.bytes_per_second);
    const auto channels = validate_soc_config(load_soc_config(preset, {})).memory.bytes_per_second;
    EXPECT_NEAR(static_cast<double>(channels) / fixed, 1, 0.01) << preset;
    ++seen;
  }
  EXPECT_EQ(seen, 4U);
}

TEST(SocConfig, DramHoldsEightGibibytesOrWhatItsChannelsHold) {
  // 2 channels of LPDDR5 with 2 GiB each; 5 stacks of HBM2E hold far more.
  EXPECT_EQ(exion4_with({"soc.memory.dram.channels=2"}).memory.capacity_bytes, std::uint64_t{4} << 30);
  EXPECT_EQ(exion4_with({"soc.memory.dram.preset=HBM2E-3024", "soc.memory.dram.channels=80"}).memory.capacity_bytes,
            std::uint64_t{8} << 30);
}

TEST(SocConfig, MistakesInTheDramAreNamed) {
  const auto error = [](const std::string& set) { return config_error([&] { (void)exion4_with({set}); }); };
  EXPECT_THAT(error("soc.memory.dram.preset=DDR9"),
              HasSubstr("soc.memory.dram: dram preset: there is no 'DDR9'; there are LPDDR5-6400"));
  EXPECT_THAT(error("soc.memory.dram.window=65"), HasSubstr("soc.memory.dram.window: 65 is outside 1 to 64"));
  EXPECT_THAT(error("soc.memory.dram.timing=rc=3"), HasSubstr("rc is 3, must be at least ras + rp - 1"));
  EXPECT_THAT(error("soc.memory.dram.timing=rcd"), HasSubstr("'rcd' must look like rcd_read=20"));
  EXPECT_THAT(error("soc.memory.dram.xors=bank.0^bank.0"), HasSubstr("is no bijection"));
  EXPECT_THAT(error("soc.memory.dram.capacity_bytes=68719476736"), HasSubstr("what 4 channels of LPDDR5-6400 hold"));
  EXPECT_THAT(error("soc.memory.dram.capacity_bytes=1048577"), HasSubstr("is not a multiple of 4096"));
}

}  // namespace
}  // namespace dixion
