// SPDX-License-Identifier: Apache-2.0
#include "platform/energy/energy_account.h"

#include <gtest/gtest.h>

#include "models/abi/generated/commands_table.h"
#include "models/abi/tag.h"
#include "models/common/check.h"
#include "models/common/operands.h"

namespace dixion {
namespace {

/// A byte of DRAM costs 100, 1000, 2000 fJ, everything else nothing; a mW of leakage, as much of standby, half of
/// refresh.
EnergyTable dram_only() {
  EnergyTable table;
  table.action[static_cast<std::size_t>(Action::kDramByte)] = {100, 1000, 2000};
  table.activation = {5000, 6000, 7000};
  table.leakage_uw = {500, 1000, 2000};
  table.dram_background_uw = {0, 1000, 1000};
  table.dram_refresh_uw = {500, 500, 500};
  return table;
}

void end_command(EnergyAccount& account, std::uint32_t tag, std::uint8_t opcode, std::uint64_t dram_bytes) {
  CommandCost cost;
  cost.dram_read_bytes = dram_bytes;
  account.event({Stage::kEnd, 0, 1, tag, 0, opcode, &cost});
}

const EnergyRange& dram(const ComponentEnergy& energy) { return energy[static_cast<std::size_t>(Component::kDram)]; }

TEST(EnergyAccount, CommandsOfOneOperatorShareARow) {
  EnergyAccount account(dram_only(), {});
  end_command(account, dixion_tag(3, 2, 1), DIXION_OPCODE_MATMUL, 10);
  end_command(account, dixion_tag(3, 2, 1), DIXION_OPCODE_MATMUL, 20);
  end_command(account, dixion_tag(3, 2, 1), DIXION_OPCODE_CONVERT, 40);
  ASSERT_EQ(account.rows().size(), 2U);
  EXPECT_EQ(dram(account.rows()[0].energy), (EnergyRange{3, 30, 60}));
  EXPECT_EQ(dram(account.rows()[1].energy), (EnergyRange{4, 40, 80}));
  EXPECT_EQ(dram(account.report({}).commands), (EnergyRange{7, 70, 140}));
}

// 14 bytes are 1.4 pJ, 15 are 1.5.
TEST(EnergyAccount, EachCommandIsRoundedToPicojoules) {
  EnergyAccount account(dram_only(), {});
  end_command(account, 1, DIXION_OPCODE_CONVERT, 14);
  end_command(account, 1, DIXION_OPCODE_CONVERT, 15);
  EXPECT_EQ(account.rows()[0].energy[static_cast<std::size_t>(Component::kDram)].low, 1U + 2U);
}

TEST(EnergyAccount, OtherStagesCostNothing) {
  EnergyAccount account(dram_only(), {});
  CommandCost cost;
  cost.dram_read_bytes = 10;
  account.event({Stage::kBegin, 0, 1, 0, 0, DIXION_OPCODE_MATMUL, &cost});
  EXPECT_TRUE(account.rows().empty());
}

// 1 ms is 10^9 ps; a mW over it is a uJ, 10^6 pJ.
TEST(EnergyAccount, TimeHasRowsOfItsOwnAndEverythingAddsUp) {
  EnergyAccount account(dram_only(), {});
  end_command(account, 1, DIXION_OPCODE_MATMUL, 1000);
  const EnergyReport report = account.report({1'000'000'000, 64, 3});
  EXPECT_EQ(report.leakage, (EnergyRange{500'000, 1'000'000, 2'000'000}));
  EXPECT_EQ(report.dram_background, (EnergyRange{0, 1'000'000, 1'000'000}));
  EXPECT_EQ(report.dram_refresh, (EnergyRange{500'000, 500'000, 500'000}));
  EXPECT_EQ(report.fetch, (EnergyRange{6, 64, 128}));
  EXPECT_EQ(report.dram_activation, (EnergyRange{15, 18, 21}));
  EXPECT_EQ(report.total.nominal, 1000U + 64 + 18 + 1'000'000 + 1'000'000 + 500'000);
  EXPECT_EQ(report.total.low, 100U + 6 + 15 + 500'000 + 0 + 500'000);
  EXPECT_EQ(report.counts[static_cast<std::size_t>(Action::kDramByte)], 1064U);
}

TEST(EnergyAccount, ATimestampIsNotFetchedTwice) {
  EnergyAccount account(dram_only(), {});
  end_command(account, 1, DIXION_OPCODE_TIMESTAMP, 8);
  const EnergyReport report = account.report({0, 100, 0});
  EXPECT_EQ(report.fetch.nominal, 92U);
  EXPECT_EQ(report.total.nominal, 100U);
}

// Runs of minutes at hundreds of watts stay far below 2^64 pJ, products of power and time do not.
TEST(EnergyAccount, LongRunsDoNotOverflow) {
  EnergyTable table;
  table.leakage_uw = {400'000'000, 400'000'000, 400'000'000};  // 400 W
  const EnergyAccount account(table, {});
  EXPECT_EQ(account.report({600'000'000'000'000, 0, 0}).leakage.nominal, 240'000'000'000'000'000U);  // 600 s
}

// What an engine was asked for decides where energy goes.
TEST(EnergyAccount, ProductsAreChargedByTheirFormats) {
  EnergyTable table;
  table.action[static_cast<std::size_t>(Action::kMacInt12Int8)] = {1000, 2000, 3000};
  EnergyAccount account(table, {});
  Command command;
  for (const abi::OpcodeInfo& info : abi::kOpcodes) {
    if (info.value == DIXION_OPCODE_MATMUL) command.info = &info;
  }
  command.operands[0] = {0, {1, 4}, {8, 2}, DIXION_FORMAT_INT12, 2};
  command.operands[1] = {0, {1, 4}, {4, 1}, DIXION_FORMAT_INT8, 2};
  command.operands[4] = {0, {1, 1}, {2, 2}, DIXION_FORMAT_INT12, 2};
  Demand demand;
  demand.transfers = transfers_of(command);
  CommandCost cost;
  cost.macs = 4;
  TraceEvent event{Stage::kEnd, 0, 1, 0, 0, DIXION_OPCODE_MATMUL, &cost};
  event.command = &command;
  event.demand = &demand;
  account.event(event);
  EXPECT_EQ(account.report({}).commands[static_cast<std::size_t>(Component::kMatrix)], (EnergyRange{4, 8, 12}));
}

}  // namespace
}  // namespace dixion
