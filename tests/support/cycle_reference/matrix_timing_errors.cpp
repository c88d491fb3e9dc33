// SPDX-License-Identifier: Apache-2.0
/// Prints the table of docs/timing.md, "Against the cycle-stepped reference".
#include <iostream>

#include "tests/support/cycle_reference/comparison.h"

int main() {
  std::cout << "| array and core SRAM | shapes | that wait | waiting at most | lowest error | highest error |\n"
               "|---|---|---|---|---|---|\n";
  for (const auto& array : dixion::test::conflict_free_arrays()) std::cout << dixion::test::error_row(array) << '\n';
  for (const auto& array : dixion::test::conflicting_arrays()) std::cout << dixion::test::error_row(array) << '\n';
}
