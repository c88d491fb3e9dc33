// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "models/common/clock.h"
#include "models/common/mask_work.h"
#include "models/common/statistics.h"
#include "models/common/trace_sink.h"

namespace dixion {

/// Where the cycles of one unit's lanes went. Every lane-cycle since cycle 0 is exactly one of busy, a stall reason,
/// unfinished (in a command that has not ended yet) and idle.
class UnitAccount {
 public:
  explicit UnitAccount(unsigned lanes) : lanes_(lanes) {}

  /// From `cycle` on. Until the next call no lane that waits may begin a command at a later cycle.
  void waits_for(Cycles cycle, const WaitingLanes& waiting);
  /// A command takes `lanes` lanes from `cycle` on. Cycles never run backwards over all calls. Returns the waiting of
  /// free lanes since the last command began: the new command's share.
  [[nodiscard]] Stalls begin(Cycles cycle, unsigned lanes);
  /// It gives its lanes back at cost.end_cycle. DefectError if its cycles do not close.
  void end(const CommandCost& cost, bool failed);

  /// Books up to `now`. DefectError if they do not close.
  [[nodiscard]] StatisticsList statistics(const std::string& prefix, Cycles now) const;

 private:
  void add_sparsity_statistics(const std::string& prefix, StatisticsList& list) const;
  void add_mask_statistics(const std::string& prefix, StatisticsList& list) const;
  void add_block_statistics(const std::string& prefix, StatisticsList& list) const;
  void advance(Cycles cycle);
  void settle_fetch(bool brought_a_command);

  unsigned lanes_;
  unsigned occupied_ = 0;  // lanes in commands now
  Cycles last_ = 0;
  WaitingLanes waiting_;
  std::uint64_t idle_ = 0;       // lane-cycles up to last_
  std::uint64_t occupancy_ = 0;  // lane-cycles in commands up to last_
  std::uint64_t ended_ = 0;      // those in commands that have ended
  std::uint64_t fetch_ = 0;      // lane-cycles of a fetch whose outcome is open
  std::uint64_t busy_ = 0;
  Stalls stalls_{};
  Stalls before_next_{};  // since the last command began
  std::uint64_t commands_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t macs_ = 0;
  MaskWork mask_;
  std::uint64_t saturations_ = 0;
};

}  // namespace dixion
