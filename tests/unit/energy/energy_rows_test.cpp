// SPDX-License-Identifier: Apache-2.0
#include "platform/results/energy_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/abi/generated/commands.h"
#include "models/common/check.h"

namespace dixion {
namespace {

EnergyAccount one_row() {
  EnergyTable table;
  table.action[static_cast<std::size_t>(Action::kDramByte)] = {1000, 2000, 3000};
  table.action[static_cast<std::size_t>(Action::kNetworkByte)] = {100, 500, 900};
  EnergyAccount account(table, {});
  CommandCost cost;
  cost.dram_read_bytes = 10;
  account.event({Stage::kEnd, 0, 1, 0, 0, DIXION_OPCODE_CONVERT, &cost});
  return account;
}

TEST(EnergyRows, ColumnsStandBehindTheRowsTheyBelongTo) {
  EXPECT_EQ(with_energy_columns("a,b\n1,2\n", one_row()),
            "a,b,energy_pj,energy_low_pj,energy_high_pj,energy_matrix_pj,energy_vector_pj,energy_core_sram_pj,"
            "energy_global_buffer_pj,energy_network_pj,energy_dma_pj,energy_dram_pj,energy_prediction_pj\n"
            "1,2,25,11,39,0,0,0,0,5,0,20,0\n");
}

TEST(EnergyRows, ATableOfOtherRowsIsADefect) {
  EXPECT_THROW((void)with_energy_columns("a,b\n", one_row()), DefectError);
  EXPECT_THROW((void)with_energy_columns("a,b\n1,2\n3,4\n", one_row()), DefectError);
}

TEST(EnergyRows, StatisticsOfPartsAddUpToTheTotal) {
  EnergyTable table;
  table.action[static_cast<std::size_t>(Action::kDramByte)] = {1000, 2000, 3000};
  table.leakage_uw = {1, 2, 3};
  EnergyAccount account(table, {});
  const StatisticsList list = energy_statistics(account.report({1'000'000'000, 7, 0}));
  std::uint64_t sum = 0, total = 0, low = 0;
  for (const Statistic& row : list) {
    if (row.unit != "pJ") continue;
    EXPECT_EQ(row.fidelity, Fidelity::kEstimate) << row.name;
    if (row.name == "energy.total") {
      total = row.value;
    } else if (row.name == "energy.total.low") {
      low = row.value;
    } else if (!row.name.ends_with(".low") && !row.name.ends_with(".high")) {
      sum += row.value;
    }
  }
  EXPECT_EQ(total, 14U + 2000);
  EXPECT_EQ(sum, total);
  EXPECT_EQ(low, 7U + 1000);
}

TEST(EnergyRows, TotalsAreFoundAmongTheStatistics) {
  const RunTotals totals = run_totals({{"accelerator.memory_port.burst_read", "bytes", "", 5},
                                       {"accelerator.memory_port.burst_write", "bytes", "", 6},
                                       {"dram.activates", "commands", "", 7},
                                       {"dram.reads", "commands", "", 8}},
                                      9);
  EXPECT_EQ(totals.fetched_bytes, 11U);
  EXPECT_EQ(totals.activations, 7U);
  EXPECT_EQ(totals.simulated, 9U);
}

// 2 J in half a second.
TEST(EnergyRows, SummaryTellsTotalBoundsPowerAndShares) {
  EnergyReport report;
  report.leakage = {500'000'000'000, 1'500'000'000'000, 2'000'000'000'000};
  report.fetch = {500'000'000'000, 500'000'000'000, 500'000'000'000};
  report.total = {1'000'000'000'000, 2'000'000'000'000, 2'500'000'000'000};
  const auto lines = energy_summary(report, 500'000'000'000);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].second, "2.00 J, from 1.00 J to 2.50 J; mean power 4.000 W, from 2.000 to 5.000");
  EXPECT_EQ(lines[1].second, "fetch 25.0 %, leakage 75.0 %");
}

}  // namespace
}  // namespace dixion
