// SPDX-License-Identifier: Apache-2.0
#include "models/engines/unit_account.h"

#include <algorithm>
#include <cmath>

#include "models/common/check.h"

namespace dixion {

void UnitAccount::begin(Cycles cycle, unsigned lanes) {
  advance(cycle);
  occupied_ += lanes;
  DIXION_CHECK(occupied_ <= lanes_, "commands overlap: " + std::to_string(occupied_) + " lanes in use");
}

void UnitAccount::end(Cycles cycle, unsigned lanes, Cycles begun, Cycles compute, bool failed) {
  advance(cycle);
  DIXION_CHECK(lanes <= occupied_, "a command ended that did not begin");
  occupied_ -= lanes;
  const Cycles busy = std::min(compute, cycle - begun);
  busy_ += busy * lanes;
  memory_stall_ += (cycle - begun - busy) * lanes;
  ++commands_;
  if (failed) ++failed_;
}

void UnitAccount::add_work(std::uint64_t macs, std::uint64_t saturations) {
  macs_ += macs;
  saturations_ += saturations;
}

StatisticsList UnitAccount::statistics(const std::string& prefix, Cycles now) const {
  UnitAccount books = *this;
  books.advance(std::max(now, last_));
  const std::uint64_t total = books.last_ * lanes_;
  const std::uint64_t unfinished = books.occupancy_ - books.busy_ - books.memory_stall_;
  DIXION_CHECK(books.busy_ + books.memory_stall_ + unfinished + books.idle_ == total, prefix + ": cycles do not close");
  DIXION_CHECK(occupied_ != 0 || unfinished == 0, prefix + ": cycles of ended commands are not accounted for");
  const std::string lanes = " (sum over " + std::to_string(lanes_) + (lanes_ == 1 ? " lane)" : " lanes)");
  const Fidelity estimate = mask_.list_variance > 0 ? Fidelity::kEstimate : Fidelity::kExact;
  return {
      {prefix + ".commands", "commands", "commands ended, with and without error", commands_},
      {prefix + ".failed", "commands", "commands ended with an error", failed_},
      {prefix + ".busy", "accel_cycles", "computing" + lanes, books.busy_},
      {prefix + ".memory_stall", "accel_cycles", "in a command, waiting for operands or for results to leave" + lanes,
       books.memory_stall_},
      {prefix + ".unfinished", "accel_cycles", "in commands that had not ended when the run did" + lanes, unfinished},
      {prefix + ".idle", "accel_cycles", "no command to run" + lanes, books.idle_},
      {prefix + ".total", "accel_cycles", "all cycles of the run" + lanes, total},
      {prefix + ".macs", "macs", "multiply-accumulate operations of ended commands, as if there were no masks", macs_},
      {prefix + ".macs_marked", "macs", "of these, not needed by the masks that were read", mask_.macs_marked},
      {prefix + ".macs_exploited", "macs", "of the marked ones, not done", mask_.macs_exploited},
      {prefix + ".mask_elements", "elements", "of masks read and written", mask_.elements},
      {prefix + ".mask_kept", "elements", "of masks read and written, those that are kept", mask_.kept},
      {prefix + ".list_cycles", "accel_cycles", "of list mode, all tiles one after the other", mask_.list_cycles,
       estimate},
      {prefix + ".list_stalls", "accel_cycles", "of list mode, groups waiting for a full FIFO, summed over groups",
       mask_.list_stalls, estimate},
      {prefix + ".list_standard_error", "accel_cycles", "of list_cycles, from the sample of tiles",
       static_cast<std::uint64_t>(std::llround(std::sqrt(mask_.list_variance))), estimate},
      {prefix + ".saturations", "elements", "results that did not fit their format", saturations_}};
}

void UnitAccount::advance(Cycles cycle) {
  DIXION_CHECK(cycle >= last_, "cycles run backwards");
  const Cycles elapsed = cycle - last_;
  occupancy_ += elapsed * occupied_;
  idle_ += elapsed * (lanes_ - occupied_);
  last_ = cycle;
}

}  // namespace dixion
