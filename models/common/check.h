// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace dixion {

/// An invariant of the simulator itself is broken: our defect, never the guest's or the user's. Exit status 3.
class DefectError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// A mistake in configuration or command line, found before simulation starts. Exit status 2.
class ConfigError : public std::runtime_error {
 public:
  ConfigError(const std::string& key, const std::string& reason) : std::runtime_error(key + ": " + reason) {}
};

}  // namespace dixion

/// Throws DefectError with place and `message` (anything that makes a std::string) when `condition` does not hold.
#define DIXION_CHECK(condition, message)                                                                       \
  do {                                                                                                         \
    if (!(condition)) {                                                                                        \
      throw ::dixion::DefectError(std::string(__FILE__ ":") + std::to_string(__LINE__) + ": " #condition ": " + \
                                  std::string(message));                                                       \
    }                                                                                                          \
  } while (false)
