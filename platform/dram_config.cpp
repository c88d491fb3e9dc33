// SPDX-License-Identifier: Apache-2.0
#include "platform/dram_config.h"

#include <algorithm>

#include "models/common/check.h"
#include "platform/dram/address_map.h"
#include "platform/dram/dram_core_config.h"
#include "platform/dram/presets.h"

namespace dixion {
namespace {

constexpr std::uint64_t kUsualCapacity = 8ULL << 30;

/// What all channels hold, at most the usual capacity. A preset or mapping that is wrong is found on validation.
std::uint64_t capacity_of(const config::Memory::Dram& config) {
  try {
    const dram::Preset preset = dram::changed(dram::find_preset(config.preset()), config.timing());
    const dram::MappingConfig mapping{config.channels(), config.interleave_bytes(), config.order(), config.xors()};
    return std::min(kUsualCapacity, dram::AddressMap(preset.geometry, mapping).capacity_bytes());
  } catch (const ConfigError&) {
    return kUsualCapacity;
  }
}

DramSystemConfig checked(const config::Memory::Dram& config) {
  DramSystemConfig to;
  to.preset = config.preset();
  to.timing = config.timing();
  to.channels = config.channels();
  to.capacity_bytes = config.capacity_bytes();
  to.interleave_bytes = config.interleave_bytes();
  to.order = config.order();
  to.xors = config.xors();
  to.window = config.window();
  to.starvation_limit = config.starvation_limit();
  to.page_policy =
      config.page_policy() == config::Memory::Dram::closed ? DramPagePolicy::kClosed : DramPagePolicy::kOpen;
  to.refresh = config.refresh() == config::Memory::Dram::none       ? DramRefresh::kNone
               : config.refresh() == config::Memory::Dram::per_bank ? DramRefresh::kPerBank
                                                                    : DramRefresh::kAllBank;
  to.controller_ps = config.controller_ns() * 1000;
  dram::validate(dram_core_config(to));
  return to;
}

}  // namespace

void complete(config::Memory::Dram& config) {
  const DramSystemConfig defaults;
  config::Memory::Dram full;
  full.set_preset(defaults.preset);
  full.set_timing(defaults.timing);
  full.set_channels(defaults.channels);
  full.set_interleave_bytes(defaults.interleave_bytes);
  full.set_order(defaults.order);
  full.set_xors(defaults.xors);
  full.set_page_policy(config::Memory::Dram::open);
  full.set_refresh(config::Memory::Dram::all_bank);
  full.set_window(defaults.window);
  full.set_starvation_limit(defaults.starvation_limit);
  full.set_controller_ns(defaults.controller_ps / 1000);
  full.MergeFrom(config);
  if (!full.has_capacity_bytes()) full.set_capacity_bytes(capacity_of(full));
  config = full;
}

DramSystemConfig dram_system_config(const config::Memory::Dram& config) {
  try {
    return checked(config);
  } catch (const ConfigError& error) {  // the library knows no configuration file
    throw ConfigError("soc.memory.dram", error.what());
  }
}

}  // namespace dixion
