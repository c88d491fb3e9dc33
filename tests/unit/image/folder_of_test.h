// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/tiny_workload.h"

namespace dixion::test {

/// A folder that only the running test uses.
inline std::filesystem::path folder_of_test() {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  return scratch_folder() / (std::string(test->test_suite_name()) + "_" + test->name());
}

}  // namespace dixion::test
