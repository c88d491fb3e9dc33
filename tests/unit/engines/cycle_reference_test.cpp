// SPDX-License-Identifier: Apache-2.0
/// The closed forms of docs/timing.md, "Matrix engine", against array, banks and FIFOs moved one cycle at a time.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

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

TEST(CycleReference, TheDocumentedErrorsAreTheseErrors) {
  const char* source = std::getenv("DIXION_SOURCE_DIR");
  ASSERT_NE(source, nullptr) << "set DIXION_SOURCE_DIR to the root of the repository";
  std::ifstream file(std::string(source) + "/docs/timing.md");
  const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  for (const auto& arrays : {conflict_free_arrays(), conflicting_arrays()}) {
    for (const ComparedArray& array : arrays) {
      EXPECT_NE(page.find(error_row(array) + "\n"), std::string::npos)
          << "docs/timing.md is stale, take the table from matrix_timing_errors: " << error_row(array);
    }
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
