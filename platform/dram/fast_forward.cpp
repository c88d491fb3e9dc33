// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/fast_forward.h"

#include <algorithm>
#include <bit>

#include "platform/dram/fast_forward_view.h"
#include "platform/dram/fast_forward_walk.h"

namespace dixion::dram {

namespace {

using SourceCounts = std::array<std::uint64_t, kSourceCounts>;
using CommandCounts = std::array<std::uint64_t, kCommandCounts>;

constexpr std::uint64_t kNearTag = ~std::uint64_t{0};
constexpr std::uint64_t kStationTag = kNearTag - 1;
constexpr std::uint64_t kMoreTag = kNearTag - 2;
constexpr std::uint64_t kEndTag = kNearTag - 3;
constexpr Cycles kLongestEdge = Cycles{1} << 31;
constexpr unsigned kMostRounds = 6;

// What will be looked at next lies anywhere in memory.
void fetch(const MemoNode& from, const MemoEdge& edge) {
  __builtin_prefetch(edge.to);
  __builtin_prefetch(from.after);
}

}  // namespace

FastForward::FastForward(unsigned banks, unsigned groups, unsigned refresh_sets, std::uint32_t refresh_interval,
                         std::size_t most_bytes)
    : banks_(banks),
      groups_(groups),
      refresh_sets_(refresh_sets),
      refresh_interval_(refresh_interval),
      memo_(most_bytes) {}

// The node together with how much is left of some streams and what follows then.
MemoNode* FastForward::refine(const Walk& walk, MemoNode* before) {
  const unsigned ending = walk.ending();
  const unsigned crossing = walk.crossing();
  for (unsigned i = 0; i < walk.streams; ++i) {
    const bool near = (ending >> i & 1) != 0;
    ahead_[i] = {walk.cursor[i].plan->horizon, near ? 1U : 0U, false};
  }
  if ((ending | crossing) == 0) return walk.node;
  words_.assign({kNearTag, walk.node->id});
  for (unsigned rest = ending; rest != 0; rest &= rest - 1) {
    const auto i = static_cast<unsigned>(std::countr_zero(rest));
    const StreamCursor& cursor = walk.cursor[i];
    const StreamPlan& plan = *cursor.plan;
    std::uint64_t way = 0;
    const bool goes_on = cursor.next_round(way);
    words_.insert(words_.end(), {i, cursor.left(), goes_on ? 1U : 0U});
    ahead_[i].end = !goes_on;  // a channel may hold nothing of the next round: then the stream ends behind it
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
  return memo_.key(words_, false, before);
}

// What a stream may come to until behind the next refresh, if that is not too much. A refresh interval holds at most
// one atom in two clocks; should one hold more, its span is not learned.
bool FastForward::tell(const Walk& walk, unsigned stream) {
  const StreamCursor& cursor = walk.cursor[stream];
  if (cursor.exhausted) return true;
  const StreamPlan& plan = *cursor.plan;
  const bool atoms = plan.atoms_are_regular();
  Ahead& ahead = ahead_[stream];
  ahead.reach = plan.horizon * (refresh_interval_ / (2 * StreamPlan::kHorizonAtoms) + 2);
  if (walk.pattern.endless && atoms) words_.push_back(walk.pattern.left(cursor.local));
  std::uint64_t told = cursor.left();
  if (told > ahead.reach) {
    words_.push_back(kMoreTag);
    return true;
  }
  words_.push_back(told);
  if (atoms) {
    words_.insert(words_.end(), {cursor.phase(walk.pattern.period), plan.run_bytes});
  } else {
    words_.push_back(plan.count[plan.regular]);
  }
  const std::uint64_t round = atoms ? plan.run_bytes / (std::uint64_t{plan.map->channels()} * plan.map->atom_bytes())
                                    : plan.count[plan.regular];
  for (StreamCursor later = cursor; told <= ahead.reach; told += round) {
    std::uint64_t way = 0;
    if (!later.next_round(way)) {
      words_.push_back(kEndTag);
      ahead.end = true;
      return true;
    }
    if (++ahead.rounds > kMostRounds) return false;
    words_.push_back(way);
    later.begin_rounds(1, 0);
  }
  words_.push_back(kMoreTag);
  return true;
}

MemoNode* FastForward::station(const Walk& walk, MemoNode* before) {
  if (walk.due <= walk.now) return nullptr;
  words_.assign({kStationTag, walk.node->id, walk.due - walk.now, walk.bank});
  for (unsigned i = 0; i < walk.streams; ++i) {
    ahead_[i] = Ahead{};
    if (!tell(walk, i)) return nullptr;
  }
  return memo_.key(words_, true, before);
}

MemoNode* FastForward::node_of(View& view) {
  MemoNode* node = view.save(words_) ? memo_.node(words_) : nullptr;
  if (node != nullptr) node->foreign = static_cast<std::uint32_t>(view.foreign);
  return node;
}

void FastForward::learn(const View& view, const Mark& mark, MemoNode& to) {
  const ChannelState& s = view.s;
  if (mark.from == nullptr || mark.generation != memo_.generation()) return;
  if (view.sharing != mark.sharing || s.now - mark.at >= kLongestEdge) return;
  // A bank may have become foreign only if it was before, with the same row: rows are not stored for those.
  for (std::uint64_t rest = view.foreign; rest != 0; rest &= rest - 1) {
    const unsigned bank = view.bank_at(static_cast<unsigned>(std::countr_zero(rest)));
    if ((mark.foreign >> bank & 1) == 0 || mark.rows[bank] != s.bank[bank].row) return;
  }
  MemoEdge edge;
  edge.to = &to;
  edge.cycles = s.now - mark.at;
  edge.refreshes = static_cast<std::uint32_t>((s.refresh_due - mark.due) / refresh_interval_);
  CommandCounters commands = s.commands;
  commands -= mark.commands;
  const auto command_counts = std::bit_cast<CommandCounts>(commands);
  for (std::size_t k = 0; k < kCommandCounts; ++k) edge.commands[k] = static_cast<std::uint32_t>(command_counts[k]);
  for (unsigned i = 0; i < view.streams; ++i) {
    const StreamSlot& stream = s.stream[view.slot[i]];
    const StreamCursor& before = mark.cursor[i];
    const StreamCursor& after = stream.cursor;
    const Ahead& ahead = mark.ahead[i];
    MemoStep& step = steps_[i];
    step = MemoStep{};
    step.local = after.local - before.local;
    step.address = after.run_address - before.run_address;
    step.runs = after.runs - before.runs;
    step.exhausted = after.exhausted && !before.exhausted;
    if (!after.exhausted) {
      const std::uint64_t rounds = after.rounds() - before.rounds();
      if (rounds > ahead.rounds) return;
      step.rounds = static_cast<std::uint32_t>(rounds);
      if (!after.plan->atoms_are_regular()) {
        const unsigned level = after.plan->regular;
        step.places = after.index[level] - (rounds != 0 ? 0 : before.index[level]);
      } else if (rounds == 0) {
        step.places = step.local;
      }
      if (ahead.rounds == 0 && !ahead.end && step.places >= ahead.reach) return;
    } else if (step.exhausted && !ahead.end) {
      return;
    }
    SourceCounters counters = stream.counters;
    counters -= mark.counters[i];
    const auto counts = std::bit_cast<SourceCounts>(counters);
    for (std::size_t k = 0; k < kSourceCounts; ++k) step.counts[k] = static_cast<std::uint16_t>(counts[k]);
    edge.finish = edge.finish || stream.finished;
  }
  edge.streams = view.streams;
  edge.step = steps_.data();
  if (mark.station || (edge.refreshes == 0 && s.refresh_due > s.now)) {
    memo_.add_plain(*mark.from, edge);
  } else {
    memo_.add_refreshing(*mark.from, mark.due - mark.at, mark.refresh_bank, edge);
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

void FastForward::arrive(View& view, const Walk& walk) {
  if (walk.edges == 0) return;
  ++jumps_;
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
  unpack(walk.node->packed(), words_);
  view.load(words_.data());
  view.foreign = walk.node->foreign;
}

void FastForward::begin(const View& view, Mark& mark, MemoNode* from, bool station) {
  mark.from = from;
  if (from == nullptr) return;
  const ChannelState& s = view.s;
  mark.station = station;
  mark.generation = memo_.generation();
  mark.at = s.now;
  mark.due = s.refresh_due;
  mark.refresh_bank = s.refresh_bank;
  mark.foreign = 0;
  for (std::uint64_t rest = view.foreign; rest != 0; rest &= rest - 1) {
    mark.foreign |= std::uint64_t{1} << view.bank_at(static_cast<unsigned>(std::countr_zero(rest)));
  }
  mark.sharing = view.sharing;
  for (unsigned bank = 0; bank < banks_; ++bank) mark.rows[bank] = s.bank[bank].row;
  mark.commands = s.commands;
  mark.streams = view.streams;
  mark.slot = view.slot;
  for (unsigned i = 0; i < view.streams; ++i) {
    mark.cursor[i] = s.stream[view.slot[i]].cursor;
    mark.counters[i] = s.stream[view.slot[i]].counters;
    mark.ahead[i] = ahead_[i];
  }
}

// At a station: as far as spans are known. The node of the first one that is not, null if the limit comes first.
MemoNode* FastForward::follow_spans(Walk& walk, Cycles limit) {
  MemoNode* from = nullptr;
  for (;;) {
    from = station(walk, from);
    if (from == nullptr || from->plain == nullptr) return from;
    if (from->plain->cycles >= limit - walk.now) return nullptr;
    fetch(*from, *from->plain);
    walk.take(*from->plain, refresh_interval_, refresh_sets_);
    memo_.use(*walk.node);
    if (walk.finished) return nullptr;
  }
}

// As far as edges are known, or to a station. Where the next stretch begins, null if that is not to be kept.
MemoNode* FastForward::follow_stretches(Walk& walk, Cycles limit) {
  Joint joint{joint_steps_};
  const Cycles due = walk.due;
  MemoNode* from = nullptr;
  for (;;) {
    from = refine(walk, from);
    const MemoEdge* edge = from == nullptr ? nullptr : choose(*from, walk, limit);
    if (edge == nullptr) return from;
    if (joint.take(*from, *edge, from != walk.node, walk.streams)) {
      memo_.add_far(*joint.from, joint.edge);
      joint.from = nullptr;
    }
    fetch(*from, *edge);
    walk.take(*edge, refresh_interval_, refresh_sets_);
    memo_.use(*walk.node);
    if (walk.finished || walk.due != due) return nullptr;
  }
}

void FastForward::close(ChannelState& state, Record& record) {
  const Mark& mark = record.stretch.from != nullptr ? record.stretch : record.span;
  if (mark.from != nullptr && mark.generation == memo_.generation()) {
    View view(state, *this, mark);
    if (MemoNode* here = node_of(view); here != nullptr) {
      learn(view, record.stretch, *here);
      learn(view, record.span, *here);
    }
  }
  record.clear();
}

bool FastForward::checkpoint(ChannelState& state, Record& record, Cycles limit) {
  memo_.make_room();
  MemoNode* here = nullptr;  // if known already
  for (;;) {
    View view(state, *this);
    if (!view.usable()) {
      record.clear();
      return false;
    }
    if (here == nullptr) {
      here = node_of(view);
      if (here != nullptr) learn(view, record.stretch, *here);
    } else {
      view.foreign = here->foreign;
    }
    record.stretch.clear();
    const bool station = record.due != 0 && record.due != state.refresh_due;
    record.due = state.refresh_due;
    if (here == nullptr) {
      if (station) record.span.clear();
      return false;
    }
    if (station) {
      learn(view, record.span, *here);
      Walk walk(view, *here, cursors_);
      MemoNode* from = follow_spans(walk, limit);
      arrive(view, walk);
      begin(view, record.span, from, true);
      here = walk.node;
      if (walk.finished) {
        record.clear();
        return true;
      }
      record.due = state.refresh_due;
    }
    Walk walk(view, *here, cursors_);
    MemoNode* from = follow_stretches(walk, limit);
    arrive(view, walk);
    here = walk.node;
    if (walk.finished) {
      close(state, record);
      return true;
    }
    if (state.refresh_due == record.due) {
      begin(view, record.stretch, from, false);
      return false;
    }
  }
}

}  // namespace dixion::dram
