// SPDX-License-Identifier: Apache-2.0
/// Remembers what a channel did from one checkpoint to the next and does not simulate it again.
///
/// What a controller does until something arrives depends on its state up to a shift of time and of rows: all times are
/// taken relative to now (those past are equal), banks and rows relative to where a stream is, columns not at all, and
/// of a stream where it stands within the pattern of the address mapping (AddressMap::Pattern), not in which channel.
/// Such states are nodes; an edge says: from here, that many clocks later, it is there; these are the commands and
/// counts in between. An edge without a refresh holds whenever none falls due before its end; one with a refresh holds
/// for the distance to that refresh. How much of a stream is left belongs to the state only where its end, that of its
/// regular part, or of the rows it is in, may be reached before the next checkpoint. Nothing is approximated: a test
/// compares with the simulation burst by burst.
///
/// Not used while bursts of ordinary accesses wait, or more than kStreams streams are under way.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "platform/dram/channel_state.h"
#include "platform/dram/memo.h"

namespace dixion::dram {

class FastForward {
 public:
  static constexpr unsigned kStreams = 8;

  /// `refresh_sets`: how many per-bank refreshes make a round; 1 for all-bank refresh or none.
  FastForward(unsigned banks, unsigned groups, unsigned refresh_sets, std::uint32_t refresh_interval);
  /// Banks of a group may stand for each other.
  [[nodiscard]] bool banks_are_alike() const { return refresh_sets_ == 1; }

  /// What a channel simulates just now, since the last checkpoint. Any change from outside clears it.
  struct Record {
    void clear() { from = nullptr; }

    MemoNode* from = nullptr;
    std::uint64_t generation = 0;
    Cycles at = 0;
    Cycles due = 0;
    std::uint32_t refresh_bank = 0;
    std::uint64_t foreign = 0;  // banks open with a row no stream comes to
    std::uint64_t sharing = 0;  // pairs of streams that may come to the same rows
    std::array<std::uint32_t, kMaxBanks> rows{};
    CommandCounters commands;
    unsigned streams = 0;
    unsigned ending = 0;  // streams whose rest is part of `from`
    std::array<std::uint8_t, kStreams> slot{};
    std::array<StreamCursor, kStreams> cursor;
    std::array<SourceCounters, kStreams> counters;
  };

  /// The channel stands between two commands. Learns from `record`, jumps as far as it can before `limit`, and starts
  /// a new record. True if it jumped to the end of a stream: then there is no new record.
  bool checkpoint(ChannelState& state, Record& record, Cycles limit);
  /// Learns from `record` only: a stream has come to its end.
  void close(ChannelState& state, Record& record);
  [[nodiscard]] std::uint64_t jumps() const { return jumps_; }

 private:
  struct View;
  struct Walk;
  struct Joint;
  void learn(const View& view, const Record& record, MemoNode& to);
  void begin(const View& view, Record& record, unsigned ending);
  MemoNode* refine(const Walk& walk, unsigned ending, unsigned crossing);
  MemoNode* node_of(View& view);
  const MemoEdge* choose(const MemoNode& node, const Walk& walk, Cycles limit) const;
  void arrive(View& view, const Walk& walk) const;

  unsigned banks_;
  unsigned groups_;
  unsigned refresh_sets_;
  std::uint32_t refresh_interval_;
  std::uint64_t jumps_ = 0;
  Memo memo_;
  std::vector<std::uint64_t> words_;
  // Kept here so that they need not be cleared for each use.
  std::array<StreamCursor, kStreams> cursors_;
  std::array<MemoStep, kStreams> steps_;
  std::array<MemoStep, kStreams> joint_steps_;
};

}  // namespace dixion::dram
