// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace dixion {

/// Names known in expressions, with their values.
using Symbols = std::map<std::string, std::int64_t>;

/// Value of an expression of integers, symbols, + - * / and parentheses; divisions must leave no rest. `user` stands
/// in front of messages. Throws ConfigError for anything else, with the nearest symbols for an unknown one.
std::int64_t evaluate(const std::string& expression, const Symbols& symbols, const std::string& user);

}  // namespace dixion
