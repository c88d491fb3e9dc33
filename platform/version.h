// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace dixion {

/// What decides results, by name: dixion, programming model, SystemC, compiler.
std::vector<std::pair<std::string, std::string>> versions();

/// The same on one line.
std::string version_text();

}  // namespace dixion
