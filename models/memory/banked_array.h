// SPDX-License-Identifier: Apache-2.0
/// Geometry of an on-chip memory made of banks, each giving one word per accel_cycle; no contents. Core SRAM is
/// described by this alone (data in it exists only during a command), the global buffer adds a store (banked_memory.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/common/accelerator_config.h"
#include "models/common/clock.h"
#include "models/interconnect/stream_shape.h"
#include "models/memory/bank_conflicts.h"
#include "models/memory/bank_map.h"

namespace dixion {

class BankedArray {
 public:
  /// banks: power of two; word_bytes and capacity above 0, capacity a multiple of banks x word_bytes. Else ConfigError
  /// with a key that starts with `key`, e.g. "accelerator.global_buffer".
  BankedArray(const std::string& key, std::uint64_t capacity, unsigned banks, unsigned word_bytes,
              const std::string& map, const std::vector<std::uint64_t>& masks = {});

  [[nodiscard]] std::uint64_t capacity() const { return capacity_; }
  [[nodiscard]] unsigned banks() const { return banks_; }
  [[nodiscard]] unsigned word_bytes() const { return word_bytes_; }
  /// All banks together.
  [[nodiscard]] std::uint64_t bytes_per_cycle() const { return std::uint64_t{banks_} * word_bytes_; }
  [[nodiscard]] unsigned bank_of(std::uint64_t address) const { return map_->bank_of(address / word_bytes_); }
  [[nodiscard]] const BankMap& map() const { return *map_; }

  /// What a stream from `address` costs if it has all banks for itself: words are asked for in order, as many at a time
  /// as there are banks, and such a group takes as many accel_cycles as its busiest bank has words. A single run is
  /// conflict-free where rows of all banks are (its groups are aligned rows).
  [[nodiscard]] StreamCost stream_cost(std::uint64_t address, const StreamShape& shape) const {
    return conflicts_.cost(address, shape);
  }
  /// accel_cycles of the same bytes if every word were used whole and without conflicts.
  [[nodiscard]] Cycles ideal_cycles(std::uint64_t address, const StreamShape& shape) const;

 private:
  std::uint64_t capacity_;
  unsigned banks_;
  unsigned word_bytes_;
  std::unique_ptr<BankMap> map_;
  mutable BankConflicts conflicts_;  // remembers results only
};

/// One core's SRAM, respectively the global buffer, as configured.
[[nodiscard]] BankedArray core_sram_array(const AcceleratorConfig& config);
[[nodiscard]] BankedArray global_buffer_array(const AcceleratorConfig& config);

}  // namespace dixion
