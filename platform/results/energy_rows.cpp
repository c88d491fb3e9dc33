// SPDX-License-Identifier: Apache-2.0
#include "platform/results/energy_rows.h"

#include <array>
#include <cstdio>

#include "models/common/check.h"

namespace dixion {

namespace {

struct Part {
  std::string name;
  EnergyRange energy;
  std::string sentence;
};

std::vector<Part> parts_of(const EnergyReport& report) {
  static constexpr std::array<const char*, kComponents> kSentences{
      "products and operand registers of the matrix engine",
      "vector lanes, softmax of attention among them",
      "core SRAM, reads and writes",
      "banks of the global buffer",
      "crossbar and wires between memory and units",
      "buffers of the DMA channels",
      "DRAM accesses of commands",
      "log-domain products of the prediction engine"};
  std::vector<Part> parts;
  for (std::size_t i = 0; i < kComponents; ++i) {
    parts.push_back({component_name(static_cast<Component>(i)), report.commands[i], kSentences[i]});
  }
  parts.push_back({"fetch", report.fetch, "rings, lists, descriptors and records: DRAM and network"});
  parts.push_back({"dram_activation", report.dram_activation,
                   "rows opened, where the DRAM model counts them; else part of energy.dram"});
  parts.push_back({"leakage", report.leakage, "leakage of the accelerator over the simulated time"});
  parts.push_back({"dram_background", report.dram_background, "standby of the DRAM over the simulated time"});
  parts.push_back({"dram_refresh", report.dram_refresh, "refresh of the DRAM over the simulated time"});
  return parts;
}

std::string decimals(double value, int digits) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

/// "12.3 uJ".
std::string joules(std::uint64_t pico) {
  static constexpr std::array<const char*, 5> kUnits{"pJ", "nJ", "uJ", "mJ", "J"};
  auto value = static_cast<double>(pico);
  std::size_t unit = 0;
  for (; value >= 1000 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  return decimals(value, value < 10 ? 2 : 1) + " " + kUnits[unit];
}

/// pJ per ps are W.
std::string watts(std::uint64_t pico, Ticks simulated) {
  return simulated == 0 ? "-" : decimals(static_cast<double>(pico) / static_cast<double>(simulated), 3);
}

std::string columns(const ComponentEnergy& energy) {
  const EnergyRange sum = sum_of(energy);
  std::string text;
  for (const std::uint64_t value : {sum.nominal, sum.low, sum.high}) text += "," + std::to_string(value);
  for (const EnergyRange& part : energy) text += "," + std::to_string(part.nominal);
  return text;
}

}  // namespace

std::string with_energy_columns(const std::string& csv, const EnergyAccount& account) {
  std::string text, heading = ",energy_pj,energy_low_pj,energy_high_pj";
  for (std::size_t i = 0; i < kComponents; ++i) {
    heading += std::string(",energy_") + component_name(static_cast<Component>(i)) + "_pj";
  }
  std::size_t line = 0;
  for (std::size_t start = 0; start < csv.size(); ++line) {
    const std::size_t end = csv.find('\n', start);
    DIXION_CHECK(end != std::string::npos && line <= account.rows().size(), "layers.csv and energy differ in rows");
    text += csv.substr(start, end - start) + (line == 0 ? heading : columns(account.rows()[line - 1].energy)) + '\n';
    start = end + 1;
  }
  DIXION_CHECK(line == account.rows().size() + 1, "layers.csv and energy differ in rows");
  return text;
}

StatisticsList energy_statistics(const EnergyReport& report) {
  StatisticsList list;
  const auto add = [&](const Part& part) {
    const std::string name = "energy." + part.name;
    list.push_back({name, "pJ", part.sentence, part.energy.nominal, Fidelity::kEstimate});
    list.push_back({name + ".low", "pJ", part.sentence + ", lower bound", part.energy.low, Fidelity::kEstimate});
    list.push_back({name + ".high", "pJ", part.sentence + ", upper bound", part.energy.high, Fidelity::kEstimate});
  };
  for (const Part& part : parts_of(report)) add(part);
  add({"total", report.total, "all of the above"});
  for (std::size_t i = 0; i < kActions; ++i) {
    const std::string name = action_name(static_cast<Action>(i));
    list.push_back({"energy.count." + name, "actions", "what the row " + name + " of the energy table was taken times",
                    report.counts[i], Fidelity::kApproximate});
  }
  return list;
}

RunTotals run_totals(const StatisticsList& statistics, Ticks simulated) {
  RunTotals totals;
  totals.simulated = simulated;
  for (const Statistic& statistic : statistics) {
    if (statistic.name == "accelerator.memory_port.burst_read" ||
        statistic.name == "accelerator.memory_port.burst_write") {
      totals.fetched_bytes += statistic.value;
    } else if (statistic.name == "dram.activates") {
      totals.activations = statistic.value;
    }
  }
  return totals;
}

std::vector<std::pair<std::string, std::string>> energy_summary(const EnergyReport& report, Ticks simulated) {
  std::vector<std::pair<std::string, std::string>> lines;
  const EnergyRange& total = report.total;
  lines.emplace_back("energy", joules(total.nominal) + ", from " + joules(total.low) + " to " + joules(total.high) +
                                   "; mean power " + watts(total.nominal, simulated) + " W, from " +
                                   watts(total.low, simulated) + " to " + watts(total.high, simulated));
  std::string shares;
  for (const Part& part : parts_of(report)) {
    if (part.energy.nominal == 0 || total.nominal == 0) continue;
    const double share = 100.0 * static_cast<double>(part.energy.nominal) / static_cast<double>(total.nominal);
    const std::string text = part.name + " " + decimals(share, 1) + " %";
    if (shares.size() + text.size() > 90) {
      lines.emplace_back("", shares);
      shares.clear();
    }
    shares += (shares.empty() ? "" : ", ") + text;
  }
  if (!shares.empty()) lines.emplace_back("", shares);
  return lines;
}

}  // namespace dixion
