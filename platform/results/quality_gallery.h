// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace dixion {

/// Examples of every class, which pictures are recognised by.
class Gallery {
 public:
  /// Reads a grey PNG: one column of cells per class of `classes`, any number of rows of them, `height` x `width`
  /// pixels each; 0 stands for -1, 255 for 1. Throws ConfigError("workload.gallery", reason).
  Gallery(const std::string& file, std::vector<std::string> classes, std::size_t height, std::size_t width);

  /// The class of the example that is nearest by cosine, the first of equals. `picture`: [height * width] in Q16,
  /// limited to -1...1 here; whole numbers up to one division per example, so the same on every workstation.
  [[nodiscard]] const std::string& recognise(std::span<const std::int32_t> picture) const;

 private:
  struct Example {
    std::vector<std::int32_t> pixels;  // 2 * grey - 255
    double length = 0;                 // square root of the sum of squares
    std::size_t kind = 0;              // index into classes_
  };
  std::vector<std::string> classes_;
  std::vector<Example> examples_;
};

}  // namespace dixion
