// SPDX-License-Identifier: Apache-2.0
#include "platform/compare/run_folder.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include <google/protobuf/struct.pb.h>

#include "models/common/check.h"
#include "platform/results/result_schema.h"
#include "traces/proto/text_config.h"

namespace dixion {

namespace fs = std::filesystem;

namespace {

using Json = google::protobuf::Struct;

Json read_json(const fs::path& file) {
  Json json;
  parse_json(read_file(file), file.string(), json);
  return json;
}

std::string text_of(const Json& json, const std::string& key) {
  const auto found = json.fields().find(key);
  return found == json.fields().end() ? std::string() : found->second.string_value();
}

/// Above 2^53 the low bits are lost, as in most readers of JSON.
std::uint64_t number_of(const Json& json, const std::string& key) {
  const auto found = json.fields().find(key);
  return found == json.fields().end() ? 0 : static_cast<std::uint64_t>(found->second.number_value());
}

void check_schema(const fs::path& folder, const char* file, const Json& json) {
  const std::uint64_t schema = number_of(json, "schema");
  if (schema == kResultSchema) return;
  throw ConfigError(folder.string(), std::string(file) + " has schema " + std::to_string(schema) +
                                         ", this dixion-vp compares schema " + std::to_string(kResultSchema) +
                                         "; run it again with this version");
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == ',') {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

std::size_t column(const fs::path& file, const std::vector<std::string>& heading, const std::string& name) {
  const auto found = std::find(heading.begin(), heading.end(), name);
  if (found == heading.end()) throw ConfigError(file.string(), "has no column '" + name + "'");
  return static_cast<std::size_t>(found - heading.begin());
}

void read_layers(const fs::path& file, RunFolder& run) {
  std::istringstream lines(read_file(file));
  std::string line;
  std::getline(lines, line);
  const std::vector<std::string> heading = cells_of(line);
  const std::size_t step = column(file, heading, "step"), layer = column(file, heading, "layer"),
                    command = column(file, heading, "command"), unit = column(file, heading, "unit");
  run.columns.assign(heading.begin() + static_cast<std::ptrdiff_t>(unit) + 1, heading.end());
  static_cast<void>(column(file, run.columns, "accel_cycles"));
  for (unsigned number = 2; std::getline(lines, line); ++number) {
    const std::vector<std::string> cells = cells_of(line);
    const auto refuse = [&](const std::string& why) {
      throw ConfigError(file.string() + ":" + std::to_string(number), why);
    };
    if (cells.size() != heading.size()) {
      refuse(std::to_string(cells.size()) + " cells under a heading of " + std::to_string(heading.size()));
    }
    LayerRow row{cells[step], cells[layer], cells[command], cells[unit], {}};
    for (std::size_t i = unit + 1; i < cells.size(); ++i) {
      std::uint64_t value = 0;
      const auto [end, error] = std::from_chars(cells[i].data(), cells[i].data() + cells[i].size(), value);
      if (error != std::errc{} || end != cells[i].data() + cells[i].size()) {
        refuse("'" + cells[i] + "' under " + heading[i] + " is no whole number");
      }
      row.values.push_back(value);
    }
    if (row.command != "CALL") run.rows.push_back(std::move(row));
  }
}

}  // namespace

RunFolder read_run_folder(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) throw ConfigError(path.string(), "is no folder; name what --out named");
  if (!fs::exists(path / "result.json", ignored)) {
    throw ConfigError(path.string(), "holds no result.json, so no run ended there");
  }
  RunFolder run;
  run.name = path.string();
  const Json result = read_json(path / "result.json");
  check_schema(path, "result.json", result);
  const std::string verdict = text_of(result, "verdict");
  if (verdict != "passed") {
    const std::string reason = text_of(result, "reason");
    throw ConfigError(path.string(), "its run did not finish: " + verdict + (reason.empty() ? "" : ", " + reason));
  }
  run.soc = text_of(result, "soc");
  run.workload = text_of(result, "workload");
  run.mode = text_of(result, "mode");
  run.simulated_ps = number_of(result, "simulated_time_ps");

  const auto quality = result.fields().find("quality");
  if (quality != result.fields().end()) {
    const Json& judged = quality->second.struct_value();
    const auto samples = judged.fields().find("samples");
    if (samples != judged.fields().end()) {
      run.samples = static_cast<std::uint64_t>(samples->second.list_value().values_size());
    }
    run.recognised = number_of(judged, "recognised");
  }

  const Json statistics = read_json(path / "statistics.json");
  check_schema(path, "statistics.json", statistics);
  const auto list = statistics.fields().find("statistics");
  if (list != statistics.fields().end()) {
    for (const auto& entry : list->second.list_value().values()) {
      run.statistics[text_of(entry.struct_value(), "name")] = number_of(entry.struct_value(), "value");
    }
  }
  read_layers(path / "layers.csv", run);
  run.configuration = flatten_text(read_file(path / "configuration.textproto"));
  if (fs::exists(path / "workload.textproto", ignored)) {
    run.workload_text = flatten_text(read_file(path / "workload.textproto"));
    run.pictures = std::any_of(run.workload_text.begin(), run.workload_text.end(),
                               [](const auto& entry) { return entry.first == "gallery"; });
  }
  if (fs::exists(path / "output.bin", ignored)) {
    const std::string output = read_file(path / "output.bin");
    run.output.assign(output.begin(), output.end());
  }
  return run;
}

}  // namespace dixion
