// SPDX-License-Identifier: Apache-2.0
/// Proves one tile of a ConMerge schedule while a simulation runs (`--check schedules`): replays its records unit by
/// unit from docs/conmerge.md alone. Shares no code with generator, encoder and decoder, on purpose.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace dixion {

struct ReplayTask {
  std::vector<std::uint32_t> tokens;  ///< of the tile, in the order of lanes, 1 to 16
  std::uint32_t columns = 0;          ///< of the mask
  std::uint32_t number = 0;           ///< of the tile
  std::function<bool(std::uint32_t token, std::uint32_t column)> needed;
};

/// The task of tile `number` of a mask: `rows` are mask rows of its sample, ceil(columns / 32) words each. `scores`: a
/// row with a single 1 needs nothing.
[[nodiscard]] ReplayTask replay_task(std::vector<std::uint32_t> tokens, const std::uint32_t* rows, std::size_t columns,
                                     std::size_t number, bool scores);

/// The first objection, empty for a correct tile: each needed output is computed exactly once, nothing else is, no unit
/// has two values in a pass, no lane two foreign rows, every field is as defined. `bytes`: header and records.
[[nodiscard]] std::string replay_tile(std::span<const std::uint8_t> bytes, const ReplayTask& task);

}  // namespace dixion
