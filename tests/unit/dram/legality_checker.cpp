// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/dram/legality_checker.h"

#include <algorithm>

namespace dixion::dram::test {

namespace {

constexpr const char* kNames[] = {"ACT", "PRE", "PREA", "RD", "WR", "REF", "REFpb"};

}  // namespace

LegalityChecker::LegalityChecker(const Preset& preset)
    : preset_(preset), row_(preset.geometry.banks(), -1), may_close_(preset.geometry.banks(), 0) {}

void LegalityChecker::complain(const std::string& text) { violations_.push_back(text); }

bool LegalityChecker::together(unsigned a, unsigned b) const {
  const unsigned sets = preset_.geometry.banks() / preset_.geometry.banks_per_refresh;
  return a % sets == b % sets;
}

void LegalityChecker::command(const CommandRecord& record) {
  ++commands_;
  // What auto-precharges did meanwhile.
  while (!implied_.empty() && implied_.front().at <= record.at) {
    const Event event = implied_.front();
    implied_.pop_front();
    add(event);
  }
  check_state(record);
  const Timing& t = preset_.timing;
  const unsigned bank = record.bank;
  switch (record.command) {
    case Command::kActivate:
      return add({record.at, kAct, bank, false});
    case Command::kPrecharge:
      return add({record.at, kPre, bank, false});
    case Command::kPrechargeAll:
      return add({record.at, kPreAll, 0, false});
    case Command::kRefreshAll:
      refreshes_.push_back(record.at);
      return add({record.at, kRefAll, 0, false});
    case Command::kRefreshBank:
      refreshes_.push_back(record.at);
      return add({record.at, kRefBank, bank, false});
    default:
      break;
  }
  const bool write = record.command == Command::kWrite || record.command == Command::kWriteAuto;
  add({record.at, write ? kWr : kRd, bank, false});
  may_close_[bank] = std::max(may_close_[bank], record.at + (write ? t.cwl + t.burst + t.wr : t.rtp));
  if (record.command != Command::kReadAuto && record.command != Command::kWriteAuto) return;
  implied_.push_back({may_close_[bank], kPre, bank, true});
  std::stable_sort(implied_.begin(), implied_.end(), [](const Event& a, const Event& b) { return a.at < b.at; });
}

void LegalityChecker::check_state(const CommandRecord& record) {
  std::int64_t& row = row_[record.bank];
  const std::string place = " of bank " + std::to_string(record.bank) + " at " + std::to_string(record.at);
  const auto all_closed = [this] {
    return std::all_of(row_.begin(), row_.end(), [](std::int64_t r) { return r < 0; });
  };
  switch (record.command) {
    case Command::kActivate:
      if (row >= 0) complain("state: ACT of an open bank" + place);
      row = record.row;
      may_close_[record.bank] = record.at + preset_.timing.ras;
      break;
    case Command::kPrecharge:
      if (row < 0) complain("state: PRE of a closed bank" + place);
      row = -1;
      break;
    case Command::kPrechargeAll:
      std::fill(row_.begin(), row_.end(), -1);
      break;
    case Command::kRefreshAll:
      if (!all_closed()) complain("state: REF with an open row" + place);
      break;
    case Command::kRefreshBank:
      for (unsigned bank = 0; bank < row_.size(); ++bank) {
        if (together(bank, record.bank) && row_[bank] >= 0) complain("state: REFpb of an open bank" + place);
      }
      break;
    default:
      if (row != record.row) complain("state: column of a row that is not open" + place);
      if (record.command == Command::kReadAuto || record.command == Command::kWriteAuto) row = -1;
  }
}

void LegalityChecker::add(const Event& event) {
  const Timing& t = preset_.timing;
  const Cycles horizon = std::max({t.rfc_all, t.rc, t.faw, t.write_to_read_l() + t.rtw}) + 1;
  while (!history_.empty() && history_.front().at + horizon < event.at) history_.pop_front();
  for (const Event& before : history_) {
    check_pair(before, event);
    if (!event.implied && !before.implied) check_bus(before, event);
  }
  if (event.kind == kAct || (event.kind == kRefBank && preset_.refresh_counts_as_activate)) check_fourth(event);
  history_.push_back(event);
}

void LegalityChecker::demand(const char* rule, const Event& before, const Event& after, std::uint64_t least) {
  const std::uint64_t distance = after.at - before.at;
  if (distance < least) {
    complain(std::string(rule) + ": " + kNames[before.kind] + " bank " + std::to_string(before.bank) + " at " +
             std::to_string(before.at) + ", " + kNames[after.kind] + " bank " + std::to_string(after.bank) + " at " +
             std::to_string(after.at) + ", at least " + std::to_string(least) + " apart");
    return;
  }
  const auto [entry, fresh] = slack_.emplace(rule, distance - least);
  if (!fresh) entry->second = std::min(entry->second, distance - least);
}

void LegalityChecker::check_pair(const Event& before, const Event& after) {
  const Timing& t = preset_.timing;
  const bool same_bank = before.bank == after.bank;
  const bool same_group = group(before.bank) == group(after.bank);
  const bool to_bank = same_bank || after.kind == kPreAll;
  switch (before.kind) {
    case kAct:
      if (after.kind == kAct && same_bank) demand("rc", before, after, t.rc);
      if (after.kind == kAct && !same_bank && same_group) demand("rrd_l", before, after, t.rrd_l);
      if (after.kind == kAct && !same_group) demand("rrd_s", before, after, t.rrd_s);
      if (after.kind == kRefBank) demand("rrd_s to REFpb", before, after, t.rrd_s);
      if (after.kind == kRd && same_bank) demand("rcd_read", before, after, t.rcd_read);
      if (after.kind == kWr && same_bank) demand("rcd_write", before, after, t.rcd_write);
      if ((after.kind == kPre || after.kind == kPreAll) && to_bank) demand("ras", before, after, t.ras);
      break;
    case kRd:
      if (after.kind == kRd)
        demand(same_group ? "ccd_l read" : "ccd_s read", before, after, same_group ? t.ccd_l : t.ccd_s);
      if (after.kind == kWr) demand("rtw", before, after, t.rtw);
      if ((after.kind == kPre || after.kind == kPreAll) && to_bank) demand("rtp", before, after, t.rtp);
      break;
    case kWr:
      if (after.kind == kWr)
        demand(same_group ? "ccd_l write" : "ccd_s write", before, after, same_group ? t.ccd_l : t.ccd_s);
      if (after.kind == kRd && same_group) demand("wtr_l", before, after, t.cwl + t.burst_same_group + t.wtr_l);
      if (after.kind == kRd && !same_group) demand("wtr_s", before, after, t.cwl + t.burst + t.wtr_s);
      if ((after.kind == kPre || after.kind == kPreAll) && to_bank) demand("wr", before, after, t.cwl + t.burst + t.wr);
      break;
    case kPre:
      if (after.kind == kAct && same_bank) demand("rp", before, after, t.rp);
      if (after.kind == kRefAll) demand("rp to REF", before, after, t.rp);
      if (after.kind == kRefBank && together(before.bank, after.bank)) demand("rp to REFpb", before, after, t.rp);
      if ((after.kind == kPre || after.kind == kPreAll) && !before.implied && !after.implied) {
        demand("ppd", before, after, t.ppd);
      }
      break;
    case kPreAll:
      if (after.kind == kAct) demand("rp after PREA", before, after, t.rp);
      if (after.kind == kRefAll) demand("rp_all", before, after, t.rp_all);
      break;
    case kRefAll:
      if (after.kind == kAct || after.kind == kRefAll) demand("rfc_all", before, after, t.rfc_all);
      break;
    case kRefBank:
      if (after.kind == kAct && together(before.bank, after.bank)) demand("rfc_bank", before, after, t.rfc_bank);
      if (after.kind == kAct && !together(before.bank, after.bank)) demand("ref_to_act", before, after, t.ref_to_act);
      if (after.kind == kRefBank) demand("ref_to_ref", before, after, t.ref_to_ref);
      break;
  }
}

void LegalityChecker::check_bus(const Event& before, const Event& after) {
  const auto column = [](const Event& event) { return event.kind == kRd || event.kind == kWr; };
  if (preset_.separate_row_bus && column(before) != column(after)) return;
  const std::uint64_t slots = before.kind == kAct ? preset_.activate_slots : 1;
  demand(before.kind == kAct ? "bus after ACT" : "bus", before, after, slots);
}

void LegalityChecker::check_fourth(const Event& event) {
  if (activations_.size() == 4) {
    demand("faw", {activations_.front(), kAct, event.bank, false}, event, preset_.timing.faw);
    activations_.pop_front();
  }
  activations_.push_back(event.at);
}

}  // namespace dixion::dram::test
