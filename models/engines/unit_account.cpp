// SPDX-License-Identifier: Apache-2.0
#include "models/engines/unit_account.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/common/check.h"

namespace dixion {

namespace {

std::uint64_t sum(const Stalls& stalls, std::size_t count) {
  return std::accumulate(stalls.begin(), stalls.begin() + static_cast<std::ptrdiff_t>(count), std::uint64_t{0});
}

}  // namespace

void UnitAccount::waits_for(Cycles cycle, const WaitingLanes& waiting) {
  advance(cycle);
  waiting_ = waiting;
  if (waiting.fetching == 0) settle_fetch(waiting.for_reason != WaitingLanes{}.for_reason);
}

Stalls UnitAccount::begin(Cycles cycle, unsigned lanes) {
  advance(cycle);
  settle_fetch(true);
  occupied_ += lanes;
  DIXION_CHECK(occupied_ <= lanes_, "commands overlap: " + std::to_string(occupied_) + " lanes in use");
  const Stalls waited = before_next_;
  before_next_.fill(0);
  return waited;
}

void UnitAccount::end(const CommandCost& cost, bool failed) {
  advance(cost.end_cycle);
  DIXION_CHECK(cost.lanes <= occupied_, "a command ended that did not begin");
  occupied_ -= cost.lanes;
  const std::uint64_t cycles = (cost.end_cycle - cost.start_cycle) * cost.lanes;
  DIXION_CHECK(cost.busy_cycles + sum(cost.stalls, kStallsInCommand) == cycles, "a command's cycles do not close");
  ended_ += cycles;
  busy_ += cost.busy_cycles;
  for (std::size_t i = 0; i < kStallsInCommand; ++i) stalls_[i] += cost.stalls[i];
  ++commands_;
  if (failed) {
    ++failed_;
  } else {
    macs_ += cost.macs;
    mask_ += cost.mask;
    saturations_ += cost.saturations;
  }
}

void UnitAccount::add_sparsity_statistics(const std::string& prefix, StatisticsList& list) const {
  list.push_back({prefix + ".macs_marked", "macs", "of macs, not needed by the masks and row lists that were read",
                  mask_.macs_marked});
  list.push_back({prefix + ".macs_exploited", "macs", "of the marked ones, not done", mask_.macs_exploited});
  if (mask_.elements != 0) add_mask_statistics(prefix, list);
  if (mask_.tokens == 0) return;
  list.push_back({prefix + ".tokens", "rows", "of tokens, summed over commands with a row list", mask_.tokens});
  list.push_back({prefix + ".active_tokens", "rows", "of these, listed", mask_.active_tokens});
}

void UnitAccount::add_mask_statistics(const std::string& prefix, StatisticsList& list) const {
  const Fidelity estimate = mask_.list_variance > 0 ? Fidelity::kEstimate : Fidelity::kExact;
  const auto error = static_cast<std::uint64_t>(std::llround(std::sqrt(mask_.list_variance)));
  list.push_back({prefix + ".mask_elements", "elements", "of masks read and written", mask_.elements});
  list.push_back({prefix + ".mask_kept", "elements", "of masks read and written, those that are kept", mask_.kept});
  list.push_back({prefix + ".list_cycles", "accel_cycles", "of list mode, all tiles one after the other",
                  mask_.list_cycles, estimate});
  list.push_back({prefix + ".list_stalls", "accel_cycles",
                  "of list mode, groups waiting for a full FIFO, summed over groups", mask_.list_stalls, estimate});
  list.push_back(
      {prefix + ".list_standard_error", "accel_cycles", "of list_cycles, from the sample of tiles", error, estimate});
}

void UnitAccount::add_block_statistics(const std::string& prefix, StatisticsList& list) const {
  const Fidelity estimate = mask_.blocks_variance > 0 ? Fidelity::kEstimate : Fidelity::kExact;
  const auto error = static_cast<std::uint64_t>(std::llround(std::sqrt(mask_.blocks_variance)));
  list.push_back(
      {prefix + ".blocks_before", "blocks", "of output masks, if all outputs were needed", mask_.blocks_before});
  list.push_back({prefix + ".blocks_condensed", "blocks", "of these, without columns that no row of a tile needs",
                  mask_.blocks_condensed, estimate});
  list.push_back({prefix + ".blocks_merged", "blocks", "of these, as they run: merged where there is a schedule",
                  mask_.blocks_merged, estimate, error});
  const std::uint64_t share = mask_.block_units == 0 ? 0 : 1000 * mask_.block_outputs / mask_.block_units;
  list.push_back({prefix + ".block_utilisation", "permille",
                  "of the units in the blocks that run, those that compute a needed output", share, estimate});
}

StatisticsList UnitAccount::statistics(const std::string& prefix, Cycles now) const {
  UnitAccount books = *this;
  books.advance(std::max(now, last_));
  // At the end of a run nothing follows any more.
  books.settle_fetch(false);
  const std::uint64_t total = books.last_ * lanes_;
  const std::uint64_t unfinished = books.occupancy_ - books.ended_;
  DIXION_CHECK(books.busy_ + sum(books.stalls_, kStallReasons) + unfinished + books.idle_ == total,
               prefix + ": cycles do not close");
  DIXION_CHECK(occupied_ != 0 || unfinished == 0, prefix + ": cycles of ended commands are not accounted for");
  const std::string lanes = " (lane-cycles)";
  StatisticsList list{{prefix + ".commands", "commands", "commands ended, with and without error", commands_},
                      {prefix + ".failed", "commands", "commands ended with an error", failed_},
                      {prefix + ".busy", "accel_cycles", "computing" + lanes, books.busy_}};
  for (std::size_t i = 0; i < kStallReasons; ++i) {
    list.push_back(
        {prefix + ".stall." + kStalls[i].name, "accel_cycles", kStalls[i].sentence + lanes, books.stalls_[i]});
  }
  list.push_back(
      {prefix + ".unfinished", "accel_cycles", "in commands that had not ended when the run did" + lanes, unfinished});
  list.push_back({prefix + ".idle", "accel_cycles", "no command to run" + lanes, books.idle_});
  list.push_back({prefix + ".total", "accel_cycles", "all cycles of the run on all lanes" + lanes, total});
  list.push_back({prefix + ".macs", "macs", "multiply-accumulate operations of ended commands", macs_});
  list.push_back({prefix + ".saturations", "elements", "results that did not fit their format", saturations_});
  if (mask_.elements != 0 || mask_.tokens != 0) add_sparsity_statistics(prefix, list);
  if (mask_.blocks_before != 0) add_block_statistics(prefix, list);
  return list;
}

void UnitAccount::advance(Cycles cycle) {
  DIXION_CHECK(cycle >= last_, "cycles run backwards");
  const Cycles elapsed = cycle - last_;
  last_ = cycle;
  occupancy_ += elapsed * occupied_;
  if (elapsed == 0) return;
  unsigned idle = lanes_ - occupied_;
  for (std::size_t i = kStallsInCommand; i < kStallReasons; ++i) {
    const unsigned lanes = waiting_.for_reason[i];
    if (lanes == 0) continue;
    DIXION_CHECK(lanes <= idle, "lanes in a command wait for one");
    idle -= lanes;
    stalls_[i] += elapsed * lanes;
    before_next_[i] += elapsed * lanes;
  }
  DIXION_CHECK(waiting_.fetching <= idle, "lanes in a command wait for one");
  fetch_ += elapsed * waiting_.fetching;
  idle_ += elapsed * (idle - waiting_.fetching);
}

void UnitAccount::settle_fetch(bool brought_a_command) {
  constexpr std::size_t kFetch = index_of(StallReason::kCommandFetch);
  if (brought_a_command) {
    stalls_[kFetch] += fetch_;
    before_next_[kFetch] += fetch_;
  } else {
    idle_ += fetch_;
  }
  fetch_ = 0;
}

}  // namespace dixion
