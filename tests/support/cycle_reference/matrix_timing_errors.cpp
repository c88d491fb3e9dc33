// SPDX-License-Identifier: Apache-2.0
/// Prints the table of docs/timing.md, "Against the cycle-stepped reference": matrix_timing_errors [--all].
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "tests/support/cycle_reference/comparison.h"

namespace {

void print_row(const dixion::test::ComparedArray& array, bool all) {
  dixion::OperandDelivery delivery(array.config);
  unsigned shapes = 0;
  unsigned waiting = 0;
  double slowest = 0;
  double lowest = 0;
  double highest = 0;
  for (const dixion::MatmulShape& shape : dixion::test::compared_shapes(array.config)) {
    const dixion::test::Compared compared = dixion::test::compare(array.config, delivery, shape);
    ++shapes;
    waiting += compared.waits != 0 ? 1 : 0;
    slowest = std::max(slowest, 100.0 * static_cast<double>(compared.waits) / static_cast<double>(compared.reference));
    lowest = std::min(lowest, compared.error());
    highest = std::max(highest, compared.error());
    if (all) {
      std::printf("  %llu x %llu x %llu, %u bytes: %llu, reference %llu (%llu waits), %+.2f %%\n",
                  static_cast<unsigned long long>(shape.rows), static_cast<unsigned long long>(shape.columns),
                  static_cast<unsigned long long>(shape.depth), shape.weight_bytes,
                  static_cast<unsigned long long>(compared.closed_form),
                  static_cast<unsigned long long>(compared.reference), static_cast<unsigned long long>(compared.waits),
                  compared.error());
    }
  }
  std::printf("| %s | %u | %u | %.1f %% | %+.2f %% | %+.2f %% |\n", array.name.c_str(), shapes, waiting, slowest,
              lowest, highest);
}

}  // namespace

int main(int argc, char** argv) {
  const bool all = argc > 1 && std::string_view(argv[1]) == "--all";
  std::printf(
      "| array and core SRAM | shapes | with waits | waits at most | lowest error | highest error "
      "|\n|---|---|---|---|---|---|\n");
  for (const auto& array : dixion::test::conflict_free_arrays()) print_row(array, all);
  for (const auto& array : dixion::test::conflicting_arrays()) print_row(array, all);
}
