// SPDX-License-Identifier: Apache-2.0
// CONMERGE_BUILD: a mask to schedules in memory (docs/conmerge.md).
#include <algorithm>
#include <bit>
#include <cstring>

#include "models/common/check.h"
#include "models/common/command_check.h"
#include "models/common/made_up_masks.h"
#include "models/common/operands.h"
#include "models/common/tensor_io.h"
#include "models/sparsity/conmerge_timing.h"
#include "models/sparsity/schedule_memory.h"
#include "models/sparsity/schedule_replay.h"
#include "models/sparsity/schedule_view.h"
#include "models/sparsity/sparsity_controller.h"

namespace dixion {
namespace {

constexpr unsigned kMask = 0, kSchedule = 1;
constexpr unsigned kColumns = 0, kSettings = 1;  // immediates

constexpr std::uint32_t kScores = 0x100;  // in the settings: the mask is one of scores

unsigned depth_of(const Command& command) { return command.immediates[kSettings] & 0xff; }

TileShape shape_of(const Command& command) {
  const TensorView& mask = command.operands[kMask];
  TileShape shape;
  shape.samples = mask.extent_from_end(2) * mask.extent_from_end(3);
  shape.rows = mask.extent_from_end(1);
  shape.columns = command.immediates[kColumns];
  shape.grid_width = command.immediates[kSettings] >> 16;
  shape.scores = (command.immediates[kSettings] & kScores) != 0;
  return shape;
}

}  // namespace

CommandError SparsityController::check_build(const Command& command) {
  CommandCheck check(command);
  const TensorView& mask = command.operands[kMask];
  const std::uint32_t columns = command.immediates[kColumns], settings = command.immediates[kSettings];
  check.format(kMask, {DIXION_FORMAT_UINT32}).rank(kMask, 3, 4);
  check.require(columns >= 1 && columns <= kMaxMaskColumns, DIXION_CAUSE_BAD_IMMEDIATE,
                DIXION_FIELD_IMMEDIATE0 + kColumns, columns, "1 to 65535 columns");
  check.extent(kMask, 0, mask_words(columns), "a bit for each column");
  check.require(mask.extent_from_end(1) < kNone16, DIXION_CAUSE_BAD_SHAPE, DIXION_FIELD_OPERAND0 + kMask,
                mask.extent_from_end(1), "at most 65534 tokens");
  check.require((settings & 0xff) >= 1 && (settings & 0xff) <= kMaxSources && (settings & 0xfe00) == 0,
                DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + kSettings, settings,
                "a depth of 1 to 3 in the low byte, 0 or 1 in bit 8, 0 in bits 9 to 15");
  const std::uint32_t width = settings >> 16;
  check.require(width == 0 || mask.extent_from_end(1) % width == 0, DIXION_CAUSE_BAD_IMMEDIATE,
                DIXION_FIELD_IMMEDIATE0 + kSettings, settings, "a width that divides the tokens in the high half");
  check_schedule_view(check, command, kSchedule, mask);
  return check.error();
}

Demand SparsityController::build_demand(const Command& command) const {
  const TileShape shape = shape_of(command);
  if (config_.compute_values) return demand_of_tiles(command, {});
  const std::unique_ptr<MaskSource> bits = mask_without_data(masks_, config_, command, kMask);
  if (bits->stored()) return demand_of_tiles(command, tile_works(shape, *bits, rule_.get(), depth_of(command), 0));
  const auto [place, made] = assumed_.try_emplace(
      {shape.samples, shape.rows, shape.columns, shape.grid_width, command.immediates[kSettings], bits->look()});
  if (made) place->second = tile_works(shape, *bits, rule_.get(), depth_of(command), kAssumedTiles);
  return demand_of_tiles(command, place->second);
}

Demand SparsityController::demand_of_tiles(const Command& command, const std::vector<TileWork>& tiles) const {
  const TileShape shape = shape_of(command);
  Demand demand;
  MaskWork& work = demand.mask;
  work.elements = shape.samples * shape.rows * shape.columns;
  const GeneratorRates rates{config_.conmerge_columns_per_cycle, config_.conmerge_candidate_cycles};
  std::vector<TileStages> stages;
  for (const TileWork& tile : tiles) {
    stages.push_back(tile_stages(shape.columns, tile.generator_loads, rates));
    work.kept += tile.kept;
    work.blocks_before += (shape.columns + kBlockColumns - 1) / kBlockColumns;
    work.blocks_condensed += tile.condensed_blocks;
    work.blocks_merged += tile.merged_blocks;
    work.block_outputs += tile.block_outputs;
    work.block_units += tile.merged_blocks * kLanes * kBlockColumns;
  }
  // A generator per core.
  demand.compute = std::max<Cycles>(1, generator_cycles(stages, static_cast<unsigned>(std::popcount(command.cores))));
  demand.transfers = transfers_of(command);
  set_schedule_traffic(demand, kSchedule, command.operands[kSchedule], tiles.size(), work.blocks_merged);
  return demand;
}

CommandError SparsityController::execute_build(const Command& command, MemoryAccess& memory, Result& result) {
  const TensorView& view = command.operands[kSchedule];
  std::vector<std::uint8_t> bytes;
  if (!load_bytes(command.operands[kMask], memory, bytes)) return unreadable(command, kMask);
  std::vector<std::uint32_t> mask(bytes.size() / sizeof(std::uint32_t));
  std::memcpy(mask.data(), bytes.data(), bytes.size());

  const TileShape shape = shape_of(command);
  const std::size_t words = mask_words(shape.columns);
  const auto tiles = tile_rows(shape);
  std::vector<TileWork> works;
  for (std::uint64_t sample = 0; sample < shape.samples; ++sample) {
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      TileTokens tokens;
      tokens.count = static_cast<unsigned>(tiles[t].size());
      std::copy(tiles[t].begin(), tiles[t].end(), tokens.token.begin());
      std::vector<const std::uint32_t*> rows;
      for (const std::uint32_t token : tiles[t]) rows.push_back(mask.data() + (sample * shape.rows + token) * words);
      TileWork work = rows_work(rows, shape.columns, shape.scores);
      const TileSchedule schedule =
          schedule_tile(needed_lanes(rows, shape.columns, shape.scores), *rule_, depth_of(command));
      work.condensed_blocks = schedule.condensed_blocks;
      work.merged_blocks = schedule.blocks.size();
      work.generator_loads = generator_loads(schedule);
      works.push_back(work);
      if (schedule_words(schedule.blocks.size()) > view.extent_from_end(0)) {
        return bad_data(kSchedule, schedule.blocks.size(),
                        "room for the records of tile " + std::to_string(t) + " of sample " + std::to_string(sample));
      }
      std::vector<std::uint8_t> encoded =
          encode_tile(schedule, tokens, static_cast<std::uint32_t>(t), mask_generation(rows, shape.columns));
      if (config_.check_schedules) {
        const std::string objection = replay_tile(
            encoded, replay_task(tiles[t], mask.data() + sample * shape.rows * words, shape.columns, t, shape.scores));
        DIXION_CHECK(objection.empty(), "ConMerge schedule of tile " + std::to_string(t) + ": " + objection);
      }
      result.tensors.push_back({tile_view(view, sample, t, encoded.size()), std::move(encoded)});
    }
  }
  result.demand = demand_of_tiles(command, works);
  return {};
}

}  // namespace dixion
