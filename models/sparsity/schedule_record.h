// SPDX-License-Identifier: Apache-2.0
/// The 256 bytes that describe one merged block in memory; every bit is defined in docs/conmerge.md, "Record".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/sparsity/conmerge.h"

namespace dixion {

inline constexpr std::size_t kRecordBytes = 256;
using RecordBytes = std::array<std::uint8_t, kRecordBytes>;

/// "No column", "no token" in records.
inline constexpr std::uint16_t kNone16 = 0xffff;
/// Bit of a conflict vector entry that says there is a foreign row.
inline constexpr std::uint8_t kForeignValid = 0x80;

/// A record's fields. Lane l and physical column j name the unit; source s is 0 to sources - 1.
struct ScheduleRecord {
  std::uint32_t generation = 0;  ///< of the mask it was built from
  std::uint32_t tile = 0;
  std::uint32_t block = 0;                             ///< within the tile, from 0: the array runs blocks in this order
  std::uint8_t sources = 0;                            ///< 1 to 3
  bool last = false;                                   ///< last block of its tile
  std::uint16_t lanes = 0;                             ///< bit l: lane l has a token; the lowest ones
  std::array<std::uint8_t, kLanes> conflict_vector{};  ///< kForeignValid | row, or 0
  std::array<std::array<std::uint16_t, kBlockColumns>, kMaxSources> column{};  ///< in the mask; kNone16
  std::array<std::uint32_t, kLanes> weight_switch{};  ///< two bits per physical column: 0 idle, else source + 1
  std::array<std::uint16_t, kLanes> input_switch{};   ///< bit j: unit j of the lane takes the foreign row
  std::array<std::uint16_t, kLanes> token{};          ///< row of the mask; kNone16

  bool operator==(const ScheduleRecord&) const = default;
};

/// What is wrong with a record, for error completions and messages.
struct RecordFault {
  std::string field;  ///< like "CONFLICT_VECTOR[3]"
  std::uint64_t value;
  std::string expected;  ///< like "a row other than the lane's own"
};

/// Tokens must be below 65535 (DefectError).
[[nodiscard]] ScheduleRecord make_record(const MergedBlock& block, const TileTokens& tile);
/// Little-endian; fields are not checked.
[[nodiscard]] RecordBytes encode_record(const ScheduleRecord& record);
/// Bytes to fields. Returns the first field that breaks a rule of the record, reserved bits and lane rule among them;
/// `out` is then not to be used.
[[nodiscard]] std::optional<RecordFault> decode_record(std::span<const std::uint8_t, kRecordBytes> bytes,
                                                       ScheduleRecord& out);

/// A whole schedule as it lies in memory: records of tile 0, 1, ... one after another; tiles without needed outputs
/// have none.
[[nodiscard]] std::vector<std::uint8_t> encode_schedule(std::span<const TileSchedule> schedules,
                                                        std::span<const TileTokens> tiles, std::uint32_t generation);

}  // namespace dixion
