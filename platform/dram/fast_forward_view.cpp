// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/fast_forward_view.h"

#include <algorithm>
#include <bit>

namespace dixion::dram {

FastForward::View::View(ChannelState& state, unsigned bank_count, unsigned group_count)
    : s(state), banks(bank_count), groups(group_count) {
  unsigned waiting = 0;
  for (std::uint32_t rest = s.live; rest != 0; rest &= rest - 1) {
    if (streams == kStreams) return;
    slot[streams] = static_cast<unsigned>(std::countr_zero(rest));
    waiting += s.stream[slot[streams]].waiting;
    ++streams;
  }
  if (streams == 0 || waiting != s.entries) return;  // others' bursts are under way
  for (unsigned i = 0; i < streams; ++i) find_rows(i);
  usable_ = true;
}

std::uint32_t FastForward::View::row_of(unsigned index) const {
  const StreamCursor& cursor = s.stream[slot[index]].cursor;
  return cursor.plan->map->row(cursor.local);
}

void FastForward::View::find_rows(unsigned index) {
  const StreamCursor& cursor = s.stream[slot[index]].cursor;
  const StreamPlan& plan = *cursor.plan;
  const std::uint32_t here = row_of(index);
  Rows& rows = rows_[index];
  if (plan.long_runs) {
    rows = {here == 0 ? 0 : here - 1, plan.map->row(cursor.end - 1)};
  } else {
    // A local number is at most that of the same atom counted in the first channel, and at least that in the last.
    const unsigned last_channel = plan.map->channels() - 1;
    rows = {plan.map->row(plan.map->local(plan.first_byte / plan.map->atom_bytes(), last_channel)),
            plan.map->row(plan.map->local(plan.last_byte / plan.map->atom_bytes() + 1, 0))};
  }
  for (unsigned i = 0; i < s.entries; ++i) {
    if (s.window[i].source != slot[index]) continue;
    rows.first = std::min(rows.first, s.window[i].row);
    rows.last = std::max(rows.last, s.window[i].row);
  }
}

// How far apart two streams are, if they may come to the same rows: then they are shifted together only.
std::uint64_t FastForward::View::rows_between(unsigned i, unsigned j) const {
  if (rows_[i].first > rows_[j].last || rows_[j].first > rows_[i].last) return std::uint64_t{1} << 48;
  return static_cast<std::uint32_t>(row_of(i) - row_of(j));
}

struct FastForward::View::Writer {
  View& view;
  std::vector<std::uint64_t>& words;

  template <typename Value>
  void value(Value& value) {
    words.push_back(static_cast<std::uint64_t>(value));
  }
  void time(Cycles& time) { words.push_back(time > view.s.now ? time - view.s.now : 0); }
  // A burst that was asked for within the last clock is not late.
  void time_64ths(Cycles& time) { words.push_back(time + 64 > view.s.now * 64 ? time + 64 - view.s.now * 64 : 0); }
  void age(Cycles& time) { words.push_back(view.s.now - time); }
  void row_of_stream(std::uint32_t& row, unsigned index) { words.push_back(std::uint64_t{row} - view.row_of(index)); }
  void open_row(std::uint32_t& row, unsigned bank) {
    if (row == kNoRow) return words.push_back(~std::uint64_t{0});
    for (unsigned i = 0; i < view.streams; ++i) {
      if (row < view.rows_[i].first || row > view.rows_[i].last) continue;
      return words.push_back(std::uint64_t{i + 1} << 48 | static_cast<std::uint32_t>(row - view.row_of(i)));
    }
    view.foreign |= std::uint64_t{1} << bank;
    words.push_back(0);
  }
  void source(std::uint8_t& source) {
    std::uint64_t index = 0;
    while (view.slot[index] != source) ++index;
    words.push_back(index);
  }
  [[nodiscard]] static unsigned source_index(const View& view, std::uint8_t source) {
    unsigned index = 0;
    while (view.slot[index] != source) ++index;
    return index;
  }
  void end_of_run(StreamCursor& cursor) { words.push_back(cursor.end - cursor.local); }
  void check(std::uint64_t value) { words.push_back(value); }
};

struct FastForward::View::Reader {
  View& view;
  const std::vector<std::uint64_t>& words;
  std::size_t next = 0;

  template <typename Value>
  void value(Value& value) {
    value = static_cast<Value>(words[next++]);
  }
  void time(Cycles& time) { time = view.s.now + words[next++]; }
  void time_64ths(Cycles& time) { time = view.s.now * 64 + words[next++] - 64; }
  void age(Cycles& time) { time = view.s.now - words[next++]; }
  void row_of_stream(std::uint32_t& row, unsigned index) {
    row = static_cast<std::uint32_t>(words[next++] + view.row_of(index));
  }
  void open_row(std::uint32_t& row, unsigned) {
    const std::uint64_t word = words[next++];
    if (word == ~std::uint64_t{0}) {
      row = kNoRow;
    } else if (word != 0) {
      row = static_cast<std::uint32_t>(word) + view.row_of(static_cast<unsigned>(word >> 48) - 1);
    }  // a row no stream comes to stays
  }
  void source(std::uint8_t& source) { source = static_cast<std::uint8_t>(view.slot[words[next++]]); }
  [[nodiscard]] static unsigned source_index(const View& view, std::uint8_t source) {
    return Writer::source_index(view, source);
  }
  void end_of_run(StreamCursor& cursor) {
    const std::uint64_t left = words[next++];
    if (!cursor.plan->long_runs) cursor.end = cursor.local + left;
  }
  void check(std::uint64_t) { ++next; }
};

template <typename Archive>
void FastForward::View::transfer_stream(Archive& archive, unsigned index) {
  StreamSlot& stream = s.stream[slot[index]];
  StreamCursor& cursor = stream.cursor;
  const StreamPlan& plan = *cursor.plan;
  const std::uint64_t period = plan.map->period_atoms();
  archive.check(stream.write ? 1 : 0);
  archive.check(stream.pace_64ths);
  archive.check(plan.long_runs ? 1 : 0);
  archive.check(cursor.local % period);
  archive.time_64ths(stream.ready_64ths);
  archive.value(stream.waiting);
  if (plan.long_runs) return;
  archive.check(cursor.channel);
  archive.check(plan.run_bytes);
  archive.check(plan.rank);
  archive.check(plan.stride[0]);
  for (unsigned i = 1; i < plan.rank; ++i) {
    archive.check(plan.count[i]);
    archive.check(plan.stride[i]);
    archive.value(cursor.index[i]);
  }
  archive.check(cursor.run_address % (period * plan.map->channels() * plan.map->atom_bytes()));
  archive.end_of_run(cursor);
}

template <typename Archive>
void FastForward::View::transfer(Archive& archive) {
  archive.check(streams);
  for (unsigned i = 0; i < streams; ++i) {
    transfer_stream(archive, i);
    for (unsigned j = 0; j < i; ++j) archive.check(rows_between(i, j));
  }
  for (unsigned i = 0; i < banks; ++i) {
    archive.open_row(s.bank[i].row, i);
    archive.time(s.bank[i].activate);
    archive.time(s.bank[i].precharge);
    archive.time(s.bank[i].read);
    archive.time(s.bank[i].write);
  }
  for (unsigned i = 0; i <= groups; ++i) {
    GroupState& group = i < groups ? s.group[i] : s.all;
    archive.time(group.activate);
    archive.time(group.read);
    archive.time(group.write);
  }
  archive.time(s.precharge);
  archive.time(s.refresh);
  archive.time(s.column_bus);
  archive.time(s.row_bus);
  // From the oldest on: where the ring begins does not matter.
  for (unsigned i = 0; i < 4; ++i) archive.time(s.fourth[(s.fourth_next + i) % 4]);
  archive.value(s.bypassed);
  archive.value(s.entries);
  for (unsigned i = 0; i < s.entries; ++i) {
    Entry& entry = s.window[i];
    archive.source(entry.source);
    archive.age(entry.arrived);
    archive.row_of_stream(entry.row, Archive::source_index(*this, entry.source));
    archive.value(entry.column);
    archive.value(entry.bank);
    archive.value(entry.write);
    archive.value(entry.opened);
  }
  archive.value(turn_);
}

void FastForward::View::save(std::vector<std::uint64_t>& into) {
  into.clear();
  foreign = 0;
  // Whose turn it is, as the index of the next active stream.
  turn_ = 0;
  while (turn_ < streams && slot[turn_] < s.next_source) ++turn_;
  if (turn_ == streams) turn_ = 0;
  Writer writer{*this, into};
  transfer(writer);
}

void FastForward::View::load(const std::vector<std::uint64_t>& from) {
  Reader reader{*this, from};
  transfer(reader);
  s.next_source = slot[turn_];
  s.index(banks);
}

}  // namespace dixion::dram
