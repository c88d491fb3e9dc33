// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/elf_loader.h"
#include "host/host_status.h"
#include "models/command_processor/queue_status.h"
#include "models/common/clock.h"

namespace dixion {

/// Why the run ended without the firmware's verdict.
enum class Standstill : std::uint8_t { kAsleep, kTrapLoop, kRanOn };

/// What is known about a simulation that does not get on.
struct StandstillFacts {
  Standstill kind = Standstill::kAsleep;
  Ticks now = 0;
  host::HostStatus host;
  std::vector<QueueStatus> queues;
  std::vector<std::string> recent_commands;  ///< oldest first
};

/// Who waits for what, which interrupt is pending but masked, the last commands, and a hint: one line each.
std::vector<std::string> describe_standstill(const StandstillFacts& facts, const host::ElfImage& program);

}  // namespace dixion
