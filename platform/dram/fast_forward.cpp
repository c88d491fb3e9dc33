// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/fast_forward.h"

#include <algorithm>
#include <bit>

#include "platform/dram/fast_forward_view.h"

namespace dixion::dram {

namespace {

using SourceCounts = std::array<std::uint64_t, kSourceCounts>;
using CommandCounts = std::array<std::uint64_t, kCommandCounts>;

constexpr std::uint64_t kNearTag = ~std::uint64_t{0};
constexpr Cycles kLongestEdge = Cycles{1} << 31;

}  // namespace

/// How far a jump has come.
struct FastForward::Walk {
  Walk(const View& view, MemoNode& from, std::array<StreamCursor, kStreams>& cursors)
      : node(&from),
        pattern(view.pattern),
        streams(view.streams),
        cursor(cursors),
        now(view.s.now),
        due(view.s.refresh_due),
        bank(view.s.refresh_bank) {
    for (unsigned i = 0; i < streams; ++i) {
      cursor[i] = view.s.stream[view.slot[i]].cursor;
      counts[i].fill(0);
    }
  }

  /// Streams whose regular level may end before the next checkpoint.
  [[nodiscard]] unsigned ending() const {
    unsigned mask = 0;
    for (unsigned i = 0; i < streams; ++i) {
      if (!cursor[i].exhausted && cursor[i].left() <= cursor[i].plan->horizon) mask |= 1U << i;
    }
    return mask;
  }
  /// Streams that may come to other rows before.
  [[nodiscard]] unsigned crossing() const {
    if (!pattern.endless) return 0;
    unsigned mask = 0;
    for (unsigned i = 0; i < streams; ++i) {
      if (cursor[i].exhausted || !cursor[i].plan->atoms_are_regular()) continue;
      if (pattern.left(cursor[i].local) <= cursor[i].plan->horizon) mask |= 1U << i;
    }
    return mask;
  }
  /// Both would be 0 all the way.
  [[nodiscard]] bool stays_away(const MemoEdge& edge) const {
    for (unsigned i = 0; i < streams; ++i) {
      if (cursor[i].exhausted) continue;
      const std::uint64_t reach = cursor[i].plan->horizon + edge.step[i].places;
      if (cursor[i].left() <= reach) return false;
      if (pattern.endless && cursor[i].plan->atoms_are_regular() && pattern.left(cursor[i].local) <= reach)
        return false;
    }
    return true;
  }
  void take(const MemoEdge& edge, std::uint32_t interval, unsigned sets) {
    node = edge.to;
    now += edge.cycles;
    if (edge.refreshes != 0) {
      due += edge.refreshes * interval;
      bank = static_cast<std::uint32_t>((bank + edge.refreshes) % sets);
    }
    for (std::size_t k = 0; k < kCommandCounts; ++k) commands[k] += edge.commands[k];
    for (unsigned i = 0; i < streams; ++i) {
      const MemoStep& step = edge.step[i];
      for (std::size_t k = 0; k < kSourceCounts; ++k) counts[i][k] += step.counts[k];
      move(cursor[i], step);
    }
    ++edges;
  }
  static void move(StreamCursor& cursor, const MemoStep& step) {
    cursor.local += step.local;
    cursor.run_address += step.address;
    cursor.runs += step.runs;
    if (step.exhausted) {
      cursor.exhausted = true;
      cursor.index.fill(0);
    } else if (step.anew) {
      cursor.begin_round(step.places);
    } else if (!cursor.plan->atoms_are_regular()) {
      cursor.index[cursor.plan->regular] += step.places;
    }
  }

  MemoNode* node;
  AddressMap::Pattern pattern;
  unsigned streams;
  std::array<StreamCursor, kStreams>& cursor;
  Cycles now;
  Cycles due;
  std::uint32_t bank;
  std::uint64_t edges = 0;
  std::array<std::array<std::uint32_t, kSourceCounts>, kStreams> counts;
  CommandCounts commands{};
};

/// Plain edges in a row.
struct FastForward::Joint {
  static constexpr unsigned kEdges = 4;

  /// True if they are enough.
  bool take(MemoNode& at, const MemoEdge& next, bool near, unsigned streams) {
    if (near || &next != at.plain || next.finish) {
      from = nullptr;
      return false;
    }
    if (from == nullptr) {
      from = &at;
      edges = 0;
      edge = MemoEdge{};
      std::fill_n(step.begin(), streams, MemoStep{});
    }
    edge.to = next.to;
    edge.cycles += next.cycles;
    for (std::size_t k = 0; k < kCommandCounts; ++k) edge.commands[k] += next.commands[k];
    for (unsigned i = 0; i < streams; ++i) {
      step[i].local += next.step[i].local;
      step[i].address += next.step[i].address;
      step[i].runs += next.step[i].runs;
      step[i].places += next.step[i].places;
      for (std::size_t k = 0; k < kSourceCounts; ++k) {
        step[i].counts[k] = static_cast<std::uint16_t>(step[i].counts[k] + next.step[i].counts[k]);
      }
    }
    return ++edges == kEdges;
  }

  std::array<MemoStep, kStreams>& step;
  MemoNode* from = nullptr;
  unsigned edges = 0;
  MemoEdge edge{};
};

FastForward::FastForward(unsigned banks, unsigned groups, unsigned refresh_sets, std::uint32_t refresh_interval)
    : banks_(banks), groups_(groups), refresh_sets_(refresh_sets), refresh_interval_(refresh_interval) {}

// The node together with how much is left of some streams and what follows then.
MemoNode* FastForward::refine(const Walk& walk, unsigned ending, unsigned crossing) {
  if ((ending | crossing) == 0) return walk.node;
  words_.assign({kNearTag, walk.node->id});
  for (unsigned rest = ending; rest != 0; rest &= rest - 1) {
    const auto i = static_cast<unsigned>(std::countr_zero(rest));
    const StreamCursor& cursor = walk.cursor[i];
    const StreamPlan& plan = *cursor.plan;
    std::uint64_t way = 0;
    const bool goes_on = cursor.next_round(way);
    words_.insert(words_.end(), {i, cursor.left(), goes_on ? 1U : 0U});
    if (!goes_on) continue;
    words_.push_back(way);
    if (plan.atoms_are_regular()) {
      words_.insert(words_.end(), {cursor.phase(walk.pattern.period), plan.run_bytes});
    } else {
      words_.push_back(plan.count[plan.regular]);
    }
  }
  for (unsigned rest = crossing; rest != 0; rest &= rest - 1) {
    const auto i = static_cast<unsigned>(std::countr_zero(rest));
    words_.insert(words_.end(), {kNearTag, i, walk.pattern.left(walk.cursor[i].local)});
  }
  return memo_.node(words_);
}

MemoNode* FastForward::node_of(View& view) {
  MemoNode* node = view.save(words_) ? memo_.node(words_) : nullptr;
  if (node != nullptr) node->foreign = view.foreign;
  return node;
}

void FastForward::learn(const View& view, const Record& record, MemoNode& to) {
  const ChannelState& s = view.s;
  if (view.sharing != record.sharing || s.now - record.at >= kLongestEdge) return;
  // A bank may have become foreign only if it was before, with the same row: rows are not stored for those.
  for (std::uint64_t rest = view.foreign; rest != 0; rest &= rest - 1) {
    const unsigned bank = view.bank_at(static_cast<unsigned>(std::countr_zero(rest)));
    if ((record.foreign >> bank & 1) == 0 || record.rows[bank] != s.bank[bank].row) return;
  }
  MemoEdge edge;
  edge.to = &to;
  edge.cycles = s.now - record.at;
  edge.refreshes = (s.refresh_due - record.due) / refresh_interval_;
  CommandCounters commands = s.commands;
  commands -= record.commands;
  const auto command_counts = std::bit_cast<CommandCounts>(commands);
  for (std::size_t k = 0; k < kCommandCounts; ++k) edge.commands[k] = static_cast<std::uint32_t>(command_counts[k]);
  for (unsigned i = 0; i < view.streams; ++i) {
    const StreamSlot& stream = s.stream[view.slot[i]];
    const StreamCursor& before = record.cursor[i];
    const StreamCursor& after = stream.cursor;
    MemoStep& step = steps_[i];
    step = MemoStep{};
    step.local = after.local - before.local;
    step.address = after.run_address - before.run_address;
    step.runs = after.runs - before.runs;
    step.exhausted = after.exhausted && !before.exhausted;
    if (!after.exhausted) {
      const std::uint64_t rounds = after.rounds() - before.rounds();
      step.anew = rounds != 0;
      if (!after.plan->atoms_are_regular()) {
        const unsigned level = after.plan->regular;
        step.places = after.index[level] - (step.anew ? 0 : before.index[level]);
      } else if (!step.anew) {
        step.places = step.local;
      }
      if (rounds > 1) return;
    }
    if ((record.ending >> i & 1) == 0 && !before.exhausted &&
        (step.anew || step.exhausted || step.places >= after.plan->horizon)) {
      return;
    }
    SourceCounters counters = stream.counters;
    counters -= record.counters[i];
    const auto counts = std::bit_cast<SourceCounts>(counters);
    for (std::size_t k = 0; k < kSourceCounts; ++k) step.counts[k] = static_cast<std::uint16_t>(counts[k]);
    edge.finish = edge.finish || stream.finished;
  }
  const std::span<const MemoStep> used(steps_.data(), view.streams);
  if (edge.refreshes == 0 && s.refresh_due > s.now) {
    memo_.add_plain(*record.from, edge, used);
  } else {
    memo_.add_refreshing(*record.from, record.due - record.at, record.refresh_bank, edge, used);
  }
}

const MemoEdge* FastForward::choose(const MemoNode& node, const Walk& walk, Cycles limit) const {
  const Cycles countdown = walk.due - walk.now;  // wraps if it is due already
  const Cycles until = std::min(walk.due <= walk.now ? 0 : countdown, limit - walk.now);
  if (node.far != nullptr && node.far->cycles < until && walk.stays_away(*node.far)) return node.far;
  const MemoEdge* edge = node.plain;
  if (edge != nullptr && edge->cycles < until) return edge;
  if (edge != nullptr && walk.due > walk.now && edge->cycles < countdown) return nullptr;  // the limit comes first
  edge = memo_.refreshing(node, countdown, walk.bank);
  return edge != nullptr && edge->cycles < limit - walk.now ? edge : nullptr;
}

void FastForward::arrive(View& view, const Walk& walk) const {
  ChannelState& s = view.s;
  s.now = walk.now;
  s.refresh_due = walk.due;
  s.refresh_bank = walk.bank;
  s.commands += std::bit_cast<CommandCounters>(walk.commands);
  for (unsigned i = 0; i < view.streams; ++i) {
    StreamSlot& stream = s.stream[view.slot[i]];
    stream.cursor = walk.cursor[i];
    SourceCounts counts;
    std::copy(walk.counts[i].begin(), walk.counts[i].end(), counts.begin());
    stream.counters += std::bit_cast<SourceCounters>(counts);
  }
  view.load(walk.node->words);
}

void FastForward::begin(const View& view, Record& record, unsigned ending) {
  const ChannelState& s = view.s;
  record.generation = memo_.generation();
  record.at = s.now;
  record.due = s.refresh_due;
  record.refresh_bank = s.refresh_bank;
  record.foreign = 0;
  for (std::uint64_t rest = view.foreign; rest != 0; rest &= rest - 1) {
    record.foreign |= std::uint64_t{1} << view.bank_at(static_cast<unsigned>(std::countr_zero(rest)));
  }
  record.sharing = view.sharing;
  for (unsigned bank = 0; bank < banks_; ++bank) record.rows[bank] = s.bank[bank].row;
  record.commands = s.commands;
  record.streams = view.streams;
  record.ending = ending;
  record.slot = view.slot;
  for (unsigned i = 0; i < view.streams; ++i) {
    record.cursor[i] = s.stream[view.slot[i]].cursor;
    record.counters[i] = s.stream[view.slot[i]].counters;
  }
}

void FastForward::close(ChannelState& state, Record& record) {
  if (record.from != nullptr && record.generation == memo_.generation()) {
    View view(state, *this, record);
    if (MemoNode* here = node_of(view); here != nullptr) learn(view, record, *here);
  }
  record.clear();
}

bool FastForward::checkpoint(ChannelState& state, Record& record, Cycles limit) {
  memo_.make_room();
  View view(state, *this);
  MemoNode* here = view.usable() ? node_of(view) : nullptr;
  if (here == nullptr) {
    record.clear();
    return false;
  }
  if (record.from != nullptr && record.generation == memo_.generation()) learn(view, record, *here);

  Walk walk(view, *here, cursors_);
  Joint joint{joint_steps_};
  unsigned ending = 0;
  MemoNode* from = nullptr;
  for (;;) {
    ending = walk.ending();
    const unsigned crossing = walk.crossing();
    from = refine(walk, ending, crossing);
    const MemoEdge* edge = from == nullptr ? nullptr : choose(*from, walk, limit);
    if (edge == nullptr) break;
    if (joint.take(*from, *edge, (ending | crossing) != 0, walk.streams)) {
      memo_.add_far(*joint.from, joint.edge, {joint.step.data(), walk.streams});
      joint.from = nullptr;
    }
    walk.take(*edge, refresh_interval_, refresh_sets_);
    if (edge->finish) {
      ++jumps_;
      arrive(view, walk);
      record.clear();
      return true;
    }
  }
  if (walk.edges != 0) {
    ++jumps_;
    arrive(view, walk);
    view.foreign = walk.node->foreign;
  }
  record.from = from;
  if (from != nullptr) begin(view, record, ending);
  return false;
}

}  // namespace dixion::dram
