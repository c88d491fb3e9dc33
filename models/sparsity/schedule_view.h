// SPDX-License-Identifier: Apache-2.0
/// A schedule as an operand: what its view must be like, where a tile lies, what its traffic is.
#pragma once

#include <algorithm>
#include <cstdint>

#include "models/common/command_check.h"
#include "models/common/engine.h"
#include "models/sparsity/schedule_memory.h"

namespace dixion {

/// UINT32 [batch, tiles, words], of scores [batch, heads, tiles, words], in front like the tensor `like`, whose last
/// extent but one are tokens: a tile for each 16 of these at least, a header at least, words next to each other.
inline void check_schedule_view(CommandCheck& check, const Command& command, unsigned operand, const TensorView& like) {
  const TensorView& view = command.operands[operand];
  if (!view && command.info->operands[operand].optional) return;
  const std::uint64_t tiles = (like.extent_from_end(1) + kLanes - 1) / kLanes;
  const std::uint32_t field = DIXION_FIELD_OPERAND0 + operand;
  check.format(operand, {DIXION_FORMAT_UINT32}).rank(operand, like.rank, like.rank);
  if (like.rank == 4) check.extent(operand, 3, like.extent[0], "the batch of the mask");
  check.extent(operand, 2, like.extent_from_end(2), like.rank == 4 ? "the heads of the mask" : "the batch of the mask");
  check.require(view.extent_from_end(1) >= tiles, DIXION_CAUSE_BAD_SHAPE, field, view.extent_from_end(1),
                "at least " + std::to_string(tiles) + ", a tile for each 16 tokens");
  check.require(view.extent_from_end(0) >= schedule_words(0), DIXION_CAUSE_BAD_SHAPE, field, view.extent_from_end(0),
                "at least 16 words per tile");
  check.require(view.rank != like.rank || view.stride[like.rank - 1U] == kScheduleWordBytes,
                DIXION_CAUSE_BAD_DESCRIPTOR, field, view.stride[like.rank - 1U],
                "words next to each other in the last extent");
}

/// The first `bytes` of a tile, a multiple of 4. Samples are counted over batch and heads.
inline TensorView tile_view(const TensorView& schedule, std::uint64_t sample, std::uint64_t tile, std::uint64_t bytes) {
  const std::uint64_t heads = schedule.rank == 4 ? schedule.extent[1] : 1;
  TensorView view;
  view.address = schedule.address + sample / heads * schedule.stride[0] + tile * schedule.stride[schedule.rank - 2U];
  if (schedule.rank == 4) view.address += sample % heads * schedule.stride[1];
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
