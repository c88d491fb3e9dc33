// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/channel_state.h"

#include <functional>

namespace dixion::dram {

namespace {

template <typename Change>
void each(SourceCounters& a, const SourceCounters& b, Change change) {
  change(a.reads, b.reads);
  change(a.writes, b.writes);
  change(a.hits, b.hits);
  change(a.opened, b.opened);
  change(a.conflicts, b.conflicts);
  for (unsigned i = 0; i < kLatencyBuckets; ++i) change(a.latency[i], b.latency[i]);
}

template <typename Change>
void each(CommandCounters& a, const CommandCounters& b, Change change) {
  change(a.activates, b.activates);
  change(a.precharges, b.precharges);
  change(a.reads, b.reads);
  change(a.writes, b.writes);
  change(a.refreshes, b.refreshes);
  change(a.bank_refreshes, b.bank_refreshes);
  change(a.active_cycles, b.active_cycles);
}

constexpr auto kAdd = [](std::uint64_t& a, std::uint64_t b) { a += b; };
constexpr auto kSubtract = [](std::uint64_t& a, std::uint64_t b) { a -= b; };

}  // namespace

SourceCounters& SourceCounters::operator+=(const SourceCounters& other) {
  each(*this, other, kAdd);
  return *this;
}
SourceCounters& SourceCounters::operator-=(const SourceCounters& other) {
  each(*this, other, kSubtract);
  return *this;
}
CommandCounters& CommandCounters::operator+=(const CommandCounters& other) {
  each(*this, other, kAdd);
  return *this;
}
CommandCounters& CommandCounters::operator-=(const CommandCounters& other) {
  each(*this, other, kSubtract);
  return *this;
}
void SourceCounters::add(const SourceCounters& other, std::uint64_t times) {
  each(*this, other, [times](std::uint64_t& a, std::uint64_t b) { a += b * times; });
}
void CommandCounters::add(const CommandCounters& other, std::uint64_t times) {
  each(*this, other, [times](std::uint64_t& a, std::uint64_t b) { a += b * times; });
}

void ChannelState::index(unsigned banks) {
  of_bank.fill(0);
  hits.fill(0);
  writes = 0;
  waiting_banks = 0;
  open_banks = 0;
  for (unsigned i = 0; i < banks; ++i) open_banks += bank[i].row == kNoRow ? 0 : 1;
  for (unsigned i = 0; i < entries; ++i) {
    const std::uint64_t bit = std::uint64_t{1} << i;
    of_bank[window[i].bank] |= bit;
    waiting_banks |= 1U << window[i].bank;
    if (window[i].row == bank[window[i].bank].row) hits[window[i].bank] |= bit;
    if (window[i].write) writes |= bit;
  }
}

}  // namespace dixion::dram
