// SPDX-License-Identifier: Apache-2.0
/// Simulated times as people write and read them.
#pragma once

#include <string>

#include "models/common/clock.h"

namespace dixion {

/// "100us" -> 100'000'000 ticks of 1 ps. Units: ps, ns, us, ms, s; decimals are allowed as far as they are whole
/// picoseconds ("1.5ns"). Throws ConfigError(key, ...) for anything else, for 0 and above 10^6 s.
Ticks parse_time(const std::string& key, const std::string& text);

/// Three to six significant digits with the unit that suits: "12.5 us".
std::string format_time(Ticks ticks);

/// Whole numbers with digits in groups of three: "12,345,678".
std::string format_count(std::uint64_t value);

}  // namespace dixion
