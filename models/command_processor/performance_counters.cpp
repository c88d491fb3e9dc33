// SPDX-License-Identifier: Apache-2.0
#include "models/command_processor/performance_counters.h"

#include <bit>

namespace dixion {

namespace {

// Positions are those of PERF_COUNTER's description.
enum Counter : unsigned {
  kCycles,
  kMatrixBusy,
  kVectorBusy,
  kDmaBusy,
  kCommands,
  kMacs,
  kDramRead,
  kDramWritten,
  kBufferRead,
  kBufferWritten,
};

}  // namespace

void PerformanceCounters::count(const Command& command, const CommandCost& cost, bool failed) {
  const std::uint64_t busy =
      (cost.end_cycle - cost.start_cycle) * static_cast<std::uint64_t>(std::popcount(command.cores));
  switch (command.info->unit) {
    case abi::Unit::kMatrix:
      values_[kMatrixBusy] += busy;
      break;
    case abi::Unit::kVector:
      values_[kVectorBusy] += busy;
      break;
    case abi::Unit::kDma:
      values_[kDmaBusy] += busy;
      break;
    default:
      break;
  }
  values_[kCommands] += failed ? 0 : 1;
  values_[kMacs] += cost.macs;
  values_[kDramRead] += cost.dram_read_bytes;
  values_[kDramWritten] += cost.dram_write_bytes;
  values_[kBufferRead] += cost.buffer_read_bytes;
  values_[kBufferWritten] += cost.buffer_write_bytes;
}

std::array<std::uint64_t, PerformanceCounters::kCounters> PerformanceCounters::live(Cycles now) const {
  std::array<std::uint64_t, kCounters> values = values_;
  values[kCycles] = now - cleared_at_;
  return values;
}

std::uint64_t PerformanceCounters::read(unsigned counter, Cycles now) const {
  return is_frozen_ ? frozen_.at(counter) : live(now).at(counter);
}

void PerformanceCounters::freeze(bool on, Cycles now) {
  if (on && !is_frozen_) frozen_ = live(now);
  is_frozen_ = on;
}

void PerformanceCounters::clear(Cycles now) {
  values_.fill(0);
  frozen_.fill(0);
  cleared_at_ = now;
}

}  // namespace dixion
