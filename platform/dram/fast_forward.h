// SPDX-License-Identifier: Apache-2.0
/// Remembers what a channel did from one checkpoint to the next and does not simulate it again.
///
/// What a controller does until something arrives depends on its state up to a shift of time and of rows: all times are
/// taken relative to now (those past are equal), all rows relative to the row where a stream is. So states are nodes,
/// and an edge says: from here, that many clocks later, it is there; these are the commands and counts in between. An
/// edge without a refresh holds whenever none falls due before its end; one with a refresh holds for the distance to
/// that refresh. Edges from behind one refresh to behind the next are joined, so a long stream costs a look-up per
/// refresh interval. Nothing is approximated: a test compares with the simulation burst by burst.
///
/// Not used while ordinary accesses are under way, a stream is running out, or more than four streams are active.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "platform/dram/channel_state.h"

namespace dixion::dram {

class FastForward {
 public:
  static constexpr unsigned kStreams = 4;

  /// `refresh_sets`: how many per-bank refreshes make a round; 1 for all-bank refresh or none.
  FastForward(unsigned banks, unsigned groups, unsigned refresh_sets, std::uint32_t refresh_interval);

 private:
  struct Node;
  /// How one stream moved on.
  struct Progress {
    std::uint64_t local = 0;
    std::uint64_t address = 0;  // wraps
    std::uint64_t slowest = 0;  // runs of its slowest loop
    std::uint64_t runs = 0;
    SourceCounters counters;
  };
  struct Edge {
    Node* to = nullptr;
    Cycles cycles = 0;
    std::uint64_t refreshes = 0;
    CommandCounters commands;
    Progress stream[kStreams];
    void append(const Edge& next, unsigned streams);
  };
  struct Node {
    std::uint64_t id;
    std::vector<std::uint64_t> words;
    const Edge* plain = nullptr;  // no refresh until its end
  };

 public:
  /// What a channel simulates just now, between two checkpoints. Any change from outside clears it.
  struct Record {
    void clear() { from = nullptr; }

    Node* from = nullptr;
    std::uint64_t generation = 0;
    Cycles at = 0;
    Cycles due = 0;
    std::uint32_t refresh_bank = 0;
    std::uint64_t foreign = 0;  // banks open with a row no stream comes to
    std::uint32_t rows[kMaxBanks] = {};
    CommandCounters commands;
    Progress stream[kStreams];
  };

  /// The channel stands between two commands. Learns from `record`, jumps as far as it can before `limit`, and starts
  /// a new record.
  void checkpoint(ChannelState& state, Record& record, Cycles limit);
  [[nodiscard]] std::uint64_t jumps() const { return jumps_; }

 private:
  struct View;
  struct Walk;
  void learn(const View& view, const Record& record, Node& to);
  Node& node_for(std::vector<std::uint64_t>& words);
  const Edge* choose(const Walk& walk, Cycles limit, bool behind_refresh) const;
  [[nodiscard]] std::uint64_t key(const Node& node, std::int64_t countdown, std::uint32_t bank) const;

  unsigned banks_;
  unsigned groups_;
  unsigned refresh_sets_;
  std::uint32_t refresh_interval_;
  std::uint64_t generation_ = 1;
  std::uint64_t jumps_ = 0;
  std::deque<Node> nodes_;
  std::deque<Edge> edges_;
  std::unordered_multimap<std::uint64_t, Node*> by_hash_;
  std::unordered_map<std::uint64_t, const Edge*> refreshing_;  // by key
  std::unordered_map<std::uint64_t, const Edge*> joined_;      // by key
  std::vector<std::uint64_t> words_;
};

}  // namespace dixion::dram
