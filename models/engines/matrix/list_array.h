// SPDX-License-Identifier: Apache-2.0
/// List mode of the matrix engine, cycle by cycle: groups of the array walk lists of words that lie in banks. The
/// reference for docs/timing.md; architecture after DiSC (arXiv 2605.25798), whose abstract names existing engines fed
/// from hashed banks and no sizes: widths, depths and multicast are assumed.
#pragma once

#include <cstdint>
#include <vector>

#include "models/common/clock.h"

namespace dixion {

struct ListArray {
  unsigned groups = 1;           ///< each walks the lists of one query at a time; at most 32767
  unsigned words_per_cycle = 1;  ///< that a group asks for, and takes, per accel_cycle
  unsigned banks = 1;            ///< each gives a word per accel_cycle
  unsigned fifo_depth = 1;       ///< words that are asked for at a bank and wait
  bool multicast = true;         ///< a word is read once for all groups that wait for it
  unsigned softmax_lanes = 1;    ///< exponentials, or quotients, that the core's vector engine takes per accel_cycle
};

/// What one query needs: words of K for its scores and, after its softmax, the same of V for the weighted sum.
struct ListQuery {
  std::vector<std::uint32_t> words;  ///< in the order in which they are asked for, at least one, each at most once
  std::uint64_t kept = 0;            ///< keys, at least 1: exponentials of its softmax
};

struct ListTile {
  std::vector<std::uint16_t> key_banks;    ///< bank of every word of K
  std::vector<std::uint16_t> value_banks;  ///< of V, as many
  std::uint64_t depth = 1;                 ///< elements of a result: quotients
  std::vector<ListQuery> queries;          ///< in the order in which groups get them
};

struct ListRun {
  Cycles cycles = 0;         ///< from the first request to the last quotient
  std::uint64_t words = 0;   ///< taken by groups
  std::uint64_t reads = 0;   ///< of banks; fewer than words where one serves several groups
  std::uint64_t stalls = 0;  ///< accel_cycles, summed over groups, in which a full FIFO kept a group below its width
  std::uint64_t waits = 0;   ///< likewise, in which a group had nothing to ask for before a softmax was through
};

/// A group has buffers for two queries, so that the scores of one are made while the softmax of the other is taken. Per
/// accel_cycle the vector engine takes elements, oldest first; then every bank gives the word that was asked for first
/// to those of its groups that still take one; then every group asks for its next words, in order, as long as the
/// banks' FIFOs have room: words of V of a query whose softmax is through, else words of K of the next query that
/// nobody has. With multicast a group that asks for a word that already waits joins it. Banks and groups take turns in
/// being first.
[[nodiscard]] ListRun run_lists(const ListArray& array, const ListTile& tile);

struct ListBounds {
  Cycles lower = 0, upper = 0;
};

/// lower: the busiest bank, all groups at full width, the vector engine, or one query by itself. upper: from the second
/// accel_cycle on at least one word is taken or the vector engine works.
[[nodiscard]] ListBounds list_bounds(const ListArray& array, const ListTile& tile);

}  // namespace dixion
