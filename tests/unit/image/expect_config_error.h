// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/common/check.h"

namespace dixion::test {

/// The action must throw a ConfigError whose message holds all these parts.
inline void expect_config_error(const std::function<void()>& action, const std::vector<std::string>& parts) {
  try {
    action();
  } catch (const ConfigError& error) {
    for (const std::string& part : parts) EXPECT_THAT(error.what(), testing::HasSubstr(part));
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << "one line only";
    return;
  }
  ADD_FAILURE() << "no ConfigError; expected one with '" << parts.front() << "'";
}

}  // namespace dixion::test
