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
  /// The regular level: the loop that is long enough for its iterations to follow each other for a while; `rank` stands
  /// for the atoms of a run. In its midst, what lies ahead does not depend on how far it is.
  unsigned regular;
  std::uint64_t horizon;     ///< iterations (atoms) of it with about kHorizonAtoms in each channel
  std::uint64_t first_byte;  ///< lowest address touched
  std::uint64_t last_byte;   ///< highest address touched

  static constexpr std::uint64_t kHorizonAtoms = 80;
  [[nodiscard]] bool atoms_are_regular() const { return regular == rank; }
  /// All runs are the same: what a channel sees does not depend on its number, once `local` and `end` are known.
  [[nodiscard]] bool equal_passes() const { return rank == 0 || (rank == 1 && stride[0] == 0); }
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
  /// Iterations of the regular level that are left, this one included.
  [[nodiscard]] std::uint64_t left() const {
    return plan->atoms_are_regular() ? end - local : plan->count[plan->regular] - index[plan->regular];
  }
  /// Where the run lies within a period of that many atoms, the same for all channels that see the same.
  [[nodiscard]] std::uint64_t phase(std::uint64_t period_atoms) const {
    const AddressMap& map = *plan->map;
    const std::uint64_t period = period_atoms * map.channels() * map.atom_bytes();
    return (run_address + period - std::uint64_t{channel} * map.interleave_bytes() % period) % period;
  }
  /// How often the regular level began anew.
  [[nodiscard]] std::uint64_t rounds() const;
  /// From the end of the regular level to its next beginning: the address's way (modulo 2^64). False: the stream ends.
  [[nodiscard]] bool next_round(std::uint64_t& way) const;
  /// The regular level began anew so many times and is in its iteration `place`: sets what that changes, `run_address`
  /// and `local` left out.
  void begin_rounds(std::uint64_t times, std::uint64_t place);

 private:
  void next_run();
  void enter_run();
};

}  // namespace dixion::dram
