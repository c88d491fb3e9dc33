// SPDX-License-Identifier: Apache-2.0
#include "platform/probe_dram.h"

#include <iomanip>
#include <iostream>

#include "platform/dram/conformance.h"
#include "platform/dram/presets.h"

namespace dixion {

namespace {

constexpr double kAllowed = 0.01;

void print_head(const dram::Preset& preset) {
  std::cout << "### " << preset.name << "\n\n"
            << preset.note << "; command clock " << std::setprecision(9) << static_cast<double>(preset.clock_hz) / 1e6
            << " MHz" << (preset.scaled ? "; scaled, not from a standard" : "") << ".\n\n";
}

/// Whether all deviations are small enough.
bool print_sheet(const dram::Preset& preset) {
  bool good = true;
  std::cout << "| quantity | formula | expected | measured | deviation |\n|---|---|---|---|---|\n" << std::fixed;
  for (const dram::ConformanceRow& row : dram::conformance(preset)) {
    std::cout << "| " << row.name << " | `" << row.formula << "` | " << std::setprecision(2) << row.expected << ' '
              << row.unit << " | " << row.measured << ' ' << row.unit << " | " << std::setprecision(3)
              << 100 * row.deviation() << " % |\n";
    good = good && row.deviation() < kAllowed;
  }
  std::cout << std::defaultfloat << '\n';
  return good;
}

void print_sources(const dram::Preset& preset) {
  std::cout << "| value | clocks | meaning | source |\n|---|---|---|---|\n";
  const auto fields = dram::timing_fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    std::cout << "| `" << fields[i].name << "` | " << preset.timing.*fields[i].member << " | " << fields[i].meaning
              << " | " << preset.sources[i] << " |\n";
  }
  std::cout << '\n';
}

}  // namespace

int probe_dram(const Options& options) {
  std::vector<dram::Preset> chosen = dram::presets();
  if (!options.preset.empty()) chosen = {dram::changed(dram::find_preset(options.preset), options.timing)};
  bool good = true;
  for (const dram::Preset& preset : chosen) {
    dram::validate(preset);
    print_head(preset);
    good = print_sheet(preset) && good;
    if (options.sources) print_sources(preset);
  }
  if (!good) std::cerr << "a deviation reaches 1 %\n";
  return good ? 0 : 1;
}

}  // namespace dixion
