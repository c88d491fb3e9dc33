// SPDX-License-Identifier: Apache-2.0
#include "platform/compare/render.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "platform/time_units.h"

namespace dixion {

namespace {

constexpr std::size_t kShownDifferences = 40;

std::string decimals(double value, int digits) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

/// B/A; "-" where A is 0.
std::string ratio(const Metric& metric) {
  return metric.a == 0 ? "-" : decimals(static_cast<double>(metric.b) / static_cast<double>(metric.a), 3);
}

std::string left(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string right(const std::string& text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

std::string line(const std::string& name, const std::string& a, const std::string& b, const std::string& b_over_a) {
  return "  " + left(name, 28) + right(a, 24) + right(b, 24) + right(b_over_a, 10) + "\n";
}

const char* or_none(const std::string& value) { return value.empty() ? "(none)" : value.c_str(); }

std::string quality_text(const PictureQuality& quality) {
  switch (quality.state) {
    case PictureQuality::State::kMissing:
      return "not compared, at least one run has no output";
    case PictureQuality::State::kDifferentSizes:
      return "not compared, the outputs have different sizes";
    case PictureQuality::State::kCompared:
      break;
  }
  if (quality.different == 0) return "outputs are equal, " + format_count(quality.values) + " values";
  return format_count(quality.different) + " of " + format_count(quality.values) + " values differ, PSNR " +
         decimals(quality.psnr_db, 2) + " dB";
}

/// A cell of CSV: quoted where it needs to be.
std::string cell(const std::string& value) {
  if (value.find_first_of(",\"\n") == std::string::npos) return value;
  std::string quoted = "\"";
  for (const char c : value) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

}  // namespace

std::string render_text(const Comparison& comparison) {
  std::string text = "A = " + comparison.a + "\nB = " + comparison.b + "\nconfiguration (A -> B)\n";
  if (comparison.configuration.empty()) text += "  the same\n";
  const std::size_t shown = std::min(comparison.configuration.size(), kShownDifferences);
  for (std::size_t i = 0; i < shown; ++i) {
    const Difference& difference = comparison.configuration[i];
    text += "  " + difference.key + ": " + or_none(difference.a) + " -> " + or_none(difference.b) + "\n";
  }
  if (shown < comparison.configuration.size()) {
    text += "  and " + std::to_string(comparison.configuration.size() - shown) + " more (--csv has them all)\n";
  }
  for (const Group& group : comparison.groups) {
    text += left(group.name, 30) + right("A", 24) + right("B", 24) + right("B/A", 10) + "\n";
    for (const Metric& metric : group.metrics) {
      if (metric.a == 0 && metric.b == 0) continue;
      text += line(metric.name, format_count(metric.a), format_count(metric.b), ratio(metric));
    }
  }
  for (const std::string& name : comparison.left_out) {
    text += "left out: " + name + ", which only one side's layers.csv has\n";
  }
  text += "quality: " + quality_text(comparison.quality) + "\n";
  if (comparison.samples == 0) return text;
  return text + "recognised: A " + format_count(comparison.recognised.a) + ", B " +
         format_count(comparison.recognised.b) + " of " + format_count(comparison.samples) + " samples\n";
}

std::string render_csv(const Comparison& comparison) {
  std::string text = "group,metric,a,b,b_over_a\n";
  for (const Difference& difference : comparison.configuration) {
    text += "configuration," + cell(difference.key) + "," + cell(difference.a) + "," + cell(difference.b) + ",\n";
  }
  for (const Group& group : comparison.groups) {
    for (const Metric& metric : group.metrics) {
      text += group.name + "," + metric.name + "," + std::to_string(metric.a) + "," + std::to_string(metric.b) + "," +
              (metric.a == 0 ? "" : ratio(metric)) + "\n";
    }
  }
  const PictureQuality& quality = comparison.quality;
  if (quality.state == PictureQuality::State::kCompared) {
    text += "quality,different_values,0," + std::to_string(quality.different) + ",\n";
    if (quality.different != 0) text += "quality,psnr_db,," + decimals(quality.psnr_db, 2) + ",\n";
  }
  if (comparison.samples != 0) {
    text += "quality,recognised," + std::to_string(comparison.recognised.a) + "," +
            std::to_string(comparison.recognised.b) + ",\n";
  }
  return text;
}

}  // namespace dixion
