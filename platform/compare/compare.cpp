// SPDX-License-Identifier: Apache-2.0
/// dixion-vp compare.
#include <fstream>
#include <iostream>

#include "models/common/check.h"
#include "platform/compare/render.h"
#include "platform/run.h"

namespace dixion {

namespace {

GroupBy group_by(const std::string& word) {
  if (word == "layer") return GroupBy::kLayer;
  if (word == "step") return GroupBy::kStep;
  return word == "engine" ? GroupBy::kEngine : GroupBy::kRun;
}

}  // namespace

int compare(const Options& options) {
  const RunFolder a = read_run_folder(options.first);
  const RunFolder b = read_run_folder(options.second);
  const Comparison comparison = compare_runs(a, b, group_by(options.by));
  if (!options.csv.empty()) {
    std::ofstream stream(options.csv, std::ios::binary);
    stream << render_csv(comparison);
    stream.close();
    if (!stream) throw ConfigError("--csv", options.csv + " cannot be written");
  }
  std::cout << render_text(comparison) << std::flush;
  return 0;
}

}  // namespace dixion
