// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "platform/compare/flat_text.h"

namespace dixion {

/// One line of layers.csv.
struct LayerRow {
  std::string step;     ///< empty: outside steps
  std::string layer;    ///< empty: outside layers
  std::string command;  ///< "MATMUL"
  std::string unit;     ///< "matrix"
  std::vector<std::uint64_t> values;
};

/// What `dixion-vp run` left in a folder, as far as two runs are compared by it.
struct RunFolder {
  std::string name;  ///< as the user wrote it
  std::string soc;
  std::string workload;
  std::string mode;
  std::uint64_t simulated_ps = 0;
  std::map<std::string, std::uint64_t> statistics;
  std::vector<std::string> columns;  ///< names of LayerRow::values: what layers.csv has behind "unit"
  std::vector<LayerRow> rows;        ///< without CALL, which spans the commands of its list
  FlatText configuration;
  FlatText workload_text;
  std::vector<std::uint8_t> output;  ///< empty: none
  bool pictures = false;             ///< the workload says by a gallery that the output is pictures
  std::uint64_t samples = 0;         ///< judged by the run itself; 0: none
  std::uint64_t recognised = 0;      ///< of them
};

/// Throws ConfigError(`path`, reason) for a folder that is not there, holds no run, a run that did not pass, results of
/// another schema, files that are missing or cannot be read.
[[nodiscard]] RunFolder read_run_folder(const std::filesystem::path& path);

}  // namespace dixion
