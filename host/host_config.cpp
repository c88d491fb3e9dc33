// SPDX-License-Identifier: Apache-2.0
#include "host/host_config.h"

#include <string>

#include "host/boot_rom.h"
#include "models/common/check.h"

namespace dixion::host {
namespace {

void require(bool condition, const std::string& field, const std::string& reason) {
  if (!condition) throw ConfigError("soc.host." + field, reason);
}

}  // namespace

void validate(const HostConfig& config) {
  constexpr std::uint64_t kTera = 1'000'000'000'000;
  require(config.harts >= 1 && config.harts <= 8, "harts", std::to_string(config.harts) + " is not from 1 to 8");
  require(config.clock_hz >= 1 && config.clock_hz <= kTera, "clock_hz", "must be from 1 Hz to 1 THz");
  require(config.mtime_hz >= 1 && config.mtime_hz <= config.clock_hz, "mtime_hz",
          "must be from 1 Hz to the hart clock's rate");
  require(config.quantum_ticks >= 1, "quantum", "must be at least the time resolution");
  require(config.dram_size != 0 && config.dram_base <= ~0ULL - (config.dram_size - 1), "dram_size",
          "must be more than 0 and end within 64-bit addresses");
  require(config.boot_rom.size() <= kBootRomSize, "boot_rom",
          std::to_string(config.boot_rom.size()) + " bytes are more than " + std::to_string(kBootRomSize));
  require(config.trap_loop_threshold >= 1000, "trap_loop_threshold", "must be at least 1000");
}

}  // namespace dixion::host
