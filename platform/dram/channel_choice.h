// SPDX-License-Identifier: Apache-2.0
/// The command a channel's controller would issue next.
#pragma once

#include "platform/dram/channel.h"

namespace dixion::dram {

inline constexpr Cycles kNever = ~Cycles{0};
inline constexpr std::uint8_t kNobody = kMaxStreams + 1;  ///< source of bursts whose stream was abandoned

struct Channel::Choice {
  enum Kind : std::uint8_t { kColumn, kRefresh, kRow };

  Cycles at = kNever;
  Kind kind = kRow;
  Command command = Command::kPrecharge;
  unsigned entry = ~0U;
  unsigned bank = 0;

  /// Takes the offer if it is earlier, or as early and goes before.
  void offer(Cycles time, Kind what, unsigned for_entry, Command how, unsigned where) {
    if (time > at) return;
    if (time == at && (what > kind || (what == kind && for_entry >= entry))) return;
    *this = {time, what, how, for_entry, where};
  }
};

}  // namespace dixion::dram
