// SPDX-License-Identifier: Apache-2.0
#include "tests/support/schedule_checker.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace dixion::test {

namespace {

constexpr std::size_t kRecord = 256;

/// Fields are looked up in the bytes where they are used.
class Bytes {
 public:
  Bytes(const std::vector<std::uint8_t>& memory, std::size_t at) : memory_(memory), at_(at) {}
  std::uint32_t u8(std::size_t offset) const { return memory_[at_ + offset]; }
  std::uint32_t u16(std::size_t offset) const { return u8(offset) + 256 * u8(offset + 1); }
  std::uint32_t u32(std::size_t offset) const { return u16(offset) + 65536 * u16(offset + 2); }

 private:
  const std::vector<std::uint8_t>& memory_;
  std::size_t at_;
};

class Replay {
 public:
  explicit Replay(const ScheduleTask& task) : task_(task), times_(task.rows * task.columns) {}

  void record(const Bytes& bytes, std::size_t number) {
    number_ = number;
    const std::uint32_t tile = bytes.u32(4);
    const std::size_t tiles = (task_.tokens.size() + 15) / 16;
    if (bytes.u32(0) != task_.generation) object("generation");
    if (tile >= tiles) return object("tile that does not exist");
    head(bytes, tile);
    order(bytes, tile);
    std::set<std::pair<std::uint32_t, std::uint32_t>> columns_used;
    for (std::uint32_t lane = 0; lane < 16; ++lane) this->lane(bytes, tile, lane, columns_used);
    for (std::uint32_t source = 0; source < 3; ++source) {
      for (std::uint32_t column = 0; column < 16; ++column) {
        if (columns_used.count({source, column}) == 0 && bytes.u16(32 + 32 * source + 2 * column) != 0xffff) {
          object("column without a unit");
        }
      }
    }
    std::set<std::uint32_t> sources_used;
    for (const auto& use : columns_used) sources_used.insert(use.first);
    if (sources_used.size() != bytes.u8(12)) object("number of sources");
  }

  std::vector<std::string> finish() {
    if (last_seen_ && !closed_) objections_.push_back("last tile is not closed");
    for (std::size_t row = 0; row < task_.rows; ++row) {
      for (std::size_t column = 0; column < task_.columns; ++column) {
        const unsigned expected = task_.needed(row, column) ? 1 : 0;
        const unsigned computed = times_[row * task_.columns + column];
        if (computed != expected) {
          objections_.push_back("output " + std::to_string(row) + ", " + std::to_string(column) + " computed " +
                                std::to_string(computed) + " times, needed " + std::to_string(expected));
        }
      }
    }
    return objections_;
  }

 private:
  void object(const std::string& what) { objections_.push_back("record " + std::to_string(number_) + ": " + what); }

  std::size_t tokens_in(std::uint32_t tile) const { return std::min<std::size_t>(16, task_.tokens.size() - 16 * tile); }

  void head(const Bytes& bytes, std::uint32_t tile) {
    if (bytes.u8(12) < 1 || bytes.u8(12) > 3) object("source count");
    if (bytes.u8(13) > 1) object("reserved flags");
    for (std::uint32_t lane = 0; lane < 16; ++lane) {
      const bool present = lane < tokens_in(tile);
      if (((bytes.u16(14) >> lane) & 1) != (present ? 1U : 0U)) object("lane mask");
      if (bytes.u16(224 + 2 * lane) != (present ? task_.tokens[16 * tile + lane] : 0xffff)) object("token of a lane");
    }
  }

  void order(const Bytes& bytes, std::uint32_t tile) {
    const std::uint32_t block = bytes.u32(8);
    if (last_seen_ && !closed_) {
      if (tile != last_tile_ || block != last_block_ + 1) object("not the next block of its tile");
    } else {
      if (last_seen_ && tile <= last_tile_) object("tile out of order");
      if (block != 0) object("tile does not begin with block 0");
    }
    last_seen_ = true;
    last_tile_ = tile;
    last_block_ = block;
    closed_ = bytes.u8(13) == 1;
  }

  void lane(const Bytes& bytes, std::uint32_t tile, std::uint32_t lane,
            std::set<std::pair<std::uint32_t, std::uint32_t>>& columns_used) {
    const std::uint32_t vector = bytes.u8(16 + lane);
    bool takes_foreign = false;
    for (std::uint32_t column = 0; column < 16; ++column) {
      const std::uint32_t source = (bytes.u32(128 + 4 * lane) >> (2 * column)) & 3;
      const bool foreign = ((bytes.u16(192 + 2 * lane) >> column) & 1) != 0;
      if (source == 0) {
        if (foreign) object("idle unit with an input switch");
        continue;
      }
      takes_foreign = takes_foreign || foreign;
      columns_used.insert({source - 1, column});
      if (foreign && vector < 0x80) object("unit takes a foreign row the lane does not receive");
      const std::uint32_t row = foreign ? vector & 15 : lane;
      if (row >= tokens_in(tile)) {
        object("row without a token");
        continue;
      }
      unit(tile, bytes.u32(8), lane, column, row, bytes.u16(32 + 32 * (source - 1) + 2 * column));
    }
    if ((vector & 0x70) != 0) object("reserved bits of the conflict vector");
    if (!takes_foreign && vector != 0) object("conflict vector nobody uses");
    if (takes_foreign && (vector & 15) == lane) object("foreign row is the lane's own");
  }

  /// A unit computes one output in pass (tile, block).
  void unit(std::uint32_t tile, std::uint32_t block, std::uint32_t lane, std::uint32_t column, std::uint32_t row,
            std::uint32_t mask_column) {
    if (!units_.insert({tile, block, lane, column}).second) object("two values on one unit");
    if (row != lane) {
      auto& rows = foreign_rows_[{tile, block, lane}];
      rows.insert(row);
      if (rows.size() > 1) object("two foreign rows on one lane");
    }
    if (mask_column >= task_.columns) return object("column beyond the mask");
    ++times_[task_.tokens[16 * tile + row] * task_.columns + mask_column];
  }

  const ScheduleTask& task_;
  std::vector<unsigned> times_;
  std::vector<std::string> objections_;
  std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>> units_;
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, std::set<std::uint32_t>> foreign_rows_;
  std::size_t number_ = 0;
  bool last_seen_ = false;
  bool closed_ = false;
  std::uint32_t last_tile_ = 0;
  std::uint32_t last_block_ = 0;
};

}  // namespace

std::vector<std::string> check_schedule(const ScheduleTask& task, const std::vector<std::uint8_t>& memory) {
  if (memory.size() % kRecord != 0) return {"not a whole number of records"};
  Replay replay(task);
  for (std::size_t r = 0; r < memory.size() / kRecord; ++r) replay.record(Bytes(memory, r * kRecord), r);
  return replay.finish();
}

}  // namespace dixion::test
