// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/lane.h"

#include <algorithm>
#include <bit>

namespace dixion::dram {

namespace {

struct Comparison {
  const ChannelState& a;
  const ChannelState& b;

  // What is past is equal.
  [[nodiscard]] bool time(Cycles x, Cycles y) const { return std::max(x, a.now) == std::max(y, a.now); }
  [[nodiscard]] bool group(const GroupState& x, const GroupState& y) const {
    return time(x.activate, y.activate) && time(x.read, y.read) && time(x.write, y.write);
  }
  [[nodiscard]] bool bank(const BankState& x, const BankState& y) const {
    return x.row == y.row && time(x.activate, y.activate) && time(x.precharge, y.precharge) && time(x.read, y.read) &&
           time(x.write, y.write);
  }
  [[nodiscard]] static bool entry(const Entry& x, const Entry& y) {
    return x.source < kMaxStreams && x.source == y.source && x.arrived == y.arrived && x.row == y.row &&
           x.column == y.column && x.bank == y.bank && x.write == y.write && x.opened == y.opened;
  }
  [[nodiscard]] static bool stream(const StreamSlot& x, const StreamSlot& y) {
    const StreamCursor& c = x.cursor;
    const StreamCursor& d = y.cursor;
    return c.plan == d.plan && c.plan->equal_passes() && c.local == d.local && c.end == d.end && c.index == d.index &&
           c.exhausted == d.exhausted && x.ready_64ths == y.ready_64ths && x.pace_64ths == y.pace_64ths &&
           x.finished == y.finished && x.finish == y.finish;
  }
  [[nodiscard]] bool all() const {
    if (a.now != b.now || a.entries != b.entries || a.live != b.live || a.under_way != b.under_way ||
        a.next_source != b.next_source || a.bypassed != b.bypassed || a.refresh_due != b.refresh_due ||
        a.refresh_bank != b.refresh_bank || a.open_banks != b.open_banks) {
      return false;
    }
    for (unsigned i = 0; i < kMaxBanks; ++i) {
      if (!bank(a.bank[i], b.bank[i])) return false;
    }
    for (unsigned i = 0; i < kMaxGroups; ++i) {
      if (!group(a.group[i], b.group[i])) return false;
    }
    for (unsigned i = 0; i < 4; ++i) {
      if (!time(a.fourth[(a.fourth_next + i) % 4], b.fourth[(b.fourth_next + i) % 4])) return false;
    }
    if (!group(a.all, b.all) || !time(a.precharge, b.precharge) || !time(a.refresh, b.refresh) ||
        !time(a.column_bus, b.column_bus) || !time(a.row_bus, b.row_bus)) {
      return false;
    }
    return std::equal(a.window.begin(), a.window.begin() + a.entries, b.window.begin(), entry);
  }
};

}  // namespace

bool Lane::equals(const Lane& other) const {
  const ChannelState& a = channel.state();
  const ChannelState& b = other.channel.state();
  if (channel.has_requests() || other.channel.has_requests() || !waiting.empty() || !other.waiting.empty())
    return false;
  if (!Comparison{a, b}.all()) return false;
  for (unsigned slot = 0; slot < kMaxStreams; ++slot) {
    if (a.stream[slot].used != b.stream[slot].used) return false;
    if (!a.stream[slot].used) continue;
    if (owner[slot] != other.owner[slot] || !Comparison::stream(a.stream[slot], b.stream[slot])) return false;
  }
  return true;
}

}  // namespace dixion::dram
