// SPDX-License-Identifier: Apache-2.0
/// Prints the tables of docs/timing.md, "Against the cycle-stepped reference".
#include <iostream>

#include "tests/support/cycle_reference/attention_comparison.h"
#include "tests/support/cycle_reference/comparison.h"

int main() {
  std::cout << "| array and core SRAM | shapes | that wait | waiting at most | lowest error | highest error |\n"
               "|---|---|---|---|---|---|\n";
  for (const auto& array : dixion::test::conflict_free_arrays()) std::cout << dixion::test::error_row(array) << '\n';
  for (const auto& array : dixion::test::conflicting_arrays()) std::cout << dixion::test::error_row(array) << '\n';
  std::cout << "\n| array and core SRAM | tiles | they are | shapes | lowest error | highest error |\n"
               "|---|---|---|---|---|---|\n";
  for (const auto& array : dixion::test::attention_arrays()) {
    for (const std::string& row : dixion::test::attention_error_rows(array)) std::cout << row << '\n';
  }
  std::cout << "\n| array and core SRAM | network | heads x Tq x Tk x D | closed form | reference | error |\n"
               "|---|---|---|---|---|---|\n";
  for (const auto& array : dixion::test::network_arrays()) {
    for (const std::string& row : dixion::test::network_rows(array)) std::cout << row << '\n';
  }
}
