// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

namespace dixion {

/// "0-3,7" -> {0, 1, 2, 3, 7}; empty: all layers that can be. Throws ConfigError(key, ...).
std::set<unsigned> layers_of(const std::string& text, const std::string& key);

}  // namespace dixion
