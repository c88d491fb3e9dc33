// SPDX-License-Identifier: Apache-2.0
/// The closed forms of docs/timing.md, "Matrix engine", against array, banks and FIFOs moved one cycle at a time.
#include <gtest/gtest.h>

#include "tests/support/cycle_reference/comparison.h"

namespace dixion::test {
namespace {

std::string name_of(const ComparedArray& array, const MatmulShape& shape) {
  return array.name + ": " + std::to_string(shape.rows) + " x " + std::to_string(shape.columns) + " x " +
         std::to_string(shape.depth) + ", weights of " + std::to_string(shape.weight_bytes);
}

TEST(CycleReference, DenseTilesAreExactAndNeverWait) {
  for (const ComparedArray& array : conflict_free_arrays()) {
    OperandDelivery delivery(array.config);
    for (const MatmulShape& shape : compared_shapes(array.config)) {
      const Compared compared = compare(array.config, delivery, shape);
      ASSERT_EQ(compared.closed_form, compared.reference) << name_of(array, shape);
      ASSERT_EQ(compared.closed_drain, compared.reference_drain) << name_of(array, shape);
      ASSERT_EQ(compared.waits, 0U) << name_of(array, shape);
      ASSERT_EQ(compared.bank, 0U) << name_of(array, shape);
    }
  }
}

TEST(CycleReference, WithConflictsTheErrorStaysBelowFivePercent) {
  for (const ComparedArray& array : conflicting_arrays()) {
    OperandDelivery delivery(array.config);
    unsigned waiting = 0;
    for (const MatmulShape& shape : compared_shapes(array.config)) {
      const Compared compared = compare(array.config, delivery, shape);
      ASSERT_LE(compared.error(), 5.0) << name_of(array, shape);
      ASSERT_GE(compared.error(), -5.0) << name_of(array, shape);
      waiting += compared.waits != 0 ? 1 : 0;
    }
    EXPECT_GT(waiting, 0U) << array.name << " was to make operands wait";
  }
}

// Long enough that most of it is extrapolated: 144 tiles of 72 steps.
TEST(CycleReference, WhatIsExtrapolatedStaysBelowFivePercent) {
  for (const ComparedArray& array : conflicting_arrays()) {
    OperandDelivery delivery(array.config);
    MatmulShape shape;
    shape.rows = 12 * array.config.array_rows;
    shape.columns = 12 * array.config.array_columns;
    shape.depth = 72 * array.config.dot_length;
    shape.weight_bytes = 2;
    const Compared compared = compare(array.config, delivery, shape);
    EXPECT_GT(compared.reference, 2 * OperandDelivery::kExactSteps);
    EXPECT_LE(compared.error(), 5.0) << array.name;
    EXPECT_GE(compared.error(), -5.0) << array.name;
  }
}

TEST(CycleReference, DrainOfAllCoresSharesThePort) {
  const AcceleratorConfig config;
  for (const unsigned cores : {1U, 3U, 4U}) {
    MatmulShape shape;
    shape.rows = std::uint64_t{cores} * 16;
    shape.columns = 15;
    OperandDelivery delivery(config);
    EXPECT_EQ(matmul_timing(config, delivery, shape, DIXION_SPLIT_ROWS, cores).drain,
              run_reference(config, {16, 15, 1, 1, true, 2, cores}).drain);
  }
}

}  // namespace
}  // namespace dixion::test
