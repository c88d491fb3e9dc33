// SPDX-License-Identifier: Apache-2.0
/// The controller of one channel: a bounded window of bursts, first ready first come, row commands, refresh.
/// Time is in command clocks. Deterministic, integers only, no events from outside: whoever drives it runs it to a time
/// and adds what arrives then. How far it ran in one call never changes what it does.
///
/// The rule: of all commands that may be issued at the earliest time, a column command goes before refresh before other
/// row commands, an older burst before a younger one. An open row that has bursts waiting is not closed, unless
/// `starvation_limit` younger columns went before the oldest burst: then only its column, and its row, are served.
/// A due refresh stops new columns and activations (of the bank it needs) and takes place as soon as the rows are
/// closed. Bursts enter the window one per source in turn.
#pragma once

#include <cstdint>
#include <vector>

#include "platform/dram/channel_state.h"
#include "platform/dram/fast_forward.h"
#include "platform/dram/parameters.h"

namespace dixion::dram {

enum class PagePolicy : std::uint8_t {
  kOpen,   ///< a row stays open until another is needed
  kClosed  ///< the last column of a row that waits closes it (auto-precharge)
};
enum class RefreshMode : std::uint8_t { kNone, kAllBank, kPerBank };

struct ControllerConfig {
  unsigned window = 32;  ///< bursts, 1 to 64
  PagePolicy page_policy = PagePolicy::kOpen;
  RefreshMode refresh = RefreshMode::kAllBank;
  unsigned starvation_limit = 128;  ///< columns, at least 1
  bool fast_forward = true;         ///< jump over what was simulated before; results are the same
};

enum class Command : std::uint8_t {
  kActivate,
  kPrecharge,
  kPrechargeAll,
  kRead,
  kWrite,
  kReadAuto,
  kWriteAuto,
  kRefreshAll,
  kRefreshBank
};

struct CommandRecord {
  Cycles at;
  Command command;
  unsigned bank;  ///< not of *All
  std::uint32_t row;
  std::uint32_t column;
};

/// Sees every command in order.
class CommandSink {
 public:
  virtual ~CommandSink() = default;
  virtual void command(const CommandRecord& record) = 0;
};

/// One burst of an ordinary access.
struct RequestBurst {
  std::uint32_t request;
  Location place;
  Cycles arrived;
  bool write;
  Requester requester;
};

class Channel {
 public:
  /// `memory` may be null, and is shared by channels of the same preset, configuration and mapping.
  Channel(const Preset& preset, const ControllerConfig& config, const AddressMap& map, FastForward* memory);

  /// The stream begins now. `pace_64ths`: distance of its bursts in 1/64 clock, 0 for no limit. Returns its slot, or
  /// kMaxStreams if all are taken.
  unsigned add_stream(const StreamCursor& cursor, bool write, std::uint32_t pace_64ths);
  /// Gives a finished or abandoned stream's slot back and returns its counters. Its bursts in the window stay there.
  SourceCounters remove_stream(unsigned slot);
  void add_request(const RequestBurst& burst);

  /// Runs until `limit`, or until a stream or an ordinary burst is finished if `stop_at_finish`. True if it stopped so.
  bool run(Cycles limit, bool stop_at_finish);
  /// Whether anything is waiting or to come.
  [[nodiscard]] bool busy() const;
  /// Whether there are ordinary bursts that did not enter the window, or are remembered until
  /// drop_entered_requests().
  [[nodiscard]] bool has_requests() const { return !requests_.empty(); }
  /// Whether ordinary bursts are among it.
  [[nodiscard]] bool serves_accesses() const;
  /// Ordinary bursts served since the last clear: request and when its data are through (without read latency).
  struct Served {
    std::uint32_t request;
    Cycles finish;
  };
  std::vector<Served>& served() { return served_; }
  /// Forgets ordinary bursts that entered the window; never between saving and restoring the state.
  void drop_entered_requests();

  [[nodiscard]] const ChannelState& state() const { return s_; }
  void restore(const ChannelState& state);
  /// Burst by burst from here on if not null.
  void set_sink(CommandSink* sink) { sink_ = sink; }
  [[nodiscard]] std::uint32_t refresh_interval() const { return refresh_interval_; }

 private:
  struct Choice;
  bool step(Cycles limit);
  void refill();
  void enter(const Entry& entry);
  void admit_stream(unsigned slot);
  [[nodiscard]] bool stands_at_mark(const StreamCursor& cursor) const;
  void admit_request();
  [[nodiscard]] Cycles next_admission() const;
  void consider_banks(bool starving, Choice& best) const;
  void consider_refresh(Choice& best) const;
  void consider_bank_refresh(Choice& best) const;
  void advance_time(Cycles to);
  void skip_idle(Cycles limit);

  void issue(const Choice& choice);
  void issue_column(const Choice& choice);
  void issue_activate(const Choice& choice);
  void issue_precharge(Cycles at, unsigned bank);
  void issue_precharge_all(Cycles at);
  void issue_refresh_all(Cycles at);
  void issue_refresh_bank(Cycles at);
  void serve(unsigned entry, Cycles at);
  void remove_entry(unsigned entry);
  void close(unsigned bank, Cycles at);
  void take_row_bus(Cycles until);
  void take_column_bus(Cycles until);
  void trace(Cycles at, Command command, unsigned bank, std::uint32_t row, std::uint32_t column);
  [[nodiscard]] bool refreshed_next(unsigned bank) const;
  [[nodiscard]] unsigned group_of(unsigned bank) const { return bank >> group_shift_; }

  Timing t_;
  ControllerConfig config_;
  const AddressMap* map_;
  FastForward* memory_;
  CommandSink* sink_ = nullptr;
  unsigned banks_;
  unsigned group_shift_;
  unsigned banks_per_refresh_;
  unsigned refresh_sets_;
  std::uint32_t refresh_interval_;
  std::uint32_t activate_slots_;
  bool separate_row_bus_;
  bool refresh_counts_;
  std::uint64_t marks_period_;
  bool finish_seen_ = false;
  bool checkpoint_ = false;
  unsigned since_checkpoint_ = 0;  // bursts that entered
  FastForward::Record record_;
  std::vector<RequestBurst> requests_;
  std::vector<Served> served_;
  ChannelState s_;
};

}  // namespace dixion::dram
