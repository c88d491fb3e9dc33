// SPDX-License-Identifier: Apache-2.0
/// A tile's part of a ConMerge schedule in memory: 16 words of header, then the records of its merged blocks
/// (docs/conmerge.md, "In memory").
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/abi/generated/commands.h"
#include "models/sparsity/schedule_record.h"

namespace dixion {

inline constexpr std::size_t kScheduleWordBytes = 4;
static_assert(DIXION_SCHEDULE_TOKENS == kLanes && DIXION_SCHEDULE_COLUMNS == kBlockColumns &&
              DIXION_SCHEDULE_RECORD_WORDS * kScheduleWordBytes == kRecordBytes);

/// Words for `blocks` merged blocks.
constexpr std::size_t schedule_words(std::size_t blocks) {
  return DIXION_SCHEDULE_HEADER_WORDS + blocks * DIXION_SCHEDULE_RECORD_WORDS;
}

struct TileHeader {
  std::uint32_t blocks = 0;      ///< records that follow
  std::uint32_t generation = 0;  ///< of the tile's part of the mask that they were built from
  std::uint32_t columns = 0;     ///< of that mask; 0: nothing was ever built here
  std::uint32_t condensed = 0;   ///< blocks before merging
};

/// The generation of one tile of a mask: CRC-32 (IEEE 802.3) of its tokens' rows in the order of lanes, each
/// mask_words(columns) words, bits from `columns` on taken as 0. `rows[l]` is the row of lane l.
[[nodiscard]] std::uint32_t mask_generation(std::span<const std::uint32_t* const> rows, std::size_t columns);

/// Header and records. `number` counts tiles within a sample.
[[nodiscard]] std::vector<std::uint8_t> encode_tile(const TileSchedule& schedule, const TileTokens& tile,
                                                    std::uint32_t number, std::uint32_t generation);

/// From the first 64 bytes.
[[nodiscard]] TileHeader decode_header(std::span<const std::uint8_t> bytes);

/// What the records name: bit per (token, column) in `needed`, row t for token t, mask_words(header.columns) words
/// each, all 0 before. `tile` are the tokens of the tile in the order of lanes. Returns the first mistake: a record
/// that breaks a rule of its own, is not the next one of tile `number`, has another generation than its header, other
/// tokens than the tile or a column that is not there. `bytes` holds header and records.
[[nodiscard]] std::optional<RecordFault> decode_tile(std::span<const std::uint8_t> bytes, std::uint32_t number,
                                                     std::span<const std::uint32_t> tile, std::uint32_t* needed);

}  // namespace dixion
