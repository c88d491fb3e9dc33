// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/schedule_memory.h"

#include <array>
#include <cstring>

#include "models/common/check.h"
#include "models/common/mask_bits.h"

namespace dixion {
namespace {

constexpr std::size_t kHeaderBytes = DIXION_SCHEDULE_HEADER_WORDS * kScheduleWordBytes;

constexpr std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) != 0 ? 0xedb88320U ^ c >> 1 : c >> 1;
    table[i] = c;
  }
  return table;
}
constexpr std::array<std::uint32_t, 256> kCrc = crc_table();

void put(std::vector<std::uint8_t>& bytes, std::size_t word, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[4 * word + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::uint32_t get(std::span<const std::uint8_t> bytes, std::size_t word) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value |= std::uint32_t{bytes[4 * word + i]} << (8 * i);
  return value;
}

/// Marks what the record's units compute.
std::optional<RecordFault> mark(const ScheduleRecord& record, std::span<const std::uint32_t> tile, std::size_t columns,
                                std::uint32_t* needed) {
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    if (record.token[lane] != (lane < tile.size() ? tile[lane] : kNone16))
      return RecordFault{"TOKEN[" + std::to_string(lane) + "]", record.token[lane], "the tile's token"};
  }
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    for (unsigned j = 0; j < kBlockColumns; ++j) {
      const unsigned source = record.weight_switch[lane] >> (2 * j) & 3U;
      if (source == 0) continue;
      const bool foreign = (record.input_switch[lane] >> j & 1) != 0;
      const std::size_t token = record.token[foreign ? record.conflict_vector[lane] & 15U : lane];
      const std::size_t column = record.column[source - 1][j];
      if (column >= columns) {
        return RecordFault{"COLUMN[" + std::to_string(source - 1) + "][" + std::to_string(j) + "]", column,
                           "a column of the mask"};
      }
      needed[token * mask_words(columns) + column / kMaskWordBits] |= std::uint32_t{1} << column % kMaskWordBits;
    }
  }
  return {};
}

}  // namespace

std::uint32_t mask_generation(std::span<const std::uint32_t* const> rows, std::size_t columns) {
  std::uint32_t crc = 0xffffffffU;
  const std::size_t words = mask_words(columns);
  const std::size_t rest = columns % kMaskWordBits;
  for (const std::uint32_t* row : rows) {
    for (std::size_t i = 0; i < words; ++i) {
      std::uint32_t word = row[i];
      if (i + 1 == words && rest != 0) word &= (std::uint32_t{1} << rest) - 1;
      for (int byte = 0; byte < 4; ++byte) crc = kCrc[(crc ^ word >> (8 * byte)) & 255U] ^ crc >> 8;
    }
  }
  return ~crc;
}

std::vector<std::uint8_t> encode_tile(const TileSchedule& schedule, const TileTokens& tile, std::uint32_t number,
                                      std::uint32_t generation) {
  std::vector<std::uint8_t> bytes(schedule_words(schedule.blocks.size()) * kScheduleWordBytes);
  put(bytes, 0, static_cast<std::uint32_t>(schedule.blocks.size()));
  put(bytes, 1, generation);
  put(bytes, 2, static_cast<std::uint32_t>(schedule.columns));
  put(bytes, 3, static_cast<std::uint32_t>(schedule.condensed_blocks));
  for (std::size_t b = 0; b < schedule.blocks.size(); ++b) {
    ScheduleRecord record = make_record(schedule.blocks[b], tile);
    record.generation = generation;
    record.tile = number;
    record.block = static_cast<std::uint32_t>(b);
    record.last = b + 1 == schedule.blocks.size();
    const RecordBytes encoded = encode_record(record);
    std::memcpy(bytes.data() + kHeaderBytes + b * kRecordBytes, encoded.data(), kRecordBytes);
  }
  return bytes;
}

TileHeader decode_header(std::span<const std::uint8_t> bytes) {
  DIXION_CHECK(bytes.size() >= kHeaderBytes, "a header's bytes");
  return {get(bytes, 0), get(bytes, 1), get(bytes, 2), get(bytes, 3)};
}

std::optional<RecordFault> decode_tile(std::span<const std::uint8_t> bytes, std::uint32_t number,
                                       std::span<const std::uint32_t> tile, std::uint32_t* needed) {
  const TileHeader header = decode_header(bytes);
  DIXION_CHECK(bytes.size() >= kHeaderBytes + header.blocks * kRecordBytes, "the bytes of all records");
  for (std::uint32_t b = 0; b < header.blocks; ++b) {
    ScheduleRecord record;
    const auto at = bytes.subspan(kHeaderBytes + b * kRecordBytes).first<kRecordBytes>();
    if (auto fault = decode_record(at, record)) return fault;
    if (record.generation != header.generation)
      return RecordFault{"GENERATION", record.generation, "that of the tile's header"};
    if (record.tile != number) return RecordFault{"TILE", record.tile, "the number of the tile"};
    if (record.block != b) return RecordFault{"BLOCK", record.block, "the number of the record in its tile"};
    if (record.last != (b + 1 == header.blocks))
      return RecordFault{"FLAGS", record.last ? 1U : 0U, "1 in the tile's last record only"};
    if (auto fault = mark(record, tile, header.columns, needed)) return fault;
  }
  return {};
}

}  // namespace dixion
