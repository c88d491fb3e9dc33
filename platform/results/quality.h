// SPDX-License-Identifier: Apache-2.0
/// How good the pictures of a run are: docs/evaluate.md has the formulas.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "platform/results/json_writer.h"
#include "platform/results/quality_gallery.h"

namespace dixion {

/// PSNR of two outputs in Q16 of the same size, in dB against the range of 2 from black (-1) to white (1):
/// 10 log10(4 / mean squared difference), at most 100, which equal outputs have. `pictures`: values are limited to
/// -1...1 first, as a viewer limits them.
[[nodiscard]] double psnr_db(std::span<const std::int32_t> a, std::span<const std::int32_t> b, bool pictures);

struct SampleQuality {
  std::string asked;                 ///< class; empty: the network has none
  std::string recognised;            ///< empty: no gallery
  std::string reference_recognised;  ///< empty: no gallery or no reference
  std::uint64_t different = 0;       ///< values that are not the reference's
  double psnr_db = 0;
};

struct QualityReport {
  std::string reference;               ///< its folder; empty: none
  bool pictures = false;               ///< there is a gallery
  std::vector<SampleQuality> samples;  ///< empty: nothing is known
  double pooled_psnr_db = 0;           ///< of all values together

  [[nodiscard]] std::size_t recognised() const;            ///< samples seen as what was asked for
  [[nodiscard]] std::size_t reference_recognised() const;  ///< of the reference
  [[nodiscard]] std::size_t lost() const;                  ///< recognised in the reference only
  [[nodiscard]] std::size_t gained() const;                ///< recognised here only
  [[nodiscard]] double mean_psnr_db() const;               ///< of the samples' values
};

/// What is known before the run of how its output will be judged.
struct QualityInput {
  std::vector<std::string> asked;  ///< class of each sample
  const Gallery* gallery = nullptr;
  std::string reference;                       ///< folder; empty: none
  std::vector<std::int32_t> reference_output;  ///< as many values as the output
};

/// `output`: [samples][values of one], Q16. Nothing is told without gallery and reference.
[[nodiscard]] QualityReport judge_quality(std::span<const std::int32_t> output, const QualityInput& input);

/// The object "quality" of result.json; PSNR in thousandths of a dB.
void write_quality(const QualityReport& report, JsonWriter& json);

/// Lines of the summary; up to eight samples one by one, of more those that are not recognised.
[[nodiscard]] std::vector<std::string> quality_summary(const QualityReport& report);

}  // namespace dixion
