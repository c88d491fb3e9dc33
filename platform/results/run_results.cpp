// SPDX-License-Identifier: Apache-2.0
#include "platform/results/run_results.h"

#include <array>
#include <cstdio>
#include <cstring>
#include <utility>

#include "platform/results/energy_rows.h"
#include "platform/results/json_writer.h"
#include "platform/results/result_schema.h"
#include "platform/results/sample_sheet.h"
#include "platform/results/statistics_report.h"
#include "platform/time_units.h"
#include "platform/version.h"

namespace dixion {

namespace {

std::string decimals(double value, int digits) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string share_of(std::uint64_t part, std::uint64_t whole) {
  return decimals(100.0 * static_cast<double>(part) / static_cast<double>(whole), 1) + " %";
}

/// Share of the peak that the products done between first start and last end reach, in percent.
std::string utilisation(const CommandCost& total, std::uint64_t peak_macs_per_cycle) {
  const std::uint64_t cycles = total.end_cycle - total.start_cycle;
  if (cycles == 0 || peak_macs_per_cycle == 0) return "-";
  const double peak = static_cast<double>(cycles) * static_cast<double>(peak_macs_per_cycle);
  return decimals(100.0 * static_cast<double>(total.macs - total.mask.macs_exploited) / peak, 1) + " % of peak";
}

/// A sheet of samples, for outputs that are pictures: [samples][height][width].
void write_sheet(const OutputTensor& output, ResultFolder& folder) {
  if (output.extents.size() != 3) return;
  std::vector<std::int32_t> latent(output.bytes.size() / sizeof(std::int32_t));
  std::memcpy(latent.data(), output.bytes.data(), latent.size() * sizeof(std::int32_t));
  write_png(folder.add("glyphs.png"),
            make_sample_sheet(latent, output.extents[0], output.extents[1], output.extents[2]));
}

}  // namespace

std::string result_json(const RunFacts& facts) {
  JsonWriter json;
  json.begin_object();
  json.member("schema", kResultSchema);
  json.member("verdict", outcome_name(facts.verdict.outcome));
  json.member("reason", facts.verdict.reason);
  json.member("guest_code", std::uint64_t{facts.verdict.guest_code});
  if (!facts.verdict.report.empty()) {
    json.begin_array("report");
    for (const std::string& line : facts.verdict.report) json.element(line);
    json.end_array();
  }
  json.member("soc", facts.soc);
  json.member("workload", facts.workload);
  json.member("firmware", facts.firmware);
  json.member("mode", facts.timing_mode ? "timing" : "functional");
  json.member("simulated_time_ps", facts.simulated);
  json.member("instructions", facts.instructions);
  json.member("guest_errors", facts.guest_errors);
  json.member("wall_time_ms", static_cast<std::uint64_t>(facts.wall_seconds * 1000));
  write_quality(facts.quality, json);
  json.begin_object("versions");
  for (const auto& [name, value] : versions()) json.member(name, value);
  json.end_object();
  json.end_object();
  return json.text();
}

void write_results(const RunFacts& facts, const LayerTable& layers, const EnergyAccount* energy,
                   const OperatorNames& names, ResultFolder& folder) {
  folder.write("result.json", result_json(facts));
  folder.write("statistics.json", statistics_json(facts.statistics));
  folder.write("layers.csv", energy == nullptr ? layers.csv(names) : with_energy_columns(layers.csv(names), *energy));
  folder.write("configuration.textproto", facts.configuration);
  if (!facts.workload_text.empty()) folder.write("workload.textproto", facts.workload_text);
  if (!facts.output.extents.empty()) {
    folder.write("output.bin", {facts.output.bytes.begin(), facts.output.bytes.end()});
    write_sheet(facts.output, folder);
  }
  folder.publish();
}

void print_summary(const RunFacts& facts, const LayerTable& layers, const ResultFolder* folder, Console& console) {
  const auto row = [&](const std::string& name, const std::string& value) {
    console.print("  " + name + std::string(22 - name.size(), ' ') + value);
  };
  const CommandCost& total = layers.total();
  console.print("summary");
  if (facts.timing_mode) row("mode", "timing, nothing computed");
  row("simulated time", format_time(facts.simulated));
  row("instructions", format_count(facts.instructions));
  if (layers.commands() > 0) {
    row("commands", format_count(layers.commands()));
    row("accelerator", format_count(total.end_cycle - total.start_cycle) + " accel_cycles at " +
                           decimals(static_cast<double>(facts.accelerator_hz) / 1e6, 0) + " MHz");
    row("products", format_count(total.macs) + " macs, " + utilisation(total, facts.peak_macs_per_cycle));
    if (total.mask.macs_marked != 0) {
      row("", share_of(total.mask.macs_marked, total.macs) + " not needed by masks and row lists, " +
                  share_of(total.mask.macs_exploited, total.macs) + " left out");
    }
    row("DRAM", format_count(total.dram_read_bytes) + " bytes read, " + format_count(total.dram_write_bytes) +
                    " bytes written");
    row("global buffer", format_count(total.buffer_read_bytes) + " bytes read, " +
                             format_count(total.buffer_write_bytes) + " bytes written");
    std::string name = "matrix engine";
    for (const std::string& line : cycle_shares(facts.statistics, "accelerator.matrix"))
      row(std::exchange(name, ""), line);
  }
  if (layers.commands() > 0) {
    for (const auto& [name, value] : energy_summary(facts.energy, facts.simulated)) row(name, value);
  }
  std::string quality_name = "quality";
  for (const std::string& line : quality_summary(facts.quality)) row(std::exchange(quality_name, ""), line);
  if (facts.guest_errors > 0) row("guest errors", format_count(facts.guest_errors));
  row("wall time", decimals(facts.wall_seconds, 2) + " s");
  if (folder != nullptr) {
    row("results", folder->path().string());
    for (const std::string& file : folder->files()) row("", file);
  }
}

void print_verdict(const Verdict& verdict, Console& console) {
  for (const std::string& line : verdict.report) console.print("  " + line);
  std::string line = std::string("verdict: ") + outcome_name(verdict.outcome);
  for (char& c : line) {
    if (c == '_') c = ' ';
  }
  console.print(verdict.reason.empty() ? line : line + ": " + verdict.reason);
}

}  // namespace dixion
