// SPDX-License-Identifier: Apache-2.0
#include "platform/results/quality.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "models/common/check.h"

namespace dixion {

namespace {

constexpr std::int32_t kOne = 65536;  // Q16
constexpr double kRange = 2.0 * kOne;
constexpr double kMostDb = 100;
constexpr std::size_t kShownSamples = 8;

bool right(const SampleQuality& sample) { return sample.recognised == sample.asked; }
bool reference_right(const SampleQuality& sample) { return sample.reference_recognised == sample.asked; }

template <typename Predicate>
std::size_t count(const QualityReport& report, Predicate predicate) {
  if (!report.pictures) return 0;
  return static_cast<std::size_t>(std::count_if(report.samples.begin(), report.samples.end(), predicate));
}

std::string in_db(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f dB", value);
  return text.data();
}

std::uint64_t in_mdb(double value) { return static_cast<std::uint64_t>(std::lround(value * 1000)); }

std::string sample_line(const QualityReport& report, std::size_t number) {
  const SampleQuality& sample = report.samples[number];
  std::string text = "sample " + std::to_string(number) + ":";
  if (report.pictures)
    text += " " + sample.asked + (right(sample) ? " recognised" : " looks like " + sample.recognised);
  if (!report.reference.empty()) text += (report.pictures ? ", " : " ") + in_db(sample.psnr_db);
  return text;
}

}  // namespace

double psnr_db(std::span<const std::int32_t> a, std::span<const std::int32_t> b, bool pictures) {
  DIXION_CHECK(a.size() == b.size() && !a.empty(), "outputs of one size");
  const auto limited = [pictures](std::int32_t value) { return pictures ? std::clamp(value, -kOne, kOne) : value; };
  double squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double apart = static_cast<double>(limited(a[i])) - static_cast<double>(limited(b[i]));
    squares += apart * apart;
  }
  if (squares == 0) return kMostDb;
  return std::min(kMostDb, 10 * std::log10(kRange * kRange * static_cast<double>(a.size()) / squares));
}

std::size_t QualityReport::recognised() const { return count(*this, right); }

std::size_t QualityReport::reference_recognised() const {
  return reference.empty() ? 0 : count(*this, reference_right);
}

std::size_t QualityReport::lost() const {
  if (reference.empty()) return 0;
  return count(*this, [](const SampleQuality& sample) { return reference_right(sample) && !right(sample); });
}

std::size_t QualityReport::gained() const {
  if (reference.empty()) return 0;
  return count(*this, [](const SampleQuality& sample) { return !reference_right(sample) && right(sample); });
}

double QualityReport::mean_psnr_db() const {
  double sum = 0;
  for (const SampleQuality& sample : samples) sum += sample.psnr_db;
  return samples.empty() ? 0 : sum / static_cast<double>(samples.size());
}

QualityReport judge_quality(std::span<const std::int32_t> output, const QualityInput& input) {
  QualityReport report;
  report.reference = input.reference;
  report.pictures = input.gallery != nullptr;
  if (!report.pictures && report.reference.empty()) return report;
  const std::size_t samples = input.asked.size();
  DIXION_CHECK(samples > 0 && output.size() % samples == 0, "an output holds whole samples");
  const std::span<const std::int32_t> reference = input.reference_output;
  DIXION_CHECK(report.reference.empty() || reference.size() == output.size(), "the reference was checked");
  const std::size_t size = output.size() / samples;
  for (std::size_t number = 0; number < samples; ++number) {
    const auto mine = output.subspan(number * size, size);
    SampleQuality sample;
    sample.asked = input.asked[number];
    if (report.pictures) sample.recognised = input.gallery->recognise(mine);
    if (!report.reference.empty()) {
      const auto other = reference.subspan(number * size, size);
      if (report.pictures) sample.reference_recognised = input.gallery->recognise(other);
      for (std::size_t i = 0; i < size; ++i) sample.different += mine[i] != other[i] ? 1U : 0U;
      sample.psnr_db = psnr_db(mine, other, report.pictures);
    }
    report.samples.push_back(std::move(sample));
  }
  if (!report.reference.empty()) report.pooled_psnr_db = psnr_db(output, reference, report.pictures);
  return report;
}

void write_quality(const QualityReport& report, JsonWriter& json) {
  if (report.samples.empty()) return;
  const bool compared = !report.reference.empty();
  json.begin_object("quality");
  if (report.pictures) json.member("recognised", std::uint64_t{report.recognised()});
  if (compared) {
    json.member("reference", report.reference);
    if (report.pictures) {
      json.member("reference_recognised", std::uint64_t{report.reference_recognised()});
      json.member("lost", std::uint64_t{report.lost()});
      json.member("gained", std::uint64_t{report.gained()});
    }
    json.member("psnr_mean_mdb", in_mdb(report.mean_psnr_db()));
    json.member("psnr_pooled_mdb", in_mdb(report.pooled_psnr_db));
  }
  json.begin_array("samples");
  for (const SampleQuality& sample : report.samples) {
    json.begin_object();
    if (!sample.asked.empty()) json.member("asked", sample.asked);
    if (report.pictures) json.member("recognised", sample.recognised);
    if (compared) {
      if (report.pictures) json.member("reference_recognised", sample.reference_recognised);
      json.member("psnr_mdb", in_mdb(sample.psnr_db));
      json.member("different_values", sample.different);
    }
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

std::vector<std::string> quality_summary(const QualityReport& report) {
  std::vector<std::string> lines;
  const std::string of_all = " of " + std::to_string(report.samples.size());
  if (report.samples.empty()) return lines;
  if (report.pictures) lines.push_back("recognised " + std::to_string(report.recognised()) + of_all);
  if (!report.reference.empty()) {
    if (report.pictures) {
      lines.push_back("reference " + std::to_string(report.reference_recognised()) + of_all + ", lost " +
                      std::to_string(report.lost()) + ", gained " + std::to_string(report.gained()));
    }
    const auto lowest = std::min_element(report.samples.begin(), report.samples.end(),
                                         [](const auto& a, const auto& b) { return a.psnr_db < b.psnr_db; });
    lines.push_back("PSNR " + in_db(report.mean_psnr_db()) + " in the mean, lowest " + in_db(lowest->psnr_db) +
                    " (sample " + std::to_string(lowest - report.samples.begin()) + ")");
    lines.push_back("against " + report.reference);
  }
  for (std::size_t number = 0; number < report.samples.size(); ++number) {
    const bool shown = report.samples.size() <= kShownSamples || (report.pictures && !right(report.samples[number]));
    if (shown) lines.push_back(sample_line(report, number));
  }
  return lines;
}

}  // namespace dixion
