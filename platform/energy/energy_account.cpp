// SPDX-License-Identifier: Apache-2.0
#include "platform/energy/energy_account.h"

#include <algorithm>

#include "models/common/check.h"

namespace dixion {

namespace {

constexpr std::uint64_t kFemtoPerPico = 1000;
constexpr std::uint64_t kMicrowattPicosecondsPerPico = 1'000'000;

void add(ComponentEnergy& sum, const ComponentEnergy& energy) {
  for (std::size_t i = 0; i < kComponents; ++i) sum[i] += energy[i];
}

/// pJ of a power in uW over ps.
EnergyRange over_time(const EnergyRange& power_uw, Ticks time) {
  return scaled(power_uw, time, kMicrowattPicosecondsPerPico);
}

}  // namespace

EnergyRange sum_of(const ComponentEnergy& energy) {
  EnergyRange sum;
  for (const EnergyRange& part : energy) sum += part;
  return sum;
}

ComponentEnergy EnergyAccount::energy_of(const ActionCounts& counts) const {
  ComponentEnergy energy{};
  __extension__ using Wide = unsigned __int128;
  std::array<std::array<Wide, 3>, kComponents> femto{};
  for (std::size_t i = 0; i < kActions; ++i) {
    std::array<Wide, 3>& sum = femto[static_cast<std::size_t>(component_of(static_cast<Action>(i)))];
    sum[0] += Wide{counts[i]} * table_.action[i].low;
    sum[1] += Wide{counts[i]} * table_.action[i].nominal;
    sum[2] += Wide{counts[i]} * table_.action[i].high;
  }
  const auto pico = [](Wide value) { return static_cast<std::uint64_t>((value + kFemtoPerPico / 2) / kFemtoPerPico); };
  for (std::size_t i = 0; i < kComponents; ++i) energy[i] = {pico(femto[i][0]), pico(femto[i][1]), pico(femto[i][2])};
  return energy;
}

void EnergyAccount::event(const TraceEvent& event) {
  if (event.stage != Stage::kEnd || event.cost == nullptr) return;
  const CommandCost& cost = *event.cost;
  ActionCounts counts{};
  if (event.command != nullptr && event.demand != nullptr) {
    counts = command_actions(accelerator_, *event.command, *event.demand, cost);
  } else {
    const std::uint64_t dram_bytes = cost.dram_read_bytes + cost.dram_write_bytes;
    counts = memory_actions(dram_bytes, cost.buffer_read_bytes + cost.buffer_write_bytes);
    // A command of the command processor (it names no engine's work) goes through ordinary bursts.
    if (event.opcode == DIXION_OPCODE_TIMESTAMP) control_bytes_ += dram_bytes;
  }
  const auto [entry, added] =
      index_.try_emplace(static_cast<std::uint64_t>(event.tag) << 8 | event.opcode, rows_.size());
  if (added) rows_.push_back({event.tag, event.opcode, {}});
  const ComponentEnergy energy = energy_of(counts);
  add(rows_[entry->second].energy, energy);
  add(commands_, energy);
  for (std::size_t i = 0; i < kActions; ++i) counts_[i] += counts[i];
}

EnergyReport EnergyAccount::report(const RunTotals& totals) const {
  EnergyReport report;
  report.commands = commands_;
  report.counts = counts_;
  const std::uint64_t fetched = totals.fetched_bytes - std::min(totals.fetched_bytes, control_bytes_);
  const ActionCounts fetch = memory_actions(fetched, 0);
  for (std::size_t i = 0; i < kActions; ++i) report.counts[i] += fetch[i];
  report.fetch = sum_of(energy_of(fetch));
  report.dram_activation = scaled(table_.activation, totals.activations, kFemtoPerPico);
  report.leakage = over_time(table_.leakage_uw, totals.simulated);
  report.dram_background = over_time(table_.dram_background_uw, totals.simulated);
  report.dram_refresh = over_time(table_.dram_refresh_uw, totals.simulated);
  report.total = sum_of(report.commands);
  for (const EnergyRange& part :
       {report.fetch, report.dram_activation, report.leakage, report.dram_background, report.dram_refresh}) {
    report.total += part;
  }

  EnergyRange by_rows;
  for (const Row& row : rows_) by_rows += sum_of(row.energy);
  for (const EnergyRange& part :
       {report.fetch, report.dram_activation, report.leakage, report.dram_background, report.dram_refresh}) {
    by_rows += part;
  }
  DIXION_CHECK(by_rows == report.total, "energy does not close: the rows of commands and of time miss the total");
  return report;
}

}  // namespace dixion
