// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/dram_system.h"

#include "models/common/check.h"
#include "platform/dram/dram_core_config.h"
#include "platform/dram/dram_target.h"

namespace dixion {

namespace {

const DramSystemConfig& checked(const DramSystemConfig& config, std::size_t config_size) {
  if (config_size != sizeof(DramSystemConfig)) {
    throw ConfigError("dram", "the application was compiled with another dram_system_config.h than the library");
  }
  DramSystem::validate(config);
  return config;
}

}  // namespace

void DramSystem::validate(const DramSystemConfig& config) {
  dram::validate(dram_core_config(config));
  if (config.outstanding == 0) throw ConfigError("soc.memory.dram.outstanding", "must be at least 1");
}

// The comma: a bad configuration is refused before the module exists.
DramSystem::DramSystem(const sc_core::sc_module_name& name, const DramSystemConfig& config, std::size_t config_size)
    : sc_module((static_cast<void>(checked(config, config_size)), name)),
      target_(
          std::make_unique<DramTarget>("target", dram_core_config(config), config.controller_ps, config.outstanding)) {
  port.bind(target_->port);
}

DramSystem::~DramSystem() = default;

unsigned char* DramSystem::data() { return target_->data(); }

std::uint64_t DramSystem::size() const { return target_->size(); }

StatisticsList DramSystem::statistics(const std::string& prefix) { return target_->statistics(prefix); }

}  // namespace dixion
