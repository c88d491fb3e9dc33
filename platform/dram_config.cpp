// SPDX-License-Identifier: Apache-2.0
#include "platform/dram_config.h"

#include <algorithm>

#include "models/common/check.h"
#include "platform/dram/address_map.h"
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
  to.core.preset = dram::changed(dram::find_preset(config.preset()), config.timing());
  to.core.mapping = {config.channels(), config.interleave_bytes(), config.order(), config.xors()};
  to.core.capacity_bytes = config.capacity_bytes();
  dram::ControllerConfig& controller = to.core.controller;
  controller.window = config.window();
  controller.starvation_limit = config.starvation_limit();
  controller.page_policy =
      config.page_policy() == config::Memory::Dram::closed ? dram::PagePolicy::kClosed : dram::PagePolicy::kOpen;
  controller.refresh = config.refresh() == config::Memory::Dram::none       ? dram::RefreshMode::kNone
                       : config.refresh() == config::Memory::Dram::per_bank ? dram::RefreshMode::kPerBank
                                                                            : dram::RefreshMode::kAllBank;
  to.controller_ps = config.controller_ns() * 1000;
  dram::validate(to.core);
  return to;
}

}  // namespace

void complete(config::Memory::Dram& config) {
  const DramSystemConfig defaults;
  config::Memory::Dram full;
  full.set_preset("LPDDR5-6400");
  full.set_timing("");
  full.set_channels(4);
  full.set_interleave_bytes(defaults.core.mapping.interleave_bytes);
  full.set_order(defaults.core.mapping.order);
  full.set_xors(defaults.core.mapping.xors);
  full.set_page_policy(config::Memory::Dram::open);
  full.set_refresh(config::Memory::Dram::all_bank);
  full.set_window(defaults.core.controller.window);
  full.set_starvation_limit(defaults.core.controller.starvation_limit);
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
