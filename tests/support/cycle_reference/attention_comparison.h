// SPDX-License-Identifier: Apache-2.0
/// The closed form of attention beside the cycle-stepped reference, over a grid of shapes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/engines/matrix/matrix_timing.h"
#include "tests/support/cycle_reference/comparison.h"

namespace dixion::test {

/// EXION's and DiSC's arrays without conflicts and with.
[[nodiscard]] std::vector<ComparedArray> attention_arrays();
/// Those without.
[[nodiscard]] std::vector<ComparedArray> network_arrays();
/// Heads, queries, keys and depths on both sides of the borders of tiles and steps, and those of the networks.
[[nodiscard]] std::vector<AttentionShape> compared_attention(const AcceleratorConfig& config);

struct ComparedAttention {
  Cycles closed_form = 0;
  Cycles reference = 0;
  Cycles waits = 0;  ///< of the reference
  std::uint64_t tiles = 0;
  bool full_tiles = false;  ///< the last one has as many queries as the others
  bool long_tiles = false;  ///< a tile's products take at least as long as its exponentials and a fill of the array
  /// Of the closed form, in percent of the reference.
  [[nodiscard]] double error() const {
    return 100.0 * (static_cast<double>(closed_form) - static_cast<double>(reference)) / static_cast<double>(reference);
  }
};

/// One core.
[[nodiscard]] ComparedAttention compare(const AcceleratorConfig& config, OperandDelivery& delivery,
                                        const AttentionShape& shape);

/// Rows of a table in docs/timing.md: array, tiles, what they are like, shapes, lowest and highest error.
[[nodiscard]] std::vector<std::string> attention_error_rows(const ComparedArray& array);
/// The same for heads of published networks: array, network, shape, closed form, reference, error.
[[nodiscard]] std::vector<std::string> network_rows(const ComparedArray& array);

}  // namespace dixion::test
