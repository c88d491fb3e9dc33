// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/fast_forward.h"

#include <algorithm>

#include "platform/dram/fast_forward_view.h"

namespace dixion::dram {

namespace {

constexpr std::size_t kMaxNodes = 1 << 14;  // with the edges at most about 100 MB
constexpr std::size_t kMaxEdges = 1 << 16;

std::uint64_t hash(const std::vector<std::uint64_t>& words) {
  std::uint64_t value = 0x9e3779b97f4a7c15ULL;
  for (const std::uint64_t word : words) {
    value = (value ^ word) * 0xff51afd7ed558ccdULL;
    value ^= value >> 32;
  }
  return value;
}

}  // namespace

void FastForward::Edge::append(const Edge& next, unsigned streams) {
  to = next.to;
  cycles += next.cycles;
  refreshes += next.refreshes;
  commands += next.commands;
  for (unsigned i = 0; i < streams; ++i) {
    stream[i].local += next.stream[i].local;
    stream[i].address += next.stream[i].address;
    stream[i].slowest += next.stream[i].slowest;
    stream[i].runs += next.stream[i].runs;
    stream[i].counters += next.stream[i].counters;
  }
}

/// How far a jump has come.
struct FastForward::Walk {
  View& view;
  const Node* node;
  Edge sum;
  Cycles start;
  Cycles due;
  std::uint32_t refresh_bank;

  [[nodiscard]] Cycles now() const { return start + sum.cycles; }
  [[nodiscard]] std::int64_t countdown() const { return static_cast<std::int64_t>(due - now()); }
  /// No stream runs out on the way, or leaves a run that counts as endless.
  [[nodiscard]] bool fits(const Edge& edge, Cycles limit) const {
    if (edge.cycles >= limit - now()) return false;
    for (unsigned i = 0; i < view.streams; ++i) {
      const StreamCursor& cursor = view.s.stream[view.slot[i]].cursor;
      if (cursor.plan->long_runs) {
        if (sum.stream[i].local + edge.stream[i].local >= cursor.end - cursor.local) return false;
      } else if (cursor.index[0] + sum.stream[i].slowest + edge.stream[i].slowest >= cursor.plan->count[0]) {
        return false;
      }
    }
    return true;
  }
  void take(const Edge& edge, std::uint32_t interval, unsigned sets) {
    sum.append(edge, view.streams);
    node = edge.to;
    due += edge.refreshes * interval;
    refresh_bank = static_cast<std::uint32_t>((refresh_bank + edge.refreshes) % sets);
  }
};

FastForward::FastForward(unsigned banks, unsigned groups, unsigned refresh_sets, std::uint32_t refresh_interval)
    : banks_(banks), groups_(groups), refresh_sets_(refresh_sets), refresh_interval_(refresh_interval) {}

std::uint64_t FastForward::key(const Node& node, std::int64_t countdown, std::uint32_t bank) const {
  return node.id << 40 | std::uint64_t{bank} << 32 | static_cast<std::uint32_t>(countdown);
}

FastForward::Node& FastForward::node_for(std::vector<std::uint64_t>& words) {
  const std::uint64_t value = hash(words);
  const auto [first, last] = by_hash_.equal_range(value);
  for (auto entry = first; entry != last; ++entry) {
    if (entry->second->words == words) return *entry->second;
  }
  nodes_.push_back({nodes_.size(), words});
  by_hash_.emplace(value, &nodes_.back());
  return nodes_.back();
}

const FastForward::Edge* FastForward::choose(const Walk& walk, Cycles limit, bool behind_refresh) const {
  const Edge* plain = walk.node->plain;
  const std::int64_t countdown = walk.countdown();
  const std::uint64_t place = key(*walk.node, countdown, walk.refresh_bank);
  if (behind_refresh) {
    const auto found = joined_.find(place);
    if (found != joined_.end() && walk.fits(*found->second, limit)) return found->second;
  }
  if (plain != nullptr && countdown > 0 && plain->cycles < static_cast<Cycles>(countdown)) {
    return walk.fits(*plain, limit) ? plain : nullptr;
  }
  const auto found = refreshing_.find(place);
  return found != refreshing_.end() && walk.fits(*found->second, limit) ? found->second : nullptr;
}

void FastForward::learn(const View& view, const Record& record, Node& to) {
  const ChannelState& s = view.s;
  // A bank may have become foreign only if it was before, with the same row: rows are not stored for those.
  for (unsigned bank = 0; bank < banks_; ++bank) {
    const std::uint64_t bit = std::uint64_t{1} << bank;
    if ((view.foreign & bit) != 0 && ((record.foreign & bit) == 0 || record.rows[bank] != s.bank[bank].row)) return;
  }
  Edge edge;
  edge.to = &to;
  edge.cycles = s.now - record.at;
  edge.refreshes = (s.refresh_due - record.due) / refresh_interval_;
  edge.commands = s.commands;
  edge.commands -= record.commands;
  for (unsigned i = 0; i < view.streams; ++i) {
    const StreamSlot& stream = s.stream[view.slot[i]];
    const Progress& before = record.stream[i];
    Progress& step = edge.stream[i];
    step.local = stream.cursor.local - before.local;
    step.address = stream.cursor.run_address - before.address;
    step.slowest = stream.cursor.index[0] - before.slowest;
    step.runs = stream.cursor.runs - before.runs;
    if (stream.cursor.plan->long_runs && step.runs != 0) return;
    step.counters = stream.counters;
    step.counters -= before.counters;
  }
  const bool undisturbed = edge.refreshes == 0 && s.refresh_due > s.now;
  const std::uint64_t place = key(*record.from, static_cast<std::int64_t>(record.due - record.at), record.refresh_bank);
  if (undisturbed ? record.from->plain != nullptr : refreshing_.contains(place)) return;
  edges_.push_back(edge);
  if (undisturbed) {
    record.from->plain = &edges_.back();
  } else {
    refreshing_.emplace(place, &edges_.back());
  }
}

void FastForward::checkpoint(ChannelState& state, Record& record, Cycles limit) {
  View view(state, banks_, groups_);
  if (!view.usable()) return record.clear();
  if (nodes_.size() >= kMaxNodes || edges_.size() >= kMaxEdges) {
    nodes_.clear();
    edges_.clear();
    by_hash_.clear();
    refreshing_.clear();
    joined_.clear();
    ++generation_;
  }
  view.save(words_);
  Node& here = node_for(words_);
  if (record.from != nullptr && record.generation == generation_) learn(view, record, here);

  Walk walk{view, &here, {}, state.now, state.refresh_due, state.refresh_bank};
  walk.sum.to = &here;
  // Edges from behind a refresh to behind the next one, to be joined.
  const Node* behind = nullptr;
  std::uint64_t behind_key = 0;
  Edge since;
  while (const Edge* edge = choose(walk, limit, behind == walk.node && since.cycles == 0)) {
    since.append(*edge, view.streams);
    walk.take(*edge, refresh_interval_, refresh_sets_);
    if (edge->refreshes == 0) continue;
    if (behind != nullptr && since.cycles != edge->cycles) {
      edges_.push_back(since);
      joined_.emplace(behind_key, &edges_.back());
    }
    behind = walk.node;
    behind_key = key(*behind, walk.countdown(), walk.refresh_bank);
    since = Edge{};
  }

  Node* end = walk.sum.to;
  if (walk.sum.cycles != 0) {
    ++jumps_;
    state.now = walk.now();
    state.refresh_due = walk.due;
    state.refresh_bank = walk.refresh_bank;
    state.commands += walk.sum.commands;
    for (unsigned i = 0; i < view.streams; ++i) {
      StreamSlot& stream = state.stream[view.slot[i]];
      const Progress& step = walk.sum.stream[i];
      stream.cursor.local += step.local;
      stream.cursor.run_address += step.address;
      stream.cursor.index[0] += step.slowest;
      stream.cursor.runs += step.runs;
      stream.counters += step.counters;
    }
    view.load(end->words);
    View again(state, banks_, groups_);
    again.save(words_);
    view.foreign = again.foreign;
  }
  record.from = end;
  record.generation = generation_;
  record.at = state.now;
  record.due = state.refresh_due;
  record.refresh_bank = state.refresh_bank;
  record.foreign = view.foreign;
  record.commands = state.commands;
  for (unsigned bank = 0; bank < banks_; ++bank) record.rows[bank] = state.bank[bank].row;
  for (unsigned i = 0; i < view.streams; ++i) {
    const StreamSlot& stream = state.stream[view.slot[i]];
    record.stream[i] = {stream.cursor.local, stream.cursor.run_address, stream.cursor.index[0], stream.cursor.runs,
                        stream.counters};
  }
}

}  // namespace dixion::dram
