// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace dixion {

enum class DramPagePolicy : std::uint8_t {
  kOpen,   ///< a row stays open until another is needed
  kClosed  ///< the last waiting column of a row closes it
};
enum class DramRefresh : std::uint8_t { kAllBank, kPerBank, kNone };

/// What docs/memory.md explains. Wrong values are refused by DramSystem::validate.
struct DramSystemConfig {
  std::string preset = "LPDDR5-6400";           ///< timing of one channel, by name
  std::string timing = {};                      ///< changes to it, "rcd_read=20 rp=18"
  unsigned channels = 4;                        ///< 1 to 1024, any number
  std::uint64_t capacity_bytes = 256ULL << 20;  ///< addressable; at most what the channels hold
  std::uint32_t interleave_bytes = 256;         ///< consecutive bytes in one channel
  std::string order = "row bank column group";  ///< fields of an address in a channel, most significant first
  std::string xors = {};                        ///< bits XORed into others, "group.0^row.0 bank.1^row.2"
  DramPagePolicy page_policy = DramPagePolicy::kOpen;
  DramRefresh refresh = DramRefresh::kAllBank;
  unsigned window = 32;                  ///< bursts a channel chooses from, 1 to 64
  unsigned starvation_limit = 128;       ///< younger columns that may go before the oldest burst, at least 1
  std::uint64_t controller_ps = 20'000;  ///< from the port to the channel and back, assumed
  unsigned outstanding = 64;             ///< four-phase requests taken before the first is answered, at least 1
};

}  // namespace dixion
