// SPDX-License-Identifier: Apache-2.0
/// The closed forms of the matrix engine beside the cycle-stepped reference, over a grid of shapes.
#pragma once

#include <string>
#include <vector>

#include "models/common/accelerator_config.h"
#include "models/engines/matrix/matrix_timing.h"
#include "tests/support/cycle_reference/matrix_reference.h"

namespace dixion::test {

/// An array with its core SRAM.
struct ComparedArray {
  std::string name;
  AcceleratorConfig config;
};

/// EXION's and DiSC's arrays, those of the presets among them, with maps under which dense tiles should never wait.
[[nodiscard]] std::vector<ComparedArray> conflict_free_arrays();
/// The same arrays with maps and banks that make operands wait.
[[nodiscard]] std::vector<ComparedArray> conflicting_arrays();
/// M, N and K on both sides of the borders of tiles and steps, and widths of DiT.
[[nodiscard]] std::vector<MatmulShape> compared_shapes(const AcceleratorConfig& config);

struct Compared {
  Cycles closed_form = 0;
  Cycles reference = 0;
  Cycles closed_drain = 0;
  Cycles reference_drain = 0;
  Cycles waits = 0;  ///< of the reference
  Cycles bank = 0;   ///< of the closed form
  /// Of the closed form, in percent of the reference.
  [[nodiscard]] double error() const {
    return 100.0 * (static_cast<double>(closed_form) - static_cast<double>(reference)) / static_cast<double>(reference);
  }
};

/// One core; every pass of the product on its own, as each fills the array again.
[[nodiscard]] Compared compare(const AcceleratorConfig& config, OperandDelivery& delivery, const MatmulShape& shape);

/// A row of the table in docs/timing.md: array, shapes, how many of them wait, the largest share of waiting, lowest and
/// highest error.
[[nodiscard]] std::string error_row(const ComparedArray& array);

}  // namespace dixion::test
