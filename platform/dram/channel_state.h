// SPDX-License-Identifier: Apache-2.0
/// All that changes in a channel's controller, as plain data: copying it is saving and restoring it.
#pragma once

#include <array>
#include <cstdint>

#include "models/common/clock.h"
#include "models/interconnect/requester.h"
#include "platform/dram/stream_cursor.h"

namespace dixion::dram {

inline constexpr unsigned kMaxBanks = 32;
inline constexpr unsigned kMaxGroups = 8;
inline constexpr unsigned kMaxWindow = 64;
inline constexpr unsigned kMaxStreams = 16;  ///< at a time in one channel
inline constexpr unsigned kLatencyBuckets = 16;
inline constexpr std::uint32_t kNoRow = ~std::uint32_t{0};

/// "Not before" times of one bank; the row that is open.
struct BankState {
  std::uint32_t row = kNoRow;
  Cycles activate = 0;
  Cycles precharge = 0;
  Cycles read = 0;
  Cycles write = 0;
};

struct GroupState {
  Cycles activate = 0;
  Cycles read = 0;
  Cycles write = 0;
};

/// What became of the bursts of one source.
struct SourceCounters {
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  std::uint64_t hits = 0;       ///< the row was open
  std::uint64_t opened = 0;     ///< the bank was closed
  std::uint64_t conflicts = 0;  ///< another row had to be closed first
  /// Bursts by clocks from entering the controller to the end of their data: bucket 0 below 1, bucket k below 2^k, the
  /// last all others.
  std::array<std::uint64_t, kLatencyBuckets> latency{};

  bool operator==(const SourceCounters&) const = default;
  SourceCounters& operator+=(const SourceCounters& other);
  SourceCounters& operator-=(const SourceCounters& other);
  void add(const SourceCounters& other, std::uint64_t times);
};

/// Commands, for energy, and how long rows were open.
struct CommandCounters {
  std::uint64_t activates = 0;
  std::uint64_t precharges = 0;  ///< banks closed, also by auto-precharge and for refresh
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  std::uint64_t refreshes = 0;       ///< of all banks
  std::uint64_t bank_refreshes = 0;  ///< of one bank (or the banks refreshed with it)
  std::uint64_t active_cycles = 0;   ///< with at least one row open

  bool operator==(const CommandCounters&) const = default;
  CommandCounters& operator+=(const CommandCounters& other);
  CommandCounters& operator-=(const CommandCounters& other);
  void add(const CommandCounters& other, std::uint64_t times);
};

/// A burst that waits in the window.
struct Entry {
  Cycles arrived = 0;
  std::uint32_t row = 0;
  std::uint32_t request = 0;  ///< ordinary access it belongs to
  std::uint16_t column = 0;
  std::uint8_t bank = 0;
  std::uint8_t source = 0;  ///< stream slot; kMaxStreams for an ordinary access
  bool write = false;
  std::uint8_t opened = 0;                  ///< 1: it made ACT necessary, 2: PRE and ACT
  Requester requester = Requester::kOther;  ///< of an ordinary access
};

/// A stream's part in this channel.
struct StreamSlot {
  StreamCursor cursor;
  Cycles ready_64ths = 0;        ///< its next burst is asked for at this time, in 1/64 clock
  std::uint32_t pace_64ths = 0;  ///< between two bursts; 0: as fast as it goes
  std::uint32_t waiting = 0;     ///< bursts in the window
  Cycles finish = 0;             ///< the last burst is through, once `finished`
  bool used = false;
  bool finished = false;
  bool write = false;
  SourceCounters counters;
};

struct ChannelState {
  Cycles now = 0;
  std::array<BankState, kMaxBanks> bank;
  std::array<GroupState, kMaxGroups> group;
  GroupState all;                  ///< "not before" for every bank
  Cycles precharge = 0;            ///< PRE of any bank
  Cycles refresh = 0;              ///< REF
  std::array<Cycles, 4> fourth{};  ///< ACT not before, for each of the last four; `fourth_next` is the oldest
  std::uint32_t fourth_next = 0;
  Cycles column_bus = 0;
  Cycles row_bus = 0;
  Cycles refresh_due = 0;
  std::uint32_t refresh_bank = 0;  ///< next to be refreshed by itself

  std::array<Entry, kMaxWindow> window;  ///< in order of age
  std::uint32_t entries = 0;
  std::uint32_t bypassed = 0;      ///< columns served since the oldest entry is the oldest
  std::uint32_t next_source = 0;   ///< whose turn it is to enter the window
  std::uint32_t next_request = 0;  ///< in the channel's list of ordinary bursts
  std::uint32_t live = 0;          ///< bit i: stream i has bursts that did not enter the window
  std::uint32_t under_way = 0;     ///< bit i: stream i has bursts that were not served
  std::uint32_t open_banks = 0;
  std::uint32_t waiting_banks = 0;  ///< bit b: of_bank[b] is not 0
  // Bit i stands for window[i].
  std::array<std::uint64_t, kMaxBanks> of_bank{};
  std::array<std::uint64_t, kMaxBanks> hits{};
  std::uint64_t writes = 0;

  std::array<StreamSlot, kMaxStreams> stream;
  std::array<SourceCounters, kRequesters> requests;
  CommandCounters commands;

  /// Forms the masks above and open_banks from the rest.
  void index(unsigned banks);
};

}  // namespace dixion::dram
