// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/fast_forward_view.h"

#include <algorithm>
#include <bit>

namespace dixion::dram {

namespace {

constexpr std::uint64_t kClosed = ~std::uint64_t{0};
constexpr std::uint64_t kStripeMask = (std::uint64_t{1} << 56) - 1;

}  // namespace

FastForward::View::View(ChannelState& state, const FastForward& memory)
    : s(state), banks(memory.banks_), groups(memory.groups_) {
  unsigned waiting = 0;
  for (std::uint32_t rest = s.under_way; rest != 0; rest &= rest - 1) {
    if (streams == kStreams) return;
    slot[streams] = static_cast<std::uint8_t>(std::countr_zero(rest));
    waiting += s.stream[slot[streams]].waiting;
    ++streams;
  }
  if (streams == 0 || waiting != s.entries) return;  // others' bursts are under way
  pattern = s.stream[slot[0]].cursor.plan->map->pattern(memory.banks_are_alike());
  find_stripes();
  usable_ = true;
}

FastForward::View::View(ChannelState& state, const FastForward& memory, const Mark& mark)
    : s(state),
      banks(memory.banks_),
      groups(memory.groups_),
      streams(mark.streams),
      slot(mark.slot),
      pattern(mark.cursor[0].plan->map->pattern(memory.banks_are_alike())),
      usable_(true) {
  find_stripes();
}

unsigned FastForward::View::index_of(std::uint8_t source) const {
  unsigned index = 0;
  while (slot[index] != source) ++index;
  return index;
}

void FastForward::View::find_stripes() {
  for (unsigned i = 0; i < streams; ++i) {
    const StreamCursor& cursor = s.stream[slot[i]].cursor;
    const StreamPlan& plan = *cursor.plan;
    const std::uint64_t here = pattern.stripe(cursor.local);
    here_[i] = here;
    if (plan.rank == 0) {
      // Rows of the last turn through the banks are still open.
      const std::uint64_t turn = std::uint64_t{1} << pattern.turn_bits;
      stripes_[i] = {here < turn ? 0 : here - turn, pattern.stripe(cursor.end - 1)};
    } else {
      // A local number is at most that of the same atom counted in the first channel, and at least that in the last.
      const unsigned last_channel = plan.map->channels() - 1;
      stripes_[i] = {pattern.stripe(plan.map->local(plan.first_byte / plan.map->atom_bytes(), last_channel)),
                     pattern.stripe(plan.map->local(plan.last_byte / plan.map->atom_bytes() + 1, 0))};
    }
  }
  for (unsigned i = 0; i < s.entries; ++i) {
    const Entry& entry = s.window[i];
    Stripes& stripes = stripes_[index_of(entry.source)];
    stripes.first = std::min(stripes.first, stripe(entry.row, entry.bank));
    stripes.last = std::max(stripes.last, stripe(entry.row, entry.bank));
  }
  for (unsigned i = 0; i < streams; ++i) {
    for (unsigned j = 0; j < i; ++j) {
      const bool apart = stripes_[i].first > stripes_[j].last || stripes_[j].first > stripes_[i].last;
      if (!apart) sharing |= std::uint64_t{1} << (i * kStreams + j);
    }
  }
}

// How far apart two streams are, if they may come to the same rows: then they are shifted together only. Else which
// banks they are in, in relation.
std::uint64_t FastForward::View::stripes_between(unsigned i, unsigned j) const {
  const std::uint64_t distance = here_[i] - here_[j];
  if ((sharing >> (i * kStreams + j) & 1) == 0) return std::uint64_t{1} << 63 | (distance & turn_mask());
  return distance & ~(std::uint64_t{1} << 63);
}

struct FastForward::View::Writer {
  View& view;
  std::vector<std::uint64_t>& words;
  bool fits = true;

  void word(std::uint64_t value) { words.push_back(value); }
  template <typename Value>
  void value(Value& value) {
    word(static_cast<std::uint64_t>(value));
  }
  void check(std::uint64_t value) { word(value); }
  [[nodiscard]] std::uint64_t ahead(Cycles time) const { return time > view.s.now ? time - view.s.now : 0; }
  // Up to four times, of 16 bits each.
  void times(std::initializer_list<Cycles*> list) {
    std::uint64_t all = 0;
    for (const Cycles* time : list) {
      const std::uint64_t distance = ahead(*time);
      fits = fits && distance < 1 << 16;
      all = all << 16 | distance;
    }
    word(all);
  }
  // A burst that was asked for within the last clock is not late; one without pace never is.
  void ready(StreamSlot& stream) {
    const Cycles before = view.s.now * 64;
    word(stream.pace_64ths != 0 && stream.ready_64ths + 64 > before ? stream.ready_64ths + 64 - before : 0);
  }
  void status(StreamSlot& stream) {
    word(stream.finished ? 2 : stream.cursor.exhausted ? 1 : 0);
    if (stream.finished) word(stream.finish - view.s.now);
  }
  void open_row(std::uint32_t& row, unsigned place) {
    if (row == kNoRow) return word(kClosed);
    const std::uint64_t stripe = view.stripe(row, view.bank_at(place));
    for (unsigned i = 0; i < view.streams; ++i) {
      if (stripe < view.stripes_[i].first || stripe > view.stripes_[i].last) continue;
      return word(std::uint64_t{i + 1} << 56 | ((stripe - view.here_[i]) & kStripeMask));
    }
    view.foreign |= std::uint64_t{1} << place;
    word(0);
  }
  void entry(Entry& entry) {
    const Cycles age = view.s.now - entry.arrived;
    const unsigned index = view.index_of(entry.source);
    const std::uint64_t stripe = view.stripe(entry.row, entry.bank) - view.here_[index] + (1 << 15);
    fits = fits && age < std::uint64_t{1} << 32 && stripe < 1 << 16;
    word(age << 32 | stripe << 16 | std::uint64_t{entry.bank} >> view.pattern.turn_bits << 8 | index << 4 |
         std::uint64_t{entry.opened} << 1 | (entry.write ? 1U : 0U));
  }
  void end_of_run(StreamCursor& cursor) { word(cursor.end - cursor.local); }
  // The stream that entered a burst last, or whose turn it is as a slot if it was not one of these.
  void turn() {
    for (unsigned i = 0; i < view.streams; ++i) {
      if (view.slot[i] + 1U == view.s.next_source) return word(std::uint64_t{1} << 32 | i);
    }
    word(view.s.next_source);
  }
};

struct FastForward::View::Reader {
  View& view;
  const std::uint64_t* next;

  std::uint64_t word() { return *next++; }
  template <typename Value>
  void value(Value& value) {
    value = static_cast<Value>(word());
  }
  void check(std::uint64_t) { ++next; }
  void times(std::initializer_list<Cycles*> list) {
    const std::uint64_t all = word();
    auto shift = static_cast<unsigned>(16 * list.size());
    for (Cycles* time : list) *time = view.s.now + (all >> (shift -= 16) & 0xffff);
  }
  void ready(StreamSlot& stream) { stream.ready_64ths = view.s.now * 64 + word() - 64; }
  void status(StreamSlot& stream) {
    stream.finished = word() == 2;
    if (stream.finished) stream.finish = view.s.now + word();
  }
  void open_row(std::uint32_t& row, unsigned) {
    const std::uint64_t word = this->word();
    if (word == kClosed) {
      row = kNoRow;
    } else if (word != 0) {
      const std::uint64_t stripe = view.here_[(word >> 56) - 1] + word;
      row = static_cast<std::uint32_t>((stripe & kStripeMask) >> view.pattern.turn_bits);
    }  // a row no stream comes to stays
  }
  void entry(Entry& entry) {
    const std::uint64_t all = word();
    const auto index = static_cast<unsigned>(all >> 4 & 15);
    const std::uint64_t stripe = view.here_[index] + (all >> 16 & 0xffff) - (1 << 15);
    entry.arrived = view.s.now - (all >> 32);
    entry.column = 0;  // nobody asks
    entry.bank = static_cast<std::uint8_t>((all >> 8 & 0xff) << view.pattern.turn_bits | (stripe & view.turn_mask()));
    entry.source = view.slot[index];
    entry.opened = static_cast<std::uint8_t>(all >> 1 & 3);
    entry.write = (all & 1) != 0;
    entry.row = static_cast<std::uint32_t>(stripe >> view.pattern.turn_bits);
    entry.request = 0;
    entry.requester = Requester::kOther;
    ++view.s.stream[entry.source].waiting;
  }
  void end_of_run(StreamCursor& cursor) {
    const std::uint64_t left = word();
    if (!cursor.plan->atoms_are_regular()) cursor.end = cursor.local + left;
  }
  void turn() {
    const std::uint64_t all = word();
    view.s.next_source = (all >> 32) != 0 ? view.slot[all & 0xff] + 1U : static_cast<std::uint32_t>(all);
  }
};

template <typename Archive>
void FastForward::View::transfer_stream(Archive& archive, unsigned index) {
  StreamSlot& stream = s.stream[slot[index]];
  StreamCursor& cursor = stream.cursor;
  const StreamPlan& plan = *cursor.plan;
  archive.check(std::uint64_t{plan.rank - plan.regular} << 1 | (stream.write ? 1U : 0U));
  archive.status(stream);
  if (cursor.exhausted) return;
  archive.check(stream.pace_64ths);
  archive.ready(stream);
  if (plan.atoms_are_regular()) return archive.check(cursor.local & (pattern.cycle - 1));
  archive.check(cursor.local & (pattern.period - 1));
  archive.check(plan.run_bytes);
  archive.check(plan.stride[plan.regular]);
  for (unsigned i = plan.regular + 1; i < plan.rank; ++i) {
    archive.check(plan.count[i]);
    archive.check(plan.stride[i]);
    archive.value(cursor.index[i]);
  }
  archive.check(cursor.phase(pattern.period));
  archive.end_of_run(cursor);
}

template <typename Archive>
void FastForward::View::transfer(Archive& archive) {
  archive.check(streams);
  for (unsigned i = 0; i < streams; ++i) {
    transfer_stream(archive, i);
    for (unsigned j = 0; j < i; ++j) archive.check(stripes_between(i, j));
  }
  for (unsigned i = 0; i < banks; ++i) {
    BankState& bank = s.bank[bank_at(i)];
    archive.open_row(bank.row, i);
    archive.times({&bank.activate, &bank.precharge, &bank.read, &bank.write});
  }
  for (unsigned i = 0; i <= groups; ++i) {
    GroupState& group = i < groups ? s.group[i] : s.all;
    archive.times({&group.activate, &group.read, &group.write});
  }
  archive.times({&s.precharge, &s.refresh, &s.column_bus, &s.row_bus});
  // From the oldest on: where the ring begins does not matter.
  const auto fourth = [this](unsigned i) { return &s.fourth[(s.fourth_next + i) % 4]; };
  archive.times({fourth(0), fourth(1), fourth(2), fourth(3)});
  archive.value(s.bypassed);
  archive.value(s.entries);
  for (unsigned i = 0; i < s.entries; ++i) archive.entry(s.window[i]);
  archive.turn();
}

bool FastForward::View::save(std::vector<std::uint64_t>& into) {
  into.clear();
  foreign = 0;
  Writer writer{*this, into};
  transfer(writer);
  return writer.fits;
}

void FastForward::View::load(const std::uint64_t* from) {
  for (unsigned i = 0; i < streams; ++i) {
    StreamSlot& stream = s.stream[slot[i]];
    here_[i] = pattern.stripe(stream.cursor.local);
    stream.waiting = 0;
    if (stream.cursor.exhausted) s.live &= ~(1U << slot[i]);
  }
  Reader reader{*this, from};
  transfer(reader);
  for (unsigned i = 0; i < streams; ++i) {
    if (s.stream[slot[i]].finished) s.under_way &= ~(1U << slot[i]);
  }
  s.index(banks);
}

}  // namespace dixion::dram
