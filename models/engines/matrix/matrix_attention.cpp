// SPDX-License-Identifier: Apache-2.0
// Attention: dense, marking, under a mask.
#include <algorithm>
#include <bit>
#include <cstring>

#include "models/common/command_check.h"
#include "models/common/fixed_point.h"
#include "models/common/made_up_masks.h"
#include "models/common/mask_bits.h"
#include "models/common/mask_source.h"
#include "models/common/operands.h"
#include "models/common/tensor_io.h"
#include "models/engines/matrix/attention_function.h"
#include "models/engines/matrix/masked_timing.h"
#include "models/engines/matrix/matrix.h"
#include "models/engines/matrix/matrix_timing.h"
#include "models/engines/matrix/scheduled_timing.h"
#include "models/sparsity/schedule_view.h"

namespace dixion {
namespace {

constexpr unsigned kQuery = 0, kKey = 1, kValue = 2;
constexpr unsigned kShifts = 2;     // immediate of the commands with a mask that holds both shifts and the tile
constexpr unsigned kThreshold = 3;  // immediate of ATTENTION_MARK
constexpr unsigned kTileSide = 16;
constexpr unsigned kSchedule = 5, kSettings = 3;  // operand and immediate of ATTENTION_MASKED

/// Where an opcode keeps what they all have.
struct Places {
  unsigned dst, mask;  // operands
};

constexpr unsigned kNoMask = DIXION_MAX_OPERANDS;

Places places_of(const Command& command) {
  switch (command.info->value) {
    case DIXION_OPCODE_ATTENTION_MARK:
      return {3, 4};
    case DIXION_OPCODE_ATTENTION_MASKED:
      return {4, 3};
    default:
      return {3, kNoMask};
  }
}

bool reads_mask(const Command& command) { return command.info->value == DIXION_OPCODE_ATTENTION_MASKED; }
bool scheduled(const Command& command) { return reads_mask(command) && command.operands[kSchedule]; }

/// Elements of a bit as the command says.
MaskTile given_tile(const Command& command) {
  const std::uint32_t given = command.immediates[kShifts];
  return {std::max(1U, given >> 16 & 0xff), std::max(1U, given >> 24)};
}

bool known_tile(const MaskTile& tile) {
  return tile == MaskTile{1, 1} || tile == MaskTile{1, kTileSide} || tile == MaskTile{kTileSide, kTileSide};
}

/// The same, single elements where it makes no sense.
MaskTile tile_of(const Command& command) {
  const MaskTile tile = given_tile(command);
  return known_tile(tile) ? tile : MaskTile{};
}

void check_factors(CommandCheck& check, const Command& command) {
  if (places_of(command).mask == kNoMask) {
    check.positive(0).shift(1).positive(2).shift(3);
    return;
  }
  const std::uint32_t given = command.immediates[kShifts];
  check.positive(0).positive(1);
  check.require((given & 0xff) <= kMaxShift && (given >> 8 & 0xff) <= kMaxShift, DIXION_CAUSE_BAD_IMMEDIATE,
                DIXION_FIELD_IMMEDIATE0 + kShifts, given, "two shifts of at most 62 in the low bytes");
  check.require(known_tile(given_tile(command)), DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + kShifts, given,
                "tiles of 1x1, 1x16 or 16x16 in the high bytes (rows, keys; 0 is 1)");
}

void set_factors(const Command& command, AttentionOperands& operands) {
  const auto& given = command.immediates;
  const bool dense = places_of(command).mask == kNoMask;
  operands.score_multiplier = static_cast<std::int32_t>(given[0]);
  operands.output_multiplier = static_cast<std::int32_t>(given[dense ? 2 : 1]);
  operands.score_shift = dense ? given[1] : given[kShifts] & 0xff;
  operands.output_shift = dense ? given[3] : given[kShifts] >> 8 & 0xff;
  if (!dense) operands.tile = tile_of(command);
}

AttentionShape shape_of(const Command& command) {
  const TensorView& query = command.operands[kQuery];
  return {std::uint64_t{query.extent[0]} * query.extent[1], query.extent[2], command.operands[kKey].extent[2],
          query.extent[3]};
}

/// Tiles of a schedule.
TileShape score_tiles(const Command& command) {
  const AttentionShape attention = shape_of(command);
  TileShape shape;
  shape.samples = attention.heads;
  shape.rows = attention.queries;
  shape.columns = attention.keys;
  shape.grid_width = command.immediates[kSettings] >> 16;
  shape.scores = true;
  return shape;
}

void check_schedule(CommandCheck& check, const Command& command, const AcceleratorConfig& config) {
  const std::uint32_t settings = command.immediates[kSettings];
  if (!scheduled(command)) {
    check.require(settings == 0, DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + kSettings, settings,
                  "0, there is no schedule");
    return;
  }
  const TensorView& query = command.operands[kQuery];
  const std::uint64_t queries = query.extent_from_end(1), keys = command.operands[kKey].extent_from_end(1);
  check.require((settings & 0xff) >= 1 && (settings & 0xff) <= kMaxSources && (settings & 0xff00) == 0,
                DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + kSettings, settings,
                "a depth of 1 to 3 in the low byte, 0 in the next");
  const std::uint32_t width = settings >> 16;
  check.require(width == 0 || queries % width == 0, DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + kSettings,
                settings, "a width that divides the Tq of q in the high half");
  check.require(given_tile(command) == MaskTile{}, DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + kShifts,
                command.immediates[kShifts], "a mask of single elements in the high half, there is a schedule");
  check.require(queries < kNone16, DIXION_CAUSE_BAD_SHAPE, DIXION_FIELD_OPERAND0 + kQuery, queries,
                "at most 65534 queries with a schedule");
  check.require(keys <= kMaxMaskColumns, DIXION_CAUSE_BAD_SHAPE, DIXION_FIELD_OPERAND0 + kKey, keys,
                "at most 65535 keys with a schedule");
  check.require(config.array_rows == kLanes && config.array_columns == kBlockColumns, DIXION_CAUSE_BAD_PARAMETER,
                DIXION_FIELD_OPERAND0 + kSchedule, config.array_columns, "no schedule, or an array of 16 x 16");
  check_schedule_view(check, command, kSchedule, query);
}

/// Number of the first of `rows` rows of bits that keeps nothing, or `rows`.
std::size_t first_empty_row(const std::vector<std::uint32_t>& mask, std::size_t rows, std::size_t bits) {
  for (std::size_t row = 0; row < rows; ++row) {
    if (kept_keys(mask.data() + row * mask_words(bits), bits) == 0) return row;
  }
  return rows;
}

/// Elements that a mask keeps.
std::uint64_t kept_in(const MaskSource& mask, const AttentionShape& shape, const MaskTile& tile) {
  const std::size_t bits = tile.row_bits(shape.keys), rows = tile.mask_rows(shape.queries);
  std::vector<std::uint32_t> words(mask_words(bits));
  std::uint64_t kept = 0;
  for (std::size_t row = 0; row < shape.heads * rows; ++row) {
    std::uint64_t keys = 0;
    mask.row(row, bits, words.data());
    for_each_kept_key(words.data(), shape.keys, tile, [&](std::size_t) { ++keys; });
    kept += keys * std::min<std::uint64_t>(tile.rows, shape.queries - row % rows * tile.rows);
  }
  return kept;
}

}  // namespace

CommandError MatrixEngine::check_attention(const Command& command) const {
  CommandCheck check(command);
  const Places places = places_of(command);
  const TensorView& query = command.operands[kQuery];
  const TensorView& key = command.operands[kKey];
  for (const unsigned i : {kQuery, kKey, kValue, places.dst}) check.format(i, {DIXION_FORMAT_INT12}).rank(i, 4, 4);
  check.extent(kKey, 3, query.extent_from_end(3), "the batch of q");
  check.extent(kKey, 2, query.extent_from_end(2), "the heads of q");
  check.extent(kKey, 0, query.extent_from_end(0), "the D of q");
  check.extent(kValue, 3, query.extent_from_end(3), "the batch of q");
  check.extent(kValue, 2, query.extent_from_end(2), "the heads of q");
  check.extent(kValue, 1, key.extent_from_end(1), "the Tk of k");
  check.extent(kValue, 0, query.extent_from_end(0), "the D of q");
  check.same_shape(places.dst, kQuery);
  if (places.mask != kNoMask) {
    check.format(places.mask, {DIXION_FORMAT_UINT32}).rank(places.mask, 4, 4);
    check.extent(places.mask, 3, query.extent_from_end(3), "the batch of q");
    check.extent(places.mask, 2, query.extent_from_end(2), "the heads of q");
    const MaskTile tile = tile_of(command);
    check.extent(places.mask, 1, tile.mask_rows(query.extent_from_end(1)), "a row for each query, or tile of them");
    check.extent(places.mask, 0, mask_words(tile.row_bits(key.extent_from_end(1))),
                 "a bit for each key, or tile of them");
  }
  check_factors(check, command);
  if (reads_mask(command)) check_schedule(check, command, config_);
  check.require(command.split != DIXION_SPLIT_COLUMNS, DIXION_CAUSE_BAD_PARAMETER, DIXION_FIELD_SPLIT, command.split,
                "ROWS or HEADS");
  return check.error();
}

Demand MatrixEngine::attention_demand(const Command& command) const {
  Demand demand = dense_demand(command);
  const unsigned mask = places_of(command).mask;
  if (config_.compute_values || mask == kNoMask) return demand;
  const std::unique_ptr<MaskSource> bits = mask_without_data(masks_, config_, command, mask);
  scheduled(command) ? add_schedule_work(command, *bits, demand) : add_mask_work(command, *bits, demand);
  return demand;
}

Demand MatrixEngine::dense_demand(const Command& command) const {
  const AttentionShape shape = shape_of(command);
  const AttentionTiming timing =
      attention_timing(config_, delivery_, shape, command.split, static_cast<unsigned>(std::popcount(command.cores)));
  Demand demand;
  demand.compute = timing.compute;
  demand.operand_bank_cycles = timing.bank;
  demand.drain = timing.drain;
  demand.macs = 2 * shape.heads * shape.queries * shape.keys * shape.depth;
  demand.transfers = transfers_of(command);
  set_passes(demand, kKey, timing.key_passes);
  set_passes(demand, kValue, timing.value_passes);
  return demand;
}

CommandError MatrixEngine::execute_attention(const Command& command, MemoryAccess& memory, Result& result) {
  const Places places = places_of(command);
  const AttentionShape shape = shape_of(command);
  if (!load_values(command.operands[kQuery], memory, first_)) return unreadable(command, kQuery);
  if (!load_values(command.operands[kKey], memory, second_)) return unreadable(command, kKey);
  if (!load_values(command.operands[kValue], memory, third_)) return unreadable(command, kValue);

  AttentionOperands operands;
  operands.heads = shape.heads;
  operands.queries = shape.queries;
  operands.keys = shape.keys;
  operands.depth = shape.depth;
  operands.q = first_.data();
  operands.k = second_.data();
  operands.v = third_.data();
  set_factors(command, operands);

  const std::size_t row_bits = operands.tile.row_bits(shape.keys);
  const std::size_t rows = shape.heads * operands.tile.mask_rows(shape.queries);
  std::vector<TileWork> tiles;
  mask_.assign(places.mask == kNoMask ? 0 : rows * mask_words(row_bits), 0);
  if (reads_mask(command)) {
    if (!load_bytes(command.operands[places.mask], memory, mask_bytes_)) return unreadable(command, places.mask);
    std::memcpy(mask_.data(), mask_bytes_.data(), mask_bytes_.size());
    const std::size_t empty = first_empty_row(mask_, rows, row_bits);
    if (empty != rows)
      return bad_data(places.mask, empty, "a kept key in every row; none in row " + std::to_string(empty));
    if (scheduled(command)) {
      if (CommandError error = take_schedule(command, memory, tiles)) return error;
    }
    operands.mask = mask_.data();
  } else if (places.mask != kNoMask) {
    operands.marks = mask_.data();
    operands.rule = mask_rule_.get();
    operands.threshold = command.immediates[kThreshold];
  }

  Result::Tensor& tensor = add_result(result, command.operands[places.dst]);
  result.saturations += attention_function(kernels_, operands, reinterpret_cast<std::int16_t*>(tensor.bytes.data()));
  if (operands.marks != nullptr) {
    Result::Tensor& marks = add_result(result, command.operands[places.mask]);
    std::memcpy(marks.bytes.data(), mask_.data(), marks.bytes.size());
  }
  if (places.mask != kNoMask) {
    result.demand = dense_demand(command);
    if (scheduled(command)) {
      add_schedule_work(command, tiles, 0, *result.demand);
    } else {
      add_mask_work(command, BufferMask(mask_.data()), *result.demand);
    }
  }
  return {};
}

void MatrixEngine::add_mask_work(const Command& command, const MaskSource& bits, Demand& demand) const {
  const AttentionShape shape = shape_of(command);
  MaskWork& work = demand.mask;
  work.elements = shape.heads * shape.queries * shape.keys;
  if (bits.stored()) work.kept = kept_in(bits, shape, tile_of(command));
  if (bits.stored() && !reads_mask(command)) return;
  const MaskedTiming timing = bits.stored() ? masked_timing(command, bits) : assumed_timing(command, bits);
  if (!bits.stored()) work.kept = timing.kept;
  if (!reads_mask(command)) return;
  demand.compute = timing.compute;
  demand.operand_bank_cycles = 0;  // waiting is not told apart by cause here
  work.macs_marked = 2 * shape.depth * (work.elements - work.kept);
  work.macs_exploited = std::min(timing.macs_exploited, work.macs_marked);
  work.list_cycles = timing.list_cycles;
  work.list_stalls = timing.list_stalls;
  work.list_variance = timing.list_variance;
}

CommandError MatrixEngine::take_schedule(const Command& command, MemoryAccess& memory, std::vector<TileWork>& tiles) {
  const TileShape shape = score_tiles(command);
  const std::vector<std::uint32_t> given = mask_;
  if (CommandError error = load_schedule(command, shape, kSchedule, memory, tiles)) return error;
  const std::size_t words = mask_words(shape.columns);
  for (std::size_t row = 0; row < shape.samples * shape.rows; ++row) {
    // The weight of a query's only key is 1, without a score.
    if (kept_keys(given.data() + row * words, shape.columns) == 1) {
      std::copy_n(given.data() + row * words, words, mask_.data() + row * words);
    }
    if (kept_keys(mask_.data() + row * words, shape.columns) == 0)
      return bad_data(kSchedule, row, "a score of every query; none of row " + std::to_string(row) + " of the mask");
  }
  return {};
}

void MatrixEngine::add_schedule_work(const Command& command, const MaskSource& bits, Demand& demand) const {
  const TileShape shape = score_tiles(command);
  const unsigned depth = command.immediates[kSettings] & 0xff;
  if (bits.stored()) return add_schedule_work(command, tile_works(shape, bits, rule_.get(), depth, 0), 0, demand);
  const auto [place, made] = assumed_scores_.try_emplace(
      {shape.samples, shape.rows, shape.columns, command.immediates[kSettings], bits.look()});
  if (made) place->second = tile_works(shape, bits, rule_.get(), depth, kAssumedTiles);
  add_schedule_work(command, place->second, kAssumedTiles, demand);
}

void MatrixEngine::add_schedule_work(const Command& command, const std::vector<TileWork>& tiles, std::uint64_t limit,
                                     Demand& demand) const {
  const ScheduledTiming timing =
      scheduled_attention_timing(config_, delivery_, shape_of(command), command.split,
                                 static_cast<unsigned>(std::popcount(command.cores)), tiles, limit);
  demand.compute = timing.compute;
  demand.operand_bank_cycles = 0;  // waiting is not told apart by cause here
  demand.mask = timing.work;
  set_schedule_traffic(demand, kSchedule, command.operands[kSchedule], tiles.size(), timing.work.blocks_merged);
}

MaskedTiming MatrixEngine::masked_timing(const Command& command, const MaskSource& mask) const {
  return masked_attention_timing(config_, delivery_, shape_of(command), command.split,
                                 static_cast<unsigned>(std::popcount(command.cores)), mask, tile_of(command));
}

const MaskedTiming& MatrixEngine::assumed_timing(const Command& command, const MaskSource& bits) const {
  const AttentionShape shape = shape_of(command);
  const MaskTile tile = tile_of(command);
  const auto [place, made] =
      assumed_timings_.try_emplace({shape.heads, shape.queries, shape.keys, shape.depth, tile.rows, tile.keys,
                                    command.split, command.cores, bits.look()});
  if (made) place->second = masked_timing(command, bits);
  return place->second;
}

}  // namespace dixion
