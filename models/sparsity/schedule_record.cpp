// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/schedule_record.h"

#include <bit>
#include <concepts>

#include "models/common/check.h"

namespace dixion {

namespace {

// Byte offsets (docs/conmerge.md, "Record").
constexpr std::size_t kGeneration = 0;
constexpr std::size_t kTile = 4;
constexpr std::size_t kBlock = 8;
constexpr std::size_t kSources = 12;
constexpr std::size_t kFlags = 13;
constexpr std::size_t kLaneMask = 14;
constexpr std::size_t kConflictVector = 16;
constexpr std::size_t kColumns = 32;
constexpr std::size_t kWeightSwitch = 128;
constexpr std::size_t kInputSwitch = 192;
constexpr std::size_t kTokens = 224;
constexpr std::uint8_t kFlagLast = 1;
static_assert(kColumns == kConflictVector + kLanes);
static_assert(kWeightSwitch == kColumns + 2 * kMaxSources * kBlockColumns);
static_assert(kInputSwitch == kWeightSwitch + 4 * kLanes);
static_assert(kTokens == kInputSwitch + 2 * kLanes);
static_assert(kRecordBytes == kTokens + 2 * kLanes);

template <std::unsigned_integral T>
void put(std::span<std::uint8_t, kRecordBytes> bytes, std::size_t at, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

template <std::unsigned_integral T>
T get(std::span<const std::uint8_t, kRecordBytes> bytes, std::size_t at) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(value | static_cast<T>(T{bytes[at + i]} << (8 * i)));
  return value;
}

std::string indexed(const char* field, std::size_t i) { return std::string(field) + "[" + std::to_string(i) + "]"; }

std::string indexed(const char* field, std::size_t i, std::size_t j) {
  return indexed(field, i) + "[" + std::to_string(j) + "]";
}

using Fault = std::optional<RecordFault>;

Fault check_head(const ScheduleRecord& r, std::uint8_t flags) {
  if (r.sources < 1 || r.sources > kMaxSources) return RecordFault{"SOURCES", r.sources, "1 to 3"};
  if ((flags & ~kFlagLast) != 0) return RecordFault{"FLAGS", flags, "0 or 1, reserved bits 0"};
  // The lowest lanes: adding 1 to such a mask leaves at most one bit.
  if (r.lanes == 0 || !std::has_single_bit(r.lanes + 1U))
    return RecordFault{"LANES", r.lanes, "the lowest lanes, at least one"};
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    const bool present = (r.lanes >> lane & 1) != 0;
    if (present == (r.token[lane] == kNone16)) {
      return RecordFault{indexed("TOKEN", lane), r.token[lane],
                         present ? "a token, the lane has one" : "0xffff, the lane has no token"};
    }
  }
  return {};
}

Fault check_lane(const ScheduleRecord& r, unsigned lane) {
  const std::uint8_t entry = r.conflict_vector[lane];
  const unsigned row = entry & 15U;
  const bool foreign = (entry & kForeignValid) != 0;
  const auto fault = [&](const char* expected) {
    return RecordFault{indexed("CONFLICT_VECTOR", lane), entry, expected};
  };
  if ((entry & 0x70) != 0) return fault("reserved bits 0");
  if (!foreign && row != 0) return fault("0 where there is no foreign row");
  if (foreign && row == lane) return fault("a row other than the lane's own");
  if (foreign && (r.lanes >> row & 1) == 0) return fault("a row that has a token");
  if (foreign != (r.input_switch[lane] != 0)) {
    return foreign ? fault("0, no unit takes the foreign row")
                   : RecordFault{indexed("INPUT_SWITCH", lane), r.input_switch[lane], "0, the lane has no foreign row"};
  }
  for (unsigned j = 0; j < kBlockColumns; ++j) {
    const unsigned source = r.weight_switch[lane] >> (2 * j) & 3U;
    const bool takes_foreign = (r.input_switch[lane] >> j & 1) != 0;
    if (source > r.sources) return RecordFault{indexed("WEIGHT_SWITCH", lane, j), source, "a source of this record"};
    if (source == 0 && takes_foreign) {
      return RecordFault{indexed("INPUT_SWITCH", lane, j), 1, "0, the unit is idle"};
    }
    if (source != 0 && !takes_foreign && (r.lanes >> lane & 1) == 0) {
      return RecordFault{indexed("WEIGHT_SWITCH", lane, j), source, "0, the lane has no row of its own"};
    }
  }
  return {};
}

Fault check_columns(const ScheduleRecord& r) {
  for (unsigned s = 0; s < kMaxSources; ++s) {
    for (unsigned j = 0; j < kBlockColumns; ++j) {
      bool used = false;
      for (unsigned lane = 0; lane < kLanes; ++lane) used = used || (r.weight_switch[lane] >> (2 * j) & 3U) == s + 1;
      if (used == (r.column[s][j] == kNone16)) {
        return RecordFault{indexed("COLUMN", s, j), r.column[s][j],
                           used ? "a column, units use it" : "0xffff, no unit uses it"};
      }
    }
  }
  return {};
}

}  // namespace

ScheduleRecord make_record(const MergedBlock& block, const TileTokens& tile) {
  ScheduleRecord r;
  r.sources = static_cast<std::uint8_t>(block.sources());
  r.lanes = static_cast<std::uint16_t>((1U << tile.count) - 1);
  for (auto& columns : r.column) columns.fill(kNone16);
  r.token.fill(kNone16);
  for (unsigned s = 0; s < block.sources(); ++s) {
    const ColumnBlock& source = block.source(s);
    for (unsigned j = 0; j < source.count; ++j) r.column[s][j] = source.column[j].number;
  }
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    if (lane < tile.count) {
      DIXION_CHECK(tile.token[lane] < kNone16, "token number does not fit a record");
      r.token[lane] = static_cast<std::uint16_t>(tile.token[lane]);
    }
    if (const auto row = block.foreign_row(lane)) {
      r.conflict_vector[lane] = static_cast<std::uint8_t>(kForeignValid | *row);
    }
    r.input_switch[lane] = block.foreign_cells(lane);
    for (unsigned s = 0; s < block.sources(); ++s) {
      for (unsigned j = 0; j < kBlockColumns; ++j) {
        if ((block.cells(s, lane) >> j & 1) != 0) r.weight_switch[lane] |= (s + 1) << (2 * j);
      }
    }
  }
  return r;
}

RecordBytes encode_record(const ScheduleRecord& r) {
  RecordBytes bytes{};
  put(bytes, kGeneration, r.generation);
  put(bytes, kTile, r.tile);
  put(bytes, kBlock, r.block);
  bytes[kSources] = r.sources;
  bytes[kFlags] = r.last ? kFlagLast : std::uint8_t{0};
  put(bytes, kLaneMask, r.lanes);
  for (unsigned s = 0; s < kMaxSources; ++s) {
    for (unsigned j = 0; j < kBlockColumns; ++j) put(bytes, kColumns + 2 * (s * kBlockColumns + j), r.column[s][j]);
  }
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    bytes[kConflictVector + lane] = r.conflict_vector[lane];
    put(bytes, kWeightSwitch + 4 * lane, r.weight_switch[lane]);
    put(bytes, kInputSwitch + 2 * lane, r.input_switch[lane]);
    put(bytes, kTokens + 2 * lane, r.token[lane]);
  }
  return bytes;
}

std::optional<RecordFault> decode_record(std::span<const std::uint8_t, kRecordBytes> bytes, ScheduleRecord& out) {
  out.generation = get<std::uint32_t>(bytes, kGeneration);
  out.tile = get<std::uint32_t>(bytes, kTile);
  out.block = get<std::uint32_t>(bytes, kBlock);
  out.sources = bytes[kSources];
  out.last = (bytes[kFlags] & kFlagLast) != 0;
  out.lanes = get<std::uint16_t>(bytes, kLaneMask);
  for (unsigned s = 0; s < kMaxSources; ++s) {
    for (unsigned j = 0; j < kBlockColumns; ++j) {
      out.column[s][j] = get<std::uint16_t>(bytes, kColumns + 2 * (s * kBlockColumns + j));
    }
  }
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    out.conflict_vector[lane] = bytes[kConflictVector + lane];
    out.weight_switch[lane] = get<std::uint32_t>(bytes, kWeightSwitch + 4 * lane);
    out.input_switch[lane] = get<std::uint16_t>(bytes, kInputSwitch + 2 * lane);
    out.token[lane] = get<std::uint16_t>(bytes, kTokens + 2 * lane);
  }
  if (const Fault fault = check_head(out, bytes[kFlags])) return fault;
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    if (const Fault fault = check_lane(out, lane)) return fault;
  }
  return check_columns(out);
}

std::vector<std::uint8_t> encode_schedule(std::span<const TileSchedule> schedules, std::span<const TileTokens> tiles,
                                          std::uint32_t generation) {
  DIXION_CHECK(schedules.size() == tiles.size(), "a schedule per tile");
  std::vector<std::uint8_t> memory;
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    const auto& blocks = schedules[t].blocks;
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      ScheduleRecord record = make_record(blocks[b], tiles[t]);
      record.generation = generation;
      record.tile = static_cast<std::uint32_t>(t);
      record.block = static_cast<std::uint32_t>(b);
      record.last = b + 1 == blocks.size();
      const RecordBytes bytes = encode_record(record);
      memory.insert(memory.end(), bytes.begin(), bytes.end());
    }
  }
  return memory;
}

}  // namespace dixion
