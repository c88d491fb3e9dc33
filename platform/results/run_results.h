// SPDX-License-Identifier: Apache-2.0
/// What a run leaves behind: files for tools, a table for people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/common/clock.h"
#include "models/common/statistics.h"
#include "platform/console.h"
#include "platform/energy/energy_account.h"
#include "platform/results/layer_table.h"
#include "platform/results/quality.h"
#include "platform/results/result_folder.h"
#include "platform/verdict.h"

namespace dixion {

/// The final latent as the firmware left it.
struct OutputTensor {
  std::vector<std::uint32_t> extents;
  std::vector<std::uint8_t> bytes;  ///< dense, INT32 Q16, little-endian
};

/// Everything known when the simulation has ended.
struct RunFacts {
  Verdict verdict;
  std::string soc;
  std::string workload;       ///< empty: none
  std::string firmware;       ///< path of the ELF
  bool timing_mode = false;   ///< tensors were not computed: there is no output
  std::string configuration;  ///< resolved SoC in text format
  std::string workload_text;  ///< resolved workload in text format; empty: none
  Ticks simulated = 0;
  std::uint64_t instructions = 0;
  std::uint64_t accelerator_hz = 0;
  std::uint64_t peak_macs_per_cycle = 0;
  std::uint64_t guest_errors = 0;
  double wall_seconds = 0;
  StatisticsList statistics;
  EnergyReport energy;
  OutputTensor output;    ///< no extents: there is none
  QualityReport quality;  ///< of the output
};

/// result.json: verdict, reason, mode, simulated time, quality, versions.
std::string result_json(const RunFacts& facts);

/// Writes all files of a run, also of one that failed, and publishes the folder.
/// `energy` has watched the same events as `layers`; null: no columns for it.
void write_results(const RunFacts& facts, const LayerTable& layers, const EnergyAccount* energy,
                   const OperatorNames& names, ResultFolder& folder);

/// The table at the end, on stderr; `folder` may be null.
void print_summary(const RunFacts& facts, const LayerTable& layers, const ResultFolder* folder, Console& console);

/// The last line: how it ended and why; before it the report of who waits for what.
void print_verdict(const Verdict& verdict, Console& console);

}  // namespace dixion
