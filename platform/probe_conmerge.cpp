// SPDX-License-Identifier: Apache-2.0
#include "platform/probe_conmerge.h"

#include <cmath>
#include <iomanip>
#include <memory>
#include <ostream>

#include "models/common/check.h"
#include "models/sparsity/conmerge.h"
#include "models/sparsity/conmerge_timing.h"
#include "models/sparsity/random_mask.h"

namespace dixion {

namespace {

std::vector<TileTokens> form_tiles(const ConMergeProbe& options, std::size_t tokens) {
  std::size_t width = options.grid_width;
  if (options.tile == "patch" && width == 0) {
    width = static_cast<std::size_t>(std::llround(std::sqrt(static_cast<double>(tokens))));
    if (width * width != tokens) {
      throw ConfigError("--grid-width", std::to_string(tokens) + " tokens are no square; say how wide the picture is");
    }
  }
  return cut_tiles(tile_order(options.tile == "patch" ? TileOrder::kPatch : TileOrder::kRows, tokens, width));
}

void print_head(const ConMergeProbe& options, std::size_t rows, std::size_t columns, std::size_t tiles,
                std::ostream& out) {
  out << rows << " tokens x " << columns << " columns, " << tiles << " tiles (" << options.tile
      << "), K = " << options.inner << ", dot length " << options.dot_length << "; cycles are accel_cycles\n\n"
      << "| rule | mask | needed | blocks before | condensed | merged | utilisation | refused | generator cycles "
         "| array cycles before | merged | waiting for the generator | record bytes |\n"
      << "|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
}

void print_row(const ConMergeProbe& options, const MergeRule& rule, const std::string& label, const BitMask& mask,
               const std::vector<TileTokens>& tiles, std::ostream& out) {
  const std::vector<TileSchedule> schedules = schedule_mask(mask, tiles, rule);
  const ConMergeCounts sum = count(schedules);
  std::vector<TileTime> times;
  Generator generator;
  std::uint64_t generated = 0;
  std::uint64_t bytes = 0;
  for (const TileSchedule& schedule : schedules) {
    times.push_back({tile_stages(schedule.columns, generator_loads(schedule), {}),
                     array_cycles(schedule.blocks.size(), options.inner, options.dot_length)});
    generated = generator.take(times.back().generator);
    bytes += record_bytes(schedule);
  }
  const auto percent = [](std::uint64_t part, std::uint64_t whole) {
    return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  };
  out << std::fixed << std::setprecision(1) << "| " << rule.name() << " | " << label << " | "
      << percent(sum.outputs, mask.rows() * mask.columns()) << " % | " << sum.dense_blocks << " | "
      << sum.condensed_blocks << " (" << percent(sum.condensed_blocks, sum.dense_blocks) << " %) | "
      << sum.merged_blocks << " (" << percent(sum.merged_blocks, sum.dense_blocks) << " %) | "
      << 100 * sum.utilisation() << " % | " << sum.refusals << " | " << generated << " | "
      << array_cycles(sum.dense_blocks, options.inner, options.dot_length) << " | "
      << array_cycles(sum.merged_blocks, options.inner, options.dot_length) << " | " << exposed_generator_cycles(times)
      << " | " << bytes << " |\n";
}

std::string label_of(double density, unsigned skew) {
  std::string text = std::to_string(density);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return "density " + text + ", skew " + std::to_string(skew);
}

}  // namespace

int probe_conmerge(const ConMergeProbe& options, std::ostream& out) {
  if (options.mask.empty() == options.densities.empty()) {
    throw ConfigError("probe conmerge", "give --mask FILE or --density D, one of them");
  }
  if (options.grid_width != 0 && options.tile != "patch") {
    throw ConfigError("--grid-width", "means something with --tile patch only");
  }
  std::vector<std::unique_ptr<MergeRule>> rules;
  for (const std::string& name : options.rules) rules.push_back(make_merge_rule(name));
  if (!options.mask.empty()) {
    const BitMask mask = read_mask(options.mask, options.choice);
    const auto tiles = form_tiles(options, mask.rows());
    print_head(options, mask.rows(), mask.columns(), tiles.size(), out);
    for (const auto& rule : rules) print_row(options, *rule, options.mask, mask, tiles, out);
    return 0;
  }
  const auto tiles = form_tiles(options, options.rows);
  bool headed = false;
  for (const unsigned skew : options.skews) {
    for (const double density : options.densities) {
      const BitMask mask = random_mask({options.rows, options.columns, density, skew}, options.seed);
      if (!headed) print_head(options, options.rows, options.columns, tiles.size(), out);
      headed = true;
      for (const auto& rule : rules) print_row(options, *rule, label_of(density, skew), mask, tiles, out);
    }
  }
  return 0;
}

}  // namespace dixion
