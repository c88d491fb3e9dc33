// SPDX-License-Identifier: Apache-2.0
/// What each command means for the commands after it.
#include <algorithm>
#include <bit>

#include "platform/dram/channel.h"
#include "platform/dram/channel_choice.h"

namespace dixion::dram {

namespace {

void not_before(Cycles& time, Cycles bound) { time = std::max(time, bound); }

}  // namespace

void Channel::trace(Cycles at, Command command, unsigned bank, std::uint32_t row, std::uint32_t column) {
  if (sink_ != nullptr) sink_->command({at, command, bank, row, column});
}

void Channel::take_row_bus(Cycles until) {
  s_.row_bus = until;
  if (!separate_row_bus_) s_.column_bus = until;
}

void Channel::take_column_bus(Cycles until) {
  s_.column_bus = until;
  if (!separate_row_bus_) s_.row_bus = until;
}

void Channel::issue(const Choice& choice) {
  advance_time(choice.at());
  switch (choice.command()) {
    case Command::kActivate:
      return issue_activate(choice);
    case Command::kPrecharge:
      if (choice.kind() == Choice::kRow) s_.window[choice.entry()].opened = 2;
      return issue_precharge(choice.at(), choice.bank());
    case Command::kPrechargeAll:
      return issue_precharge_all(choice.at());
    case Command::kRefreshAll:
      return issue_refresh_all(choice.at());
    case Command::kRefreshBank:
      return issue_refresh_bank(choice.at());
    default:
      return issue_column(choice);
  }
}

void Channel::issue_activate(const Choice& choice) {
  const Cycles at = choice.at();
  Entry& entry = s_.window[choice.entry()];
  BankState& bank = s_.bank[choice.bank()];
  entry.opened = std::max<std::uint8_t>(entry.opened, 1);
  bank.row = entry.row;
  bank.activate = at + t_.rc;
  bank.precharge = at + t_.ras;
  bank.read = at + t_.rcd_read;
  bank.write = at + t_.rcd_write;
  not_before(s_.group[group_of(choice.bank())].activate, at + t_.rrd_l);
  not_before(s_.all.activate, at + t_.rrd_s);
  s_.fourth[s_.fourth_next] = at + t_.faw;
  s_.fourth_next = (s_.fourth_next + 1) % 4;
  take_row_bus(at + activate_slots_);
  ++s_.open_banks;
  ++s_.commands.activates;
  std::uint64_t hits = 0;
  for (std::uint64_t rest = s_.of_bank[choice.bank()]; rest != 0; rest &= rest - 1) {
    const auto i = static_cast<unsigned>(std::countr_zero(rest));
    if (s_.window[i].row == bank.row) hits |= std::uint64_t{1} << i;
  }
  s_.hits[choice.bank()] = hits;
  trace(at, Command::kActivate, choice.bank(), bank.row, 0);
}

void Channel::close(unsigned bank, Cycles at) {
  s_.bank[bank].row = kNoRow;
  not_before(s_.bank[bank].activate, at + t_.rp);
  s_.hits[bank] = 0;
  --s_.open_banks;
  ++s_.commands.precharges;
}

void Channel::issue_precharge(Cycles at, unsigned bank) {
  trace(at, Command::kPrecharge, bank, s_.bank[bank].row, 0);
  close(bank, at);
  s_.precharge = at + t_.ppd;
  take_row_bus(at + 1);
}

void Channel::issue_precharge_all(Cycles at) {
  trace(at, Command::kPrechargeAll, 0, 0, 0);
  for (unsigned bank = 0; bank < banks_; ++bank) {
    if (s_.bank[bank].row != kNoRow) close(bank, at);
  }
  s_.precharge = at + t_.ppd;
  s_.refresh = at + t_.rp_all;
  take_row_bus(at + 1);
}

void Channel::issue_refresh_all(Cycles at) {
  trace(at, Command::kRefreshAll, 0, 0, 0);
  for (unsigned bank = 0; bank < banks_; ++bank) s_.bank[bank].activate = at + t_.rfc_all;
  s_.refresh = at + t_.rfc_all;
  s_.refresh_due += refresh_interval_;
  take_row_bus(at + 1);
  ++s_.commands.refreshes;
  checkpoint_ = true;  // what comes next depends little on when it came
}

void Channel::issue_refresh_bank(Cycles at) {
  trace(at, Command::kRefreshBank, s_.refresh_bank, 0, 0);
  for (unsigned bank = s_.refresh_bank; bank < banks_; bank += refresh_sets_) {
    s_.bank[bank].activate = at + t_.rfc_bank;
  }
  not_before(s_.all.activate, at + t_.ref_to_act);
  s_.refresh = at + t_.ref_to_ref;
  if (refresh_counts_) {
    s_.fourth[s_.fourth_next] = at + t_.faw;
    s_.fourth_next = (s_.fourth_next + 1) % 4;
  }
  s_.refresh_due += refresh_interval_;
  s_.refresh_bank = (s_.refresh_bank + 1) % refresh_sets_;
  take_row_bus(at + 1);
  ++s_.commands.bank_refreshes;
  checkpoint_ = true;
}

void Channel::issue_column(const Choice& choice) {
  const Cycles at = choice.at();
  const Entry& entry = s_.window[choice.entry()];
  BankState& bank = s_.bank[choice.bank()];
  GroupState& group = s_.group[group_of(choice.bank())];
  const std::uint32_t row = entry.row;
  const std::uint32_t column = entry.column;
  const bool write = entry.write;
  if (write) {
    not_before(s_.all.write, at + t_.ccd_s);
    not_before(group.write, at + t_.ccd_l);
    not_before(s_.all.read, at + t_.write_to_read_s());
    not_before(group.read, at + t_.write_to_read_l());
    not_before(bank.precharge, at + t_.write_to_pre());
    ++s_.commands.writes;
  } else {
    not_before(s_.all.read, at + t_.ccd_s);
    not_before(group.read, at + t_.ccd_l);
    not_before(s_.all.write, at + t_.rtw);
    not_before(bank.precharge, at + t_.rtp);
    ++s_.commands.reads;
  }
  take_column_bus(at + 1);
  serve(choice.entry(), at);
  remove_entry(choice.entry());
  const bool last = config_.page_policy == PagePolicy::kClosed && s_.hits[choice.bank()] == 0;
  trace(at, write ? (last ? Command::kWriteAuto : Command::kWrite) : (last ? Command::kReadAuto : Command::kRead),
        choice.bank(), row, column);
  if (last) close(choice.bank(), bank.precharge);
}

void Channel::serve(unsigned index, Cycles at) {
  const Entry& entry = s_.window[index];
  const Cycles finish = at + t_.burst;
  SourceCounters* counters = nullptr;
  if (entry.source < kMaxStreams) {
    StreamSlot& stream = s_.stream[entry.source];
    counters = &stream.counters;
    if (--stream.waiting == 0 && stream.cursor.exhausted) {
      stream.finished = true;
      stream.finish = finish;
      s_.under_way &= ~(1U << entry.source);
      finish_seen_ = true;
    }
  } else if (entry.source == kMaxStreams) {
    counters = &s_.requests[static_cast<unsigned>(entry.requester)];
    served_.push_back({entry.request, finish});
    finish_seen_ = true;
  } else {
    return;
  }
  ++(entry.write ? counters->writes : counters->reads);
  ++(entry.opened == 0 ? counters->hits : entry.opened == 1 ? counters->opened : counters->conflicts);
  const Cycles latency = finish - entry.arrived + (entry.write ? t_.cwl : t_.cl);
  ++counters->latency[std::min<unsigned>(static_cast<unsigned>(std::bit_width(latency)), kLatencyBuckets - 1)];
}

void Channel::remove_entry(unsigned index) {
  std::move(s_.window.begin() + index + 1, s_.window.begin() + s_.entries, s_.window.begin() + index);
  --s_.entries;
  s_.bypassed = index == 0 ? 0 : std::min(s_.bypassed + 1, config_.starvation_limit);
  const std::uint64_t low = (std::uint64_t{1} << index) - 1;
  const auto without = [low](std::uint64_t mask) { return (mask & low) | (mask >> 1 & ~low); };
  for (std::uint32_t rest = s_.waiting_banks; rest != 0; rest &= rest - 1) {
    const auto bank = static_cast<unsigned>(std::countr_zero(rest));
    s_.of_bank[bank] = without(s_.of_bank[bank]);
    s_.hits[bank] = without(s_.hits[bank]);
    if (s_.of_bank[bank] == 0) s_.waiting_banks &= ~(1U << bank);
  }
  s_.writes = without(s_.writes);
}

}  // namespace dixion::dram
