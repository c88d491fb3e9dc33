// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "models/common/accelerator_config.h"
#include "models/common/clock.h"
#include "models/memory/bank_map.h"

namespace dixion {

/// Tiles of one product that follow each other without a break: every tile of the side that stays meets every tile of
/// the side that passes by.
struct TileSequence {
  std::uint64_t src_vectors = 1;     ///< rows of src
  std::uint64_t weight_vectors = 1;  ///< rows of weight (columns of the result)
  std::uint64_t depth = 1;           ///< K
  unsigned weight_bytes = 1;         ///< per element
  bool weights_pass = true;
};

/// How long the array waits for operands from the banks of the core SRAM. Model, sources and assumptions:
/// docs/timing.md, "Operand delivery".
class OperandDelivery {
 public:
  explicit OperandDelivery(const AcceleratorConfig& config);

  struct Stalls {
    Cycles total = 0;  ///< accel_cycles
    Cycles balanced =
        0;  ///< those if every word lay in the bank that is free next: the banks are too few or too narrow
  };
  /// Results do not depend on what was asked before.
  [[nodiscard]] Stalls stalls(const TileSequence& sequence);

  static constexpr unsigned kReadAhead = 16;  ///< steps; assumed
  static constexpr std::uint64_t kExactSteps =
      4096;  ///< of a sequence; the others stall at the rate of the second half

 private:
  using Key = std::array<std::uint64_t, 5>;
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };

  [[nodiscard]] Cycles evaluate(const TileSequence& sequence, bool balanced) const;

  AcceleratorConfig config_;
  std::unique_ptr<BankMap> map_;
  std::unordered_map<Key, Stalls, Hash> known_;
};

}  // namespace dixion
