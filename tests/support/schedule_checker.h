// SPDX-License-Identifier: Apache-2.0
/// Replays ConMerge records unit by unit, from the page docs/conmerge.md alone: shares no code and no header with the
/// generator or the record's encoder.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace dixion::test {

/// What a schedule has to compute.
struct ScheduleTask {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::function<bool(std::size_t row, std::size_t column)> needed;
  std::vector<std::uint32_t> tokens;  ///< in tile order, 16 per tile
  std::uint32_t generation = 0;
};

/// Objections, empty for a correct schedule: each needed output computed exactly once, nothing else computed, never two
/// values on one unit in one pass, at most one foreign row per lane and pass, every bit of the record as defined.
std::vector<std::string> check_schedule(const ScheduleTask& task, const std::vector<std::uint8_t>& memory);

}  // namespace dixion::test
