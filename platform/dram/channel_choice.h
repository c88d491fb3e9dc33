// SPDX-License-Identifier: Apache-2.0
/// The command a channel's controller would issue next.
#pragma once

#include "platform/dram/channel.h"

namespace dixion::dram {

inline constexpr Cycles kNever = ~Cycles{0};
inline constexpr std::uint8_t kNobody = kMaxStreams + 1;  ///< source of bursts whose stream was abandoned

struct Channel::Choice {
  enum Kind : std::uint8_t { kColumn, kRefresh, kRow };

  /// What is earlier goes first, then the kind, then the older entry: a time (below 2^56), 2 and 6 bits.
  std::uint64_t rank = ~std::uint64_t{0};
  std::uint32_t what = 0;  ///< command, bank

  void offer(Cycles time, Kind kind, unsigned entry, Command command, unsigned bank) {
    const std::uint64_t key = time << 8 | static_cast<unsigned>(kind) << 6 | entry;
    const std::uint32_t offered = static_cast<unsigned>(command) << 8 | bank;
    what = key < rank ? offered : what;
    rank = key < rank ? key : rank;
  }
  [[nodiscard]] Cycles at() const { return rank >> 8; }
  [[nodiscard]] Kind kind() const { return static_cast<Kind>(rank >> 6 & 3); }
  [[nodiscard]] unsigned entry() const { return rank & 63; }
  [[nodiscard]] Command command() const { return static_cast<Command>(what >> 8); }
  [[nodiscard]] unsigned bank() const { return what & 255; }
};

}  // namespace dixion::dram
