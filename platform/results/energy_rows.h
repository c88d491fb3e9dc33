// SPDX-License-Identifier: Apache-2.0
/// Energy as it stands in the files and in the summary.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/common/statistics.h"
#include "platform/energy/energy_account.h"

namespace dixion {

/// layers.csv with the columns energy_pj, energy_low_pj, energy_high_pj and one per component (energy_dram_pj ...).
/// `csv` has a heading and a line per row of `account`, in its order.
[[nodiscard]] std::string with_energy_columns(const std::string& csv, const EnergyAccount& account);

/// energy.<part>, energy.<part>.low, energy.<part>.high in pJ, the total, then what was counted.
[[nodiscard]] StatisticsList energy_statistics(const EnergyReport& report);

/// What the DRAM and the command processor counted, out of the statistics of a run.
[[nodiscard]] RunTotals run_totals(const StatisticsList& statistics, Ticks simulated);

/// Name and text of the summary's lines: total with bounds and mean power, shares of the parts.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> energy_summary(const EnergyReport& report,
                                                                              Ticks simulated);

}  // namespace dixion
