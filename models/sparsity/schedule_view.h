// SPDX-License-Identifier: Apache-2.0
/// A schedule as an operand: what its view must be like, where a tile lies, what its traffic is.
#pragma once

#include <algorithm>
#include <cstdint>

#include "models/common/command_check.h"
#include "models/common/engine.h"
#include "models/sparsity/schedule_memory.h"

namespace dixion {

/// UINT32 [batch, tiles, words]: a tile for each 16 of `tokens` at least, a header at least, words next to each other.
inline void check_schedule_view(CommandCheck& check, const Command& command, unsigned operand, std::uint64_t batch,
                                std::uint64_t tokens) {
  const TensorView& view = command.operands[operand];
  if (!view && command.info->operands[operand].optional) return;
  const std::uint64_t tiles = (tokens + kLanes - 1) / kLanes;
  const std::uint32_t field = DIXION_FIELD_OPERAND0 + operand;
  check.format(operand, {DIXION_FORMAT_UINT32}).rank(operand, 3, 3).extent(operand, 2, batch, "the batch of the mask");
  check.require(view.extent_from_end(1) >= tiles, DIXION_CAUSE_BAD_SHAPE, field, view.extent_from_end(1),
                "at least " + std::to_string(tiles) + ", a tile for each 16 tokens");
  check.require(view.extent_from_end(0) >= schedule_words(0), DIXION_CAUSE_BAD_SHAPE, field, view.extent_from_end(0),
                "at least 16 words per tile");
  check.require(view.rank != 3 || view.stride[2] == kScheduleWordBytes, DIXION_CAUSE_BAD_DESCRIPTOR, field,
                view.stride[2], "words next to each other in the last extent");
}

/// The first `bytes` of a tile, a multiple of 4.
inline TensorView tile_view(const TensorView& schedule, std::uint64_t sample, std::uint64_t tile, std::uint64_t bytes) {
  TensorView view;
  view.address = schedule.address + sample * schedule.stride[0] + tile * schedule.stride[1];
  view.format = DIXION_FORMAT_UINT32;
  view.rank = 1;
  view.extent[0] = static_cast<std::uint32_t>(bytes / kScheduleWordBytes);
  view.stride[0] = kScheduleWordBytes;
  return view;
}

/// Only headers and records move. They count as one contiguous stream: how tiles lie apart changes no bytes.
inline void set_schedule_traffic(Demand& demand, unsigned operand, const TensorView& schedule, std::uint64_t tiles,
                                 std::uint64_t blocks) {
  const std::uint64_t words =
      std::min<std::uint64_t>(schedule.elements(), tiles * schedule_words(0) + blocks * DIXION_SCHEDULE_RECORD_WORDS);
  for (Transfer& transfer : demand.transfers) {
    if (transfer.operand == operand) transfer.view = tile_view(schedule, 0, 0, words * kScheduleWordBytes);
  }
}

}  // namespace dixion
