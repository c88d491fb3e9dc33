// SPDX-License-Identifier: Apache-2.0
/// What is made from the one list of statistics.
#pragma once

#include <string>
#include <vector>

#include "models/common/statistics.h"

namespace dixion {

/// statistics.json: schema, then each value with name, unit, fidelity and sentence; estimates with their standard
/// error, histograms with their buckets.
[[nodiscard]] std::string statistics_json(const StatisticsList& statistics);

/// docs/statistics.md: what each statistic means. Instances (hart0, hart1) share a line.
[[nodiscard]] std::string statistics_page(const StatisticsList& statistics);

/// Where the lane-cycles of `unit` ("accelerator.matrix") went, in percent of its total: "51.1 % busy", one line per
/// reason that occurred, in the order of the list. Empty if the unit has no cycles.
[[nodiscard]] std::vector<std::string> cycle_shares(const StatisticsList& statistics, const std::string& unit);

}  // namespace dixion
