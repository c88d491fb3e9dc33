// SPDX-License-Identifier: Apache-2.0
/// Walks the atoms of one stream that lie in one channel, in the stream's order. An atom that ends one run and begins
/// the next is fetched once.
#pragma once

#include <array>
#include <cstdint>

#include "models/interconnect/stream_shape.h"
#include "platform/dram/address_map.h"

namespace dixion::dram {

/// What all channels know of one stream.
struct StreamPlan {
  /// `bytes` over all passes; a whole number of passes over `shape` (a rest counts as a pass).
  StreamPlan(const AddressMap& map, std::uint64_t address, const StreamShape& shape, std::uint64_t bytes);

  const AddressMap* map;
  std::uint64_t address;
  std::uint64_t run_bytes;
  unsigned rank = 0;  ///< loops around the run, slowest first; those of count 1 are left out
  std::array<std::uint64_t, 5> count{};
  std::array<std::uint64_t, 5> stride{};
  /// Runs are long: what lies ahead of a place in the middle of one depends on nothing but the local atom.
  bool long_runs;
  std::uint64_t first_byte;  ///< lowest address touched
  std::uint64_t last_byte;   ///< highest address touched
};

/// Plain data: copied with the state of its channel.
struct StreamCursor {
  const StreamPlan* plan = nullptr;
  std::uint64_t run_address = 0;
  std::array<std::uint64_t, 5> index{};
  std::uint64_t local = 0;  ///< the next atom, local to the channel
  std::uint64_t end = 0;    ///< behind the last atom of this run
  std::uint64_t runs = 0;   ///< runs gone through
  unsigned channel = 0;
  bool exhausted = true;

  StreamCursor() = default;
  StreamCursor(const StreamPlan& stream, unsigned in_channel);

  /// Goes to the next atom; sets `exhausted` behind the last.
  void advance() {
    if (++local == end) next_run();
  }

 private:
  void next_run();
  void enter_run();
};

}  // namespace dixion::dram
