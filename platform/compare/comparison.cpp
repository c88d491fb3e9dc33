// SPDX-License-Identifier: Apache-2.0
#include "platform/compare/comparison.h"

#include <algorithm>
#include <map>
#include <utility>

namespace dixion {

namespace {

/// Groups sort by number, then by name; what lies outside comes last.
constexpr std::uint64_t kOutside = ~std::uint64_t{0};

struct Place {
  std::uint64_t order;
  std::string name;
};

Place numbered(const std::string& what, const std::string& number) {
  if (number.empty()) return {kOutside, "outside " + what + "s"};
  return {std::stoull(number), what + " " + number};
}

Place place_of(const LayerRow& row, GroupBy by) {
  switch (by) {
    case GroupBy::kLayer:
      return numbered("layer", row.layer);
    case GroupBy::kStep:
      return numbered("step", row.step);
    case GroupBy::kEngine:
      return {0, "engine " + row.unit};
    case GroupBy::kRun:
      break;
  }
  return {0, "run"};
}

std::vector<Metric> metrics_named(const std::vector<std::string>& names) {
  std::vector<Metric> metrics;
  for (const std::string& name : names) metrics.push_back({name, 0, 0});
  return metrics;
}

class Grouping {
 public:
  Grouping(const std::vector<std::string>& columns, GroupBy by) : columns_(columns), by_(by) {}

  void add(const RunFolder& run, std::uint64_t Metric::*side) {
    std::vector<std::size_t> from;
    for (const std::string& name : columns_) {
      const auto found = std::find(run.columns.begin(), run.columns.end(), name);
      from.push_back(static_cast<std::size_t>(found - run.columns.begin()));
    }
    for (const LayerRow& row : run.rows) {
      const Place place = place_of(row, by_);
      Group& group =
          groups_.try_emplace({place.order, place.name}, Group{place.name, metrics_named(columns_)}).first->second;
      for (std::size_t i = 0; i < columns_.size(); ++i) group.metrics[i].*side += row.values[from[i]];
    }
  }
  [[nodiscard]] std::vector<Group> groups() const {
    std::vector<Group> list;
    for (const auto& [order, group] : groups_) list.push_back(group);
    return list;
  }

 private:
  const std::vector<std::string>& columns_;
  GroupBy by_;
  std::map<std::pair<std::uint64_t, std::string>, Group> groups_;
};

/// Parts of the run that no command owns: total energy and what only time decides.
void add_run_statistics(const RunFolder& a, const RunFolder& b, Group& group) {
  const auto of = [](const RunFolder& run, const std::string& name) {
    const auto found = run.statistics.find(name);
    return found == run.statistics.end() ? 0 : found->second;
  };
  group.metrics.insert(group.metrics.begin(), {"simulated_time_ps", a.simulated_ps, b.simulated_ps});
  for (const char* name : {"energy.fetch", "energy.dram_activation", "energy.leakage", "energy.dram_background",
                           "energy.dram_refresh", "energy.total", "energy.total.low", "energy.total.high"}) {
    group.metrics.push_back({name, of(a, name), of(b, name)});
  }
}

void add_differences(const std::string& root, const FlatText& a, const FlatText& b, std::vector<Difference>& all) {
  for (Difference& difference : differences(a, b)) {
    difference.key.insert(0, root + ".");
    all.push_back(std::move(difference));
  }
}

}  // namespace

Comparison compare_runs(const RunFolder& a, const RunFolder& b, GroupBy by) {
  Comparison result;
  result.a = a.name;
  result.b = b.name;
  if (a.workload != b.workload) result.configuration.push_back({"workload", a.workload, b.workload});
  if (a.mode != b.mode) result.configuration.push_back({"mode", a.mode, b.mode});
  add_differences("soc", a.configuration, b.configuration, result.configuration);
  add_differences("workload", a.workload_text, b.workload_text, result.configuration);

  std::vector<std::string> columns;
  const auto has = [](const RunFolder& run, const std::string& name) {
    return std::find(run.columns.begin(), run.columns.end(), name) != run.columns.end();
  };
  for (const std::string& name : a.columns) (has(b, name) ? columns : result.left_out).push_back(name);
  for (const std::string& name : b.columns) {
    if (!has(a, name)) result.left_out.push_back(name);
  }

  Grouping whole(columns, GroupBy::kRun);
  whole.add(a, &Metric::a);
  whole.add(b, &Metric::b);
  result.groups = whole.groups();
  if (result.groups.empty()) result.groups.push_back({"run", metrics_named(columns)});
  add_run_statistics(a, b, result.groups.front());
  if (by != GroupBy::kRun) {
    Grouping parts(columns, by);
    parts.add(a, &Metric::a);
    parts.add(b, &Metric::b);
    for (Group& group : parts.groups()) result.groups.push_back(std::move(group));
  }
  const bool pictures = a.pictures && b.pictures;
  result.quality = picture_quality(a.output, b.output, pictures);
  if (pictures && a.samples == b.samples) {
    result.samples = a.samples;
    result.recognised.a = a.recognised;
    result.recognised.b = b.recognised;
  }
  return result;
}

}  // namespace dixion
