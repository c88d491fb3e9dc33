// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/image_runner.h"
#include "tests/support/tiny_workload.h"
#include "tests/unit/image/expect_config_error.h"
#include "tests/unit/image/folder_of_test.h"
#include "traces/image/packer.h"
#include "traces/proto/text_config.h"

namespace dixion::test {

/// The tiny workload, two layers of 16 tokens, and what the packer makes of it once a technique is set.
struct TechniqueBench : testing::Test {
  std::filesystem::path folder = folder_of_test();
  workload::Workload workload = load_workload(write_tiny_workload(folder));

  [[nodiscard]] PackedImage packed() const { return pack_workload(workload, folder); }
  [[nodiscard]] std::vector<std::uint8_t> bytes() const { return packed().bytes; }
  /// The scalar reference's result.
  [[nodiscard]] std::vector<std::int32_t> picture() const { return reference::ImageRunner(bytes()).run().values; }
  /// Operators of the image with this opcode.
  [[nodiscard]] std::vector<dixion_image_operator_t> with(dixion_opcode opcode) const {
    const reference::ImageRunner image(bytes());
    std::vector<dixion_image_operator_t> found;
    for (std::uint32_t i = 0; i < image.header().operator_count; ++i) {
      if (image.operator_record(i).opcode == opcode) found.push_back(image.operator_record(i));
    }
    return found;
  }
  void expect_refusal(const std::vector<std::string>& parts) const {
    expect_config_error([this] { static_cast<void>(packed()); }, parts);
  }
};

}  // namespace dixion::test
