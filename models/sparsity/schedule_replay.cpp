// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/schedule_replay.h"

#include <set>
#include <utility>

namespace dixion {
namespace {

constexpr std::size_t kHeader = 64;
constexpr std::size_t kRecord = 256;
constexpr std::uint32_t kNone = 0xffff;

class Replay {
 public:
  Replay(std::span<const std::uint8_t> bytes, const ReplayTask& task) : bytes_(bytes), task_(task) {}

  std::string run() {
    if (bytes_.size() < kHeader) return "shorter than a header";
    const std::uint32_t blocks = u32(0);
    if (u32(8) != task_.columns) return "built for " + std::to_string(u32(8)) + " columns";
    if (bytes_.size() != kHeader + std::size_t{blocks} * kRecord) return "another length than its header says";
    times_.assign(task_.tokens.size() * task_.columns, 0);
    for (std::uint32_t block = 0; block < blocks && objection_.empty(); ++block) record(block, block + 1 == blocks);
    if (objection_.empty()) totals();
    return objection_;
  }

 private:
  [[nodiscard]] std::uint32_t u8(std::size_t at) const { return bytes_[at]; }
  [[nodiscard]] std::uint32_t u16(std::size_t at) const { return u8(at) + 256 * u8(at + 1); }
  [[nodiscard]] std::uint32_t u32(std::size_t at) const { return u16(at) + 65536 * u16(at + 2); }

  void object(const std::string& what) {
    if (objection_.empty()) objection_ = "record " + std::to_string(block_) + ": " + what;
  }

  void record(std::uint32_t block, bool last) {
    block_ = block;
    at_ = kHeader + std::size_t{block} * kRecord;
    used_.clear();
    if (u32(at_) != u32(4)) object("generation differs from the header's");
    if (u32(at_ + 4) != task_.number) object("number of the tile");
    if (u32(at_ + 8) != block) object("number of the block");
    if (u8(at_ + 13) != (last ? 1U : 0U)) object("flags");
    for (std::uint32_t lane = 0; lane < 16; ++lane) {
      const bool present = lane < task_.tokens.size();
      if ((u16(at_ + 14) >> lane & 1U) != (present ? 1U : 0U)) object("lane mask");
      if (u16(at_ + 224 + 2 * lane) != (present ? task_.tokens[lane] : kNone)) object("token of a lane");
      units(lane);
    }
    std::set<std::uint32_t> sources;
    for (const auto& use : used_) sources.insert(use.first);
    if (sources.size() != u8(at_ + 12) || sources.size() > 3) object("number of sources");
    for (std::uint32_t source = 0; source < 3; ++source) {
      for (std::uint32_t column = 0; column < 16; ++column) {
        const bool named = u16(at_ + 32 + 32 * source + 2 * column) != kNone;
        if (named != (used_.count({source, column}) != 0)) object("column named without a unit");
      }
    }
  }

  void units(std::uint32_t lane) {
    const std::uint32_t vector = u8(at_ + 16 + lane);
    bool takes_foreign = false;
    for (std::uint32_t column = 0; column < 16; ++column) {
      const std::uint32_t source = u32(at_ + 128 + 4 * lane) >> (2 * column) & 3U;
      const bool foreign = (u16(at_ + 192 + 2 * lane) >> column & 1U) != 0;
      if (source == 0 && foreign) object("idle unit with an input switch");
      if (source == 0) continue;
      takes_foreign = takes_foreign || foreign;
      used_.insert({source - 1, column});
      const std::uint32_t row = foreign ? vector & 15U : lane;
      if (row >= task_.tokens.size()) {
        object("row without a token");
        continue;
      }
      const std::uint32_t output = u16(at_ + 32 + 32 * (source - 1) + 2 * column);
      if (output >= task_.columns) {
        object("column beyond the mask");
      } else {
        ++times_[row * task_.columns + output];
      }
    }
    const std::uint32_t allowed = takes_foreign ? 0x80U | (vector & 15U) : 0;
    if (vector != allowed) object("conflict vector");
    if (takes_foreign && (vector & 15U) == lane) object("foreign row is the lane's own");
  }

  void totals() {
    for (std::size_t row = 0; row < task_.tokens.size(); ++row) {
      for (std::uint32_t column = 0; column < task_.columns; ++column) {
        const unsigned wanted = task_.needed(task_.tokens[row], column) ? 1 : 0;
        const unsigned times = times_[row * task_.columns + column];
        if (times == wanted) continue;
        objection_ = "token " + std::to_string(task_.tokens[row]) + ", column " + std::to_string(column) +
                     " computed " + std::to_string(times) + " times, needed " + std::to_string(wanted);
        return;
      }
    }
  }

  std::span<const std::uint8_t> bytes_;
  const ReplayTask& task_;
  std::vector<unsigned> times_;                             // [lane, column]
  std::set<std::pair<std::uint32_t, std::uint32_t>> used_;  // source, physical column
  std::string objection_;
  std::uint32_t block_ = 0;
  std::size_t at_ = 0;
};

}  // namespace

ReplayTask replay_task(std::vector<std::uint32_t> tokens, const std::uint32_t* rows, std::size_t columns,
                       std::size_t number, bool scores) {
  const std::size_t words = (columns + 31) / 32;
  const auto bit = [=](std::uint32_t token, std::size_t column) {
    return (rows[token * words + column / 32] >> column % 32 & 1U) != 0;
  };
  std::set<std::uint32_t> single;
  for (const std::uint32_t token : tokens) {
    std::size_t ones = 0;
    for (std::size_t column = 0; column < columns; ++column) ones += bit(token, column) ? 1 : 0;
    if (scores && ones == 1) single.insert(token);
  }
  ReplayTask task;
  task.tokens = std::move(tokens);
  task.columns = static_cast<std::uint32_t>(columns);
  task.number = static_cast<std::uint32_t>(number);
  task.needed = [bit, single](std::uint32_t token, std::uint32_t column) {
    return single.count(token) == 0 && bit(token, column);
  };
  return task;
}

std::string replay_tile(std::span<const std::uint8_t> bytes, const ReplayTask& task) {
  return Replay(bytes, task).run();
}

}  // namespace dixion
