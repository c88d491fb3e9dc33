// SPDX-License-Identifier: Apache-2.0
/// Channels that are in the same state and see the same bursts, simulated once. Most streams reach all channels of a
/// DRAM in two or three ways; what tells channels apart (ordinary accesses, the ends of streams) is gone after a while.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "platform/dram/channel.h"

namespace dixion::dram {

struct Lane {
  using Id = std::uint64_t;
  static constexpr Cycles kShortestLook = 8'192;

  struct Waiting {
    Id id;
    StreamCursor cursor;
  };

  explicit Lane(const Channel& with) : channel(with) {}

  /// Nothing that may come tells their channels apart. Both must stand where they are, not run ahead.
  [[nodiscard]] bool equals(const Lane& other) const;

  Channel channel;
  std::vector<unsigned> members;  ///< channel numbers, at least one
  ChannelState saved;             ///< before it ran ahead
  bool ahead = false;
  Cycles stop = ~Cycles{0};  ///< the next time to look at it; valid if `known`
  bool known = true;
  Cycles look = kShortestLook;
  std::array<Id, kMaxStreams> owner{};
  std::deque<Waiting> waiting;  ///< for a slot
};

}  // namespace dixion::dram
