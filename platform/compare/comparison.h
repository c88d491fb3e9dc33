// SPDX-License-Identifier: Apache-2.0
/// Two runs side by side. Read next: render.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/compare/flat_text.h"
#include "platform/compare/picture_quality.h"
#include "platform/compare/run_folder.h"

namespace dixion {

enum class GroupBy : std::uint8_t { kRun, kLayer, kStep, kEngine };

struct Metric {
  std::string name;  ///< a column of layers.csv, "simulated_time_ps", or a statistic in pJ
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};

/// What one layer, step or engine cost on both sides; 0 where a side has none of it.
struct Group {
  std::string name;  ///< "run", "layer 3", "step 0", "engine matrix", "outside layers"
  std::vector<Metric> metrics;
};

struct Comparison {
  std::string a;  ///< folders
  std::string b;
  std::vector<Difference> configuration;  ///< keys start with "soc." or "workload."
  std::vector<Group> groups;              ///< the whole run first
  std::vector<std::string> left_out;      ///< columns of layers.csv that only one side has
  PictureQuality quality;
  std::uint64_t samples = 0;  ///< of A, if both runs' samples were looked at for what they show; else 0
  Metric recognised{"recognised"};
};

/// Groups in order of their numbers; the engines as in the command set.
[[nodiscard]] Comparison compare_runs(const RunFolder& a, const RunFolder& b, GroupBy by);

}  // namespace dixion
