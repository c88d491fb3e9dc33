// SPDX-License-Identifier: Apache-2.0
/// What is done next; what doing it means: channel_issue.cpp.
#include "platform/dram/channel.h"

#include <algorithm>
#include <bit>

#include "platform/dram/channel_choice.h"

namespace dixion::dram {

namespace {

constexpr unsigned kAccessSource = kMaxStreams;  ///< turn of the ordinary accesses
// Bursts between two checkpoints. A checkpoint where the address of the first stream says so lets channels and streams
// fall into step; StreamPlan::kHorizonAtoms must be above the maximum.
constexpr unsigned kMarks = 64;  // one of so many
constexpr unsigned kMinCheckpoint = 40;
constexpr unsigned kMaxCheckpoint = 72;
static_assert(kMaxCheckpoint < StreamPlan::kHorizonAtoms);

unsigned first_of(std::uint64_t mask) { return static_cast<unsigned>(std::countr_zero(mask)); }

}  // namespace

Channel::Channel(const Preset& preset, const ControllerConfig& config, const AddressMap& map, FastForward* memory)
    : t_(preset.timing),
      config_(config),
      map_(&map),
      memory_(config.fast_forward ? memory : nullptr),
      banks_(preset.geometry.banks()),
      group_shift_(static_cast<unsigned>(std::countr_zero(preset.geometry.banks_per_group))),
      banks_per_refresh_(preset.geometry.banks_per_refresh),
      refresh_sets_(preset.geometry.banks() / preset.geometry.banks_per_refresh),
      refresh_interval_(config.refresh == RefreshMode::kPerBank ? preset.refi_bank() : preset.timing.refi),
      activate_slots_(preset.activate_slots),
      separate_row_bus_(preset.separate_row_bus),
      refresh_counts_(preset.refresh_counts_as_activate),
      marks_period_(map.pattern(memory == nullptr || memory->banks_are_alike()).period) {
  s_.refresh_due = config.refresh == RefreshMode::kNone ? kNever / 4 : refresh_interval_;
}

unsigned Channel::add_stream(const StreamCursor& cursor, bool write, std::uint32_t pace_64ths) {
  unsigned slot = 0;
  while (slot < kMaxStreams && s_.stream[slot].used) ++slot;
  if (slot == kMaxStreams) return slot;
  record_.clear();
  StreamSlot& stream = s_.stream[slot];
  stream = StreamSlot{};
  stream.cursor = cursor;
  stream.pace_64ths = pace_64ths;
  stream.ready_64ths = s_.now * 64;
  stream.used = true;
  stream.write = write;
  s_.live |= 1U << slot;
  s_.under_way |= 1U << slot;
  checkpoint_ = true;
  return slot;
}

SourceCounters Channel::remove_stream(unsigned slot) {
  StreamSlot& stream = s_.stream[slot];
  if (!stream.finished) {
    record_.clear();
    for (unsigned i = 0; i < s_.entries; ++i) {
      if (s_.window[i].source == slot) s_.window[i].source = kNobody;
    }
    s_.live &= ~(1U << slot);
    s_.under_way &= ~(1U << slot);
  }
  stream.used = false;
  return stream.counters;
}

void Channel::add_request(const RequestBurst& burst) {
  record_.clear();
  requests_.push_back(burst);
}

void Channel::drop_entered_requests() {
  if (s_.next_request < requests_.size()) return;
  requests_.clear();
  s_.next_request = 0;
}

void Channel::restore(const ChannelState& state) {
  record_.clear();
  served_.clear();
  checkpoint_ = true;
  s_ = state;
}

bool Channel::busy() const { return s_.entries != 0 || s_.live != 0 || s_.next_request < requests_.size(); }

bool Channel::serves_accesses() const {
  return s_.next_request < requests_.size() ||
         std::any_of(s_.window.begin(), s_.window.begin() + s_.entries,
                     [](const Entry& entry) { return entry.source == kAccessSource; });
}

bool Channel::run(Cycles limit, bool stop_at_finish) {
  finish_seen_ = false;
  const bool remembers = memory_ != nullptr && sink_ == nullptr;
  for (;;) {
    if (checkpoint_) {
      since_checkpoint_ = 0;
      checkpoint_ = remembers && s_.next_request == requests_.size() && memory_->checkpoint(s_, record_, limit);
      finish_seen_ = finish_seen_ || checkpoint_;
      if (finish_seen_ && stop_at_finish) return true;
      if (checkpoint_) continue;
    }
    const std::uint32_t under_way = s_.under_way;
    if (!step(limit)) return false;
    if (under_way != s_.under_way && remembers) {
      memory_->close(s_, record_);
      checkpoint_ = true;
    }
    if (finish_seen_ && stop_at_finish) return true;
  }
}

bool Channel::step(Cycles limit) {
  refill();
  if (s_.entries == 0 && s_.open_banks == 0 && sink_ == nullptr && !busy()) skip_idle(limit);
  Choice best;
  const bool starving = s_.bypassed >= config_.starvation_limit;
  consider_banks(starving, best);
  if (config_.refresh == RefreshMode::kAllBank) consider_refresh(best);
  if (config_.refresh == RefreshMode::kPerBank) consider_bank_refresh(best);
  const Cycles admission = s_.entries < config_.window ? next_admission() : kNever;
  if (std::min(best.at(), admission) >= limit) {
    advance_time(limit);
    return false;
  }
  if (admission <= best.at()) {
    advance_time(admission);
  } else {
    issue(best);
  }
  return true;
}

// Refreshes of a channel at rest fall due one by one and change nothing but counters; the last ones are simulated, so
// that all that they leave behind is right.
void Channel::skip_idle(Cycles limit) {
  const Cycles due = s_.refresh_due;
  const std::uint64_t simulated = refresh_sets_ + 4;
  if (due >= limit || (limit - 1 - due) / refresh_interval_ < simulated) return;
  Cycles ready = std::max({s_.now, s_.all.activate, s_.refresh, s_.row_bus});
  for (unsigned bank = 0; bank < banks_; ++bank) ready = std::max(ready, s_.bank[bank].activate);
  for (const Cycles fourth : s_.fourth) ready = std::max(ready, fourth);
  if (ready > due || std::max(t_.ref_to_act, t_.faw) > refresh_interval_) return;
  const std::uint64_t skipped = (limit - 1 - due) / refresh_interval_ - simulated;
  s_.refresh_due += skipped * refresh_interval_;
  if (config_.refresh == RefreshMode::kPerBank) {
    s_.commands.bank_refreshes += skipped;
    s_.refresh_bank = static_cast<std::uint32_t>((s_.refresh_bank + skipped) % refresh_sets_);
  } else {
    s_.commands.refreshes += skipped;
  }
}

void Channel::advance_time(Cycles to) {
  if (s_.open_banks != 0) s_.commands.active_cycles += to - s_.now;
  s_.now = to;
}

void Channel::refill() {
  while (s_.entries < config_.window) {
    std::uint32_t ready = s_.live;
    for (std::uint32_t rest = ready; rest != 0; rest &= rest - 1) {
      const auto slot = static_cast<unsigned>(std::countr_zero(rest));
      if (s_.stream[slot].ready_64ths > s_.now * 64) ready &= ~(1U << slot);
    }
    if (s_.next_request < requests_.size()) ready |= 1U << kAccessSource;
    if (ready == 0) return;
    const std::uint32_t from_next = ready & ~((1U << s_.next_source) - 1);
    const auto source = static_cast<unsigned>(std::countr_zero(from_next != 0 ? from_next : ready));
    s_.next_source = source == kAccessSource ? 0 : source + 1;
    if (source == kAccessSource) {
      admit_request();
    } else {
      admit_stream(source);
    }
  }
}

Cycles Channel::next_admission() const {
  Cycles next = kNever;
  for (std::uint32_t rest = s_.live; rest != 0; rest &= rest - 1) {
    next = std::min(next, (s_.stream[static_cast<unsigned>(std::countr_zero(rest))].ready_64ths + 63) / 64);
  }
  return next;
}

void Channel::enter(const Entry& entry) {
  const std::uint64_t bit = std::uint64_t{1} << s_.entries;
  s_.window[s_.entries++] = entry;
  s_.of_bank[entry.bank] |= bit;
  s_.waiting_banks |= 1U << entry.bank;
  if (s_.bank[entry.bank].row == entry.row) s_.hits[entry.bank] |= bit;
  if (entry.write) s_.writes |= bit;
}

// One of kMarks atoms where they follow each other, or of as many as different streams let enter.
bool Channel::stands_at_mark(const StreamCursor& cursor) const {
  const auto streams = static_cast<unsigned>(std::popcount(s_.live));
  const std::uint64_t among = std::max(kMarks / std::bit_ceil(streams), 1U) - 1;
  if (cursor.plan->atoms_are_regular()) return (cursor.local & among) == 0;
  const std::uint64_t place = cursor.local & (marks_period_ - 1);
  return (place * 0x9e3779b97f4a7c15ULL >> 32 & among) == 0;
}

void Channel::admit_stream(unsigned slot) {
  StreamSlot& stream = s_.stream[slot];
  const std::uint64_t local = stream.cursor.local;
  const Location place = map_->locate(local);
  enter({s_.now, place.row, 0, static_cast<std::uint16_t>(place.column), static_cast<std::uint8_t>(place.bank),
         static_cast<std::uint8_t>(slot), stream.write, 0, Requester::kOther});
  ++stream.waiting;
  // What was asked for within this clock was not late; what was late is not caught up.
  if (s_.now * 64 >= stream.ready_64ths + 64) stream.ready_64ths = s_.now * 64;
  stream.ready_64ths += stream.pace_64ths;
  ++since_checkpoint_;
  checkpoint_ = checkpoint_ || since_checkpoint_ == kMaxCheckpoint ||
                (since_checkpoint_ >= kMinCheckpoint && static_cast<unsigned>(std::countr_zero(s_.live)) == slot &&
                 stands_at_mark(stream.cursor));
  stream.cursor.advance();
  if (stream.cursor.exhausted) s_.live &= ~(1U << slot);
}

void Channel::admit_request() {
  const RequestBurst& burst = requests_[s_.next_request];
  enter({burst.arrived, burst.place.row, burst.request, static_cast<std::uint16_t>(burst.place.column),
         static_cast<std::uint8_t>(burst.place.bank), static_cast<std::uint8_t>(kAccessSource), burst.write, 0,
         burst.requester});
  ++s_.next_request;
}

void Channel::consider_banks(bool starving, Choice& best) const {
  const Cycles read = std::max({s_.now, s_.all.read, s_.column_bus});
  const Cycles write = std::max({s_.now, s_.all.write, s_.column_bus});
  const Cycles precharge = std::max({s_.now, s_.precharge, s_.row_bus});
  const Cycles activate = std::max({s_.now, s_.all.activate, s_.fourth[s_.fourth_next], s_.row_bus});
  const bool all_barred = config_.refresh == RefreshMode::kAllBank;
  const bool some_barred = config_.refresh == RefreshMode::kPerBank;
  for (std::uint32_t rest = s_.waiting_banks; rest != 0; rest &= rest - 1) {
    const auto bank = static_cast<unsigned>(std::countr_zero(rest));
    const BankState& b = s_.bank[bank];
    const GroupState& group = s_.group[group_of(bank)];
    // Commands from here on wait for a refresh.
    const Cycles barred = all_barred || (some_barred && refreshed_next(bank)) ? s_.refresh_due : kNever;
    std::uint64_t served = s_.hits[bank];
    bool close = served == 0;
    if (starving) {
      served &= 1;
      if ((s_.of_bank[bank] & 1) != 0) close = served == 0;
    }
    if (const std::uint64_t reads = served & ~s_.writes; reads != 0) {
      const Cycles at = std::max({read, b.read, group.read});
      if (at < barred) best.offer(at, Choice::kColumn, first_of(reads), Command::kRead, bank);
    }
    if (const std::uint64_t writes = served & s_.writes; writes != 0) {
      const Cycles at = std::max({write, b.write, group.write});
      if (at < barred) best.offer(at, Choice::kColumn, first_of(writes), Command::kWrite, bank);
    }
    if (!close) continue;
    const unsigned oldest = first_of(s_.of_bank[bank]);
    if (b.row != kNoRow) {
      best.offer(std::max(precharge, b.precharge), Choice::kRow, oldest, Command::kPrecharge, bank);
    } else {
      const Cycles at = std::max({activate, b.activate, group.activate});
      if (at < barred) best.offer(at, Choice::kRow, oldest, Command::kActivate, bank);
    }
  }
}

void Channel::consider_refresh(Choice& best) const {
  Cycles at = std::max({s_.now, s_.refresh_due, s_.row_bus});
  if (at > best.at()) return;
  if (s_.open_banks != 0) {
    at = std::max(at, s_.precharge);
    // Also of closed banks: an auto-precharge may still be to come.
    for (unsigned bank = 0; bank < banks_; ++bank) at = std::max(at, s_.bank[bank].precharge);
    best.offer(at, Choice::kRefresh, 0, Command::kPrechargeAll, 0);
    return;
  }
  at = std::max(at, s_.refresh);
  for (unsigned bank = 0; bank < banks_; ++bank) at = std::max(at, s_.bank[bank].activate);
  best.offer(at, Choice::kRefresh, 0, Command::kRefreshAll, 0);
}

bool Channel::refreshed_next(unsigned bank) const { return (bank & (refresh_sets_ - 1)) == s_.refresh_bank; }

void Channel::consider_bank_refresh(Choice& best) const {
  Cycles at = std::max({s_.now, s_.refresh_due, s_.row_bus});
  if (at > best.at()) return;
  Cycles ready = std::max({at, s_.refresh, s_.all.activate});
  if (refresh_counts_) ready = std::max(ready, s_.fourth[s_.fourth_next]);
  for (unsigned bank = s_.refresh_bank; bank < banks_; bank += refresh_sets_) {
    if (s_.bank[bank].row != kNoRow) {
      at = std::max({at, s_.bank[bank].precharge, s_.precharge});
      best.offer(at, Choice::kRefresh, 0, Command::kPrecharge, bank);
      return;
    }
    ready = std::max(ready, s_.bank[bank].activate);
  }
  best.offer(ready, Choice::kRefresh, 0, Command::kRefreshBank, s_.refresh_bank);
}

}  // namespace dixion::dram
