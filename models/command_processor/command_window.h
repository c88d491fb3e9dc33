// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>

#include "models/command_processor/decoder.h"
#include "models/command_processor/queue_status.h"
#include "models/command_processor/scoreboard.h"
#include "models/common/clock.h"

namespace dixion {

/// The commands of one queue between decoding and completion, in program order.
class CommandWindow {
 public:
  using Sequence = std::uint64_t;  ///< number of an entry; never used twice; 0 is none

  struct Entry {
    Sequence sequence = 0;
    DecodedCommand decoded;
    CommandError error;  ///< why it cannot start
    Sequence call = 0;   ///< the CALL it belongs to
    bool running = false;
    // Of a CALL:
    Cycles start_cycle = 0;
    std::uint32_t unfinished = 0;  ///< commands of its list in the window
    bool expanded = false;         ///< the whole list is, or was, in the window
    bool cut = false;              ///< a command of its list failed
  };

  /// What decides besides the window itself.
  struct Machine {
    const Semaphores& semaphores;
    const Scoreboard& scoreboard;
    std::array<bool, kUnits> available;  ///< the unit takes a command now
  };

  /// Whether commands of a unit wait only for those before them that share a lane. So it is for DMA, where each channel
  /// is in order; commands of other units start in order whatever their cores.
  [[nodiscard]] static bool lanes_are_independent(abi::Unit unit) { return unit == abi::Unit::kDma; }

  Entry& push(DecodedCommand decoded, CommandError error, Sequence call);
  /// The oldest entry that may start, or null. Commands start in order on each unit, DMA commands on each channel;
  /// units and channels do not wait for each other; nothing passes a fence or a command with an error.
  [[nodiscard]] Entry* startable(const Machine& machine);
  /// Why the oldest entry that has not started has not; fills oldest_waits_for and what belongs to it.
  void explain(const Machine& machine, QueueStatus& status) const;

  [[nodiscard]] Entry* find(Sequence sequence);
  [[nodiscard]] const Entry* find(Sequence sequence) const;
  /// The running entry with this id and list index; must exist.
  [[nodiscard]] Entry& running(const Command& command);
  /// The entry has completed or failed (`failed`) and goes. Of a failed one's list nothing more starts.
  void remove(Sequence sequence, bool failed);
  void clear();

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] const std::deque<Entry>& entries() const { return entries_; }
  /// The oldest unfinished command that the FENCE of `entry` waits for; null if it has none or may pass.
  [[nodiscard]] const Entry* fenced_by(const Entry& entry) const;
  /// Entries that have not started.
  [[nodiscard]] std::size_t waiting() const;
  /// Entries that run on a unit.
  [[nodiscard]] std::size_t on_units() const;
  [[nodiscard]] std::vector<QueueStatus::RecentCommand> recent() const;

 private:
  std::deque<Entry> entries_;
  Sequence next_ = 1;
  struct Recent {
    Sequence sequence;
    QueueStatus::RecentCommand command;
  };
  std::deque<Recent> recent_;
};

}  // namespace dixion
