// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "models/common/clock.h"
#include "models/common/mask_work.h"
#include "models/common/statistics.h"

namespace dixion {

/// Where the cycles of one unit's lanes went. Every lane-cycle since cycle 0 is exactly one of busy, memory stall,
/// unfinished (in a command that has not ended yet) and idle.
class UnitAccount {
 public:
  explicit UnitAccount(unsigned lanes) : lanes_(lanes) {}

  /// A command takes `lanes` lanes from `cycle` on. Cycles never run backwards over all calls.
  void begin(Cycles cycle, unsigned lanes);
  /// It gives them back; `compute` of its accel_cycles were spent computing, the rest waiting for memory.
  void end(Cycles cycle, unsigned lanes, Cycles begun, Cycles compute, bool failed);
  void add_work(std::uint64_t macs, std::uint64_t saturations);
  void add_mask(const MaskWork& mask) { mask_ += mask; }

  /// Books up to `now`. DefectError if they do not close.
  [[nodiscard]] StatisticsList statistics(const std::string& prefix, Cycles now) const;

 private:
  void advance(Cycles cycle);

  unsigned lanes_;
  unsigned occupied_ = 0;  // lanes in commands now
  Cycles last_ = 0;
  std::uint64_t idle_ = 0;       // lane-cycles up to last_
  std::uint64_t occupancy_ = 0;  // lane-cycles in commands up to last_
  std::uint64_t busy_ = 0;
  std::uint64_t memory_stall_ = 0;
  std::uint64_t commands_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t macs_ = 0;
  MaskWork mask_;
  std::uint64_t saturations_ = 0;
};

}  // namespace dixion
