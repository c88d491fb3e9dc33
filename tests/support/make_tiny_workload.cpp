// SPDX-License-Identifier: Apache-2.0
/// make_tiny_workload FOLDER: writes the tiny workload for tests that are no C++ and prints the name of its file.
#include <exception>
#include <iostream>

#include "tests/support/tiny_workload.h"

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::cerr << "make_tiny_workload FOLDER\n";
    return 2;
  }
  std::cout << dixion::test::write_tiny_workload(argv[1]).string() << '\n';
  return 0;
} catch (const std::exception& error) {
  std::cerr << "make_tiny_workload: " << error.what() << '\n';
  return 1;
}
