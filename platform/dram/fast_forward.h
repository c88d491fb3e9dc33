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
/// The first checkpoint after a refresh is a station. From one to the next, or to a stream's end, leads a span: one
/// edge for the node together with the distance to the refresh and all that a stream may come to until then.
///
/// Not used while bursts of ordinary accesses wait, or more than kStreams streams are under way.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "platform/dram/channel_state.h"
#include "platform/dram/memo.h"

namespace dixion::dram {

class FastForward {
 public:
  static constexpr unsigned kStreams = 8;

  /// How much of a stream's rest its node tells.
  struct Ahead {
    std::uint64_t reach = 0;   // iterations of the regular level; more than those are left if no rounds are told
    std::uint32_t rounds = 0;  // beginnings of the regular level
    bool end = false;          // what is told is all that is left
  };

  /// `refresh_sets`: how many per-bank refreshes make a round; 1 for all-bank refresh or none. `most_bytes`: of what is
  /// remembered; while it forgets it takes up to twice as much.
  FastForward(unsigned banks, unsigned groups, unsigned refresh_sets, std::uint32_t refresh_interval,
              std::size_t most_bytes = Memo::kMostBytes);
  /// Banks of a group may stand for each other.
  [[nodiscard]] bool banks_are_alike() const { return refresh_sets_ == 1; }

  /// Where something began that may become an edge.
  struct Mark {
    void clear() { from = nullptr; }

    MemoNode* from = nullptr;
    bool station = false;
    std::uint64_t generation = 0;
    Cycles at = 0;
    Cycles due = 0;
    std::uint32_t refresh_bank = 0;
    std::uint64_t foreign = 0;  // banks open with a row no stream comes to
    std::uint64_t sharing = 0;  // pairs of streams that may come to the same rows
    std::array<std::uint32_t, kMaxBanks> rows{};
    CommandCounters commands;
    unsigned streams = 0;
    std::array<std::uint8_t, kStreams> slot{};
    std::array<StreamCursor, kStreams> cursor;
    std::array<SourceCounters, kStreams> counters;
    std::array<Ahead, kStreams> ahead;
  };

  /// What a channel simulates just now. Any change from outside clears it.
  struct Record {
    void clear() {
      stretch.clear();
      span.clear();
      due = 0;
    }

    Mark stretch;    // since the last checkpoint
    Mark span;       // since the last station
    Cycles due = 0;  // of the last checkpoint, 0: unknown; another one tells a station
  };

  /// The channel stands between two commands. Learns from `record`, jumps as far as it can before `limit`, and starts
  /// a new record. True if it jumped to the end of a stream: then there is no new record.
  bool checkpoint(ChannelState& state, Record& record, Cycles limit);
  /// Learns from `record` only: a stream has come to its end.
  void close(ChannelState& state, Record& record);
  [[nodiscard]] std::uint64_t jumps() const { return jumps_; }
  /// How often it was full.
  [[nodiscard]] std::uint64_t times_full() const { return memo_.generation() - 1; }

 private:
  struct View;
  struct Walk;
  struct Joint;
  void learn(const View& view, const Mark& mark, MemoNode& to);
  void begin(const View& view, Mark& mark, MemoNode* from, bool station);
  MemoNode* node_of(View& view);
  MemoNode* refine(const Walk& walk, MemoNode* before);
  MemoNode* station(const Walk& walk, MemoNode* before);
  bool tell(const Walk& walk, unsigned stream);
  MemoNode* follow_spans(Walk& walk, Cycles limit);
  MemoNode* follow_stretches(Walk& walk, Cycles limit);
  const MemoEdge* choose(const MemoNode& node, const Walk& walk, Cycles limit) const;
  void arrive(View& view, const Walk& walk);

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
  std::array<Ahead, kStreams> ahead_;  // of refine() or station()
};

}  // namespace dixion::dram
