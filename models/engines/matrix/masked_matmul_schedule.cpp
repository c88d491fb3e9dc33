// SPDX-License-Identifier: Apache-2.0
// Reads the ConMerge schedule of MATMUL_MASKED or ATTENTION_MASKED (docs/conmerge.md) and holds it against the mask.
#include "models/common/operands.h"
#include "models/common/tensor_io.h"
#include "models/engines/matrix/masked_matmul_timing.h"
#include "models/engines/matrix/matrix.h"
#include "models/sparsity/schedule_replay.h"
#include "models/sparsity/schedule_view.h"

namespace dixion {

CommandError MatrixEngine::load_schedule(const Command& command, const TileShape& shape, unsigned operand,
                                         MemoryAccess& memory, std::vector<TileWork>& tiles) {
  const TensorView& view = command.operands[operand];
  const std::size_t words = mask_words(shape.columns);
  const auto lanes = tile_rows(shape);
  std::vector<std::uint32_t> named(mask_.size(), 0);
  std::vector<std::uint8_t> bytes;
  for (std::uint64_t sample = 0; sample < shape.samples; ++sample) {
    const std::uint32_t* sample_mask = mask_.data() + sample * shape.rows * words;
    for (std::size_t t = 0; t < lanes.size(); ++t) {
      const std::string where = "; tile " + std::to_string(t) + " of sample " + std::to_string(sample);
      if (!load_bytes(tile_view(view, sample, t, schedule_words(0) * kScheduleWordBytes), memory, bytes))
        return unreadable(command, operand);
      const TileHeader header = decode_header(bytes);
      std::vector<const std::uint32_t*> rows;
      for (const std::uint32_t token : lanes[t]) rows.push_back(sample_mask + token * words);
      TileWork tile = rows_work(rows, shape.columns, shape.scores);
      if (header.columns != shape.columns || header.generation != mask_generation(rows, shape.columns)) {
        return {
            DIXION_CAUSE_STALE_SCHEDULE, DIXION_FIELD_OPERAND0 + operand, header.columns == 0 ? 0 : header.generation,
            (header.columns != shape.columns ? "a schedule of a mask of " + std::to_string(shape.columns) + " columns"
                                             : "the generation of the mask") +
                where};
      }
      if (schedule_words(header.blocks) > view.extent_from_end(0))
        return bad_data(operand, header.blocks, "blocks that fit into the tile's words" + where);
      if (!load_bytes(tile_view(view, sample, t, schedule_words(header.blocks) * kScheduleWordBytes), memory, bytes))
        return unreadable(command, operand);
      std::uint32_t* needed = named.data() + sample * shape.rows * words;
      if (const auto fault = decode_tile(bytes, static_cast<std::uint32_t>(t), lanes[t], needed))
        return bad_data(operand, fault->value, fault->field + ": " + fault->expected + where);
      if (config_.check_schedules) {
        const std::string objection =
            replay_tile(bytes, replay_task(lanes[t], sample_mask, shape.columns, t, shape.scores));
        if (!objection.empty()) return bad_data(operand, header.blocks, "a correct schedule: " + objection + where);
      }
      tile.condensed_blocks = header.condensed;
      tile.merged_blocks = header.blocks;
      tiles.push_back(tile);
    }
  }
  // The array computes what the schedule names.
  mask_ = std::move(named);
  return {};
}

}  // namespace dixion
