// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "platform/compare/comparison.h"

namespace dixion {

/// For people: settings that differ, then per group a line per metric with both values and B/A. Metrics that are 0 on
/// both sides are left out; so are settings beyond the first forty, which their number replaces.
[[nodiscard]] std::string render_text(const Comparison& comparison);

/// "group,metric,a,b,b_over_a": settings under the group "configuration", then everything, then the output's quality.
[[nodiscard]] std::string render_csv(const Comparison& comparison);

}  // namespace dixion
