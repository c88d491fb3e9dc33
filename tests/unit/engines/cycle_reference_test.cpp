// SPDX-License-Identifier: Apache-2.0
/// The closed forms of docs/timing.md, "Matrix engine", against array, banks and FIFOs moved one cycle at a time.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/cycle_reference/attention_comparison.h"
#include "tests/support/cycle_reference/attention_reference.h"

namespace dixion::test {
namespace {

std::string name_of(const ComparedArray& array, const MatmulShape& shape) {
  return array.name + ": " + std::to_string(shape.rows) + " x " + std::to_string(shape.columns) + " x " +
         std::to_string(shape.depth) + ", weights of " + std::to_string(shape.weight_bytes);
}

std::string name_of(const ComparedArray& array, const AttentionShape& shape) {
  return array.name + ": " + std::to_string(shape.heads) + " heads, " + std::to_string(shape.queries) + " x " +
         std::to_string(shape.keys) + " x " + std::to_string(shape.depth);
}

std::string timing_page() {
  const char* source = std::getenv("DIXION_SOURCE_DIR");
  EXPECT_NE(source, nullptr) << "set DIXION_SOURCE_DIR to the root of the repository";
  std::ifstream file(std::string(source == nullptr ? "." : source) + "/docs/timing.md");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
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
  const std::string page = timing_page();
  for (const auto& arrays : {conflict_free_arrays(), conflicting_arrays()}) {
    for (const ComparedArray& array : arrays) {
      EXPECT_NE(page.find(error_row(array) + "\n"), std::string::npos)
          << "docs/timing.md is stale, take the table from matrix_timing_errors: " << error_row(array);
    }
  }
}

// Attention. The chain of tiles is that of the reference; what is left is the waits of the products.
TEST(AttentionReference, DenseTilesAreExact) {
  for (const ComparedArray& array : network_arrays()) {
    OperandDelivery delivery(array.config);
    for (const AttentionShape& shape : compared_attention(array.config)) {
      const ComparedAttention compared = compare(array.config, delivery, shape);
      ASSERT_EQ(compared.closed_form, compared.reference) << name_of(array, shape);
      ASSERT_EQ(compared.waits, 0U) << name_of(array, shape);
    }
  }
}

TEST(AttentionReference, WithConflictsTheErrorStaysBelowATenthOfAPercent) {
  std::vector<ComparedArray> arrays = attention_arrays();
  arrays.erase(arrays.begin(), arrays.begin() + 2);
  for (const ComparedArray& array : arrays) {
    OperandDelivery delivery(array.config);
    unsigned waiting = 0;
    for (const AttentionShape& shape : compared_attention(array.config)) {
      const ComparedAttention compared = compare(array.config, delivery, shape);
      ASSERT_LE(compared.error(), 0.1) << name_of(array, shape);
      ASSERT_GE(compared.error(), -0.1) << name_of(array, shape);
      waiting += compared.waits != 0 ? 1 : 0;
    }
    EXPECT_GT(waiting, 100U) << array.name << " was to make operands wait";
  }
}

TEST(AttentionReference, ManyHeadsAreExactThoughTheyAreCountedNotRun) {
  const AcceleratorConfig config;
  OperandDelivery delivery(config);
  for (const AttentionShape& shape : {AttentionShape{300, 17, 64, 32}, AttentionShape{301, 48, 256, 32},
                                      AttentionShape{150, 33, 77, 72}, AttentionShape{1000, 3, 3, 64}}) {
    const ComparedAttention compared = compare(config, delivery, shape);
    EXPECT_EQ(compared.closed_form, compared.reference) << shape.heads;
  }
}

// What no order of work could undercut: all of the array's steps, all of the lanes' elements, one tile's whole chain.
TEST(AttentionReference, StaysAboveWhatItsResourcesNeed) {
  const AcceleratorConfig config;
  for (const std::uint64_t heads : {1U, 7U}) {
    const ReferenceChain one = run_attention(config, {1, 16, 256, 64, 1});
    const ReferenceChain all = run_attention(config, {heads, 16, 256, 64, 1});
    EXPECT_EQ(one.compute, 64U + 64 + 64 + 16 + 2 * matrix_fill_cycles(config));
    EXPECT_GE(all.compute, heads * (64U + 64) + 16 + matrix_fill_cycles(config));
    EXPECT_LE(all.compute, heads * one.compute);
  }
}

TEST(AttentionReference, TheDocumentedErrorsAreTheseErrors) {
  const std::string page = timing_page();
  const auto expect_rows = [&page](const std::vector<std::string>& rows) {
    for (const std::string& row : rows) {
      EXPECT_NE(page.find(row + "\n"), std::string::npos)
          << "docs/timing.md is stale, take the table from matrix_timing_errors: " << row;
    }
  };
  for (const ComparedArray& array : attention_arrays()) expect_rows(attention_error_rows(array));
  for (const ComparedArray& array : network_arrays()) expect_rows(network_rows(array));
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
