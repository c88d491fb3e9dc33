// SPDX-License-Identifier: Apache-2.0
/// List mode of the matrix engine, cycle by cycle: groups of the array walk lists of words that lie in banks. The
/// reference for docs/timing.md; architecture after DiSC (arXiv 2605.25798), whose abstract names existing engines fed
/// from hashed banks and no sizes: widths and depths are assumed.
#pragma once

#include <cstdint>
#include <vector>

#include "models/common/clock.h"

namespace dixion {

struct ListArray {
  unsigned groups = 1;           ///< each walks one list at a time
  unsigned words_per_cycle = 1;  ///< that a group asks for, and takes, per accel_cycle
  unsigned banks = 1;            ///< each gives a word per accel_cycle
  unsigned fifo_depth = 1;       ///< requests that wait at a bank
};

/// The bank of each word of a list, in the order in which they are asked for.
using BankList = std::vector<std::uint16_t>;

struct ListRun {
  Cycles cycles = 0;  ///< from the first request to the last word taken
  std::uint64_t words = 0;
  std::uint64_t stalls = 0;  ///< accel_cycles, summed over groups, in which a full FIFO kept a group below its width
};

/// Groups take the lists in order, the next one when they have asked for all words of theirs. Per accel_cycle every
/// bank first gives its oldest request's word, if the group it is for still takes one; then every group asks for its
/// next words, in order, as long as the banks' FIFOs have room. Banks and groups take turns in being first.
[[nodiscard]] ListRun run_lists(const ListArray& array, const std::vector<BankList>& lists);

struct ListBounds {
  Cycles lower = 0, upper = 0;
};

/// lower: the busiest bank, all groups at full width, or the longest list at full width, and the accel_cycle between
/// request and word. upper: from the second accel_cycle on at least one word is taken in each.
[[nodiscard]] ListBounds list_bounds(const ListArray& array, const std::vector<BankList>& lists);

}  // namespace dixion
