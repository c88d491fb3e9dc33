// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <filesystem>

#include <boost/crc.hpp>
#include <google/protobuf/struct.pb.h>
#include <gtest/gtest.h>

#include "models/abi/generated/commands.h"
#include "models/abi/tag.h"
#include "tests/support/image_runner.h"
#include "tests/support/tiny_workload.h"
#include "tests/unit/image/folder_of_test.h"
#include "tests/unit/image/tiny_network.h"
#include "traces/image/packer.h"
#include "traces/proto/text_config.h"

namespace dixion {
namespace {

using google::protobuf::Struct;
using reference::ImageRunner;
using reference::Tensor;
using test::folder_of_test;

/// The tiny workload in real numbers and in integers: the largest difference of a pixel.
double difference_to_real_numbers(double guidance) {
  const std::filesystem::path file = test::write_tiny_workload(folder_of_test());
  workload::Workload workload = load_workload(file);
  workload.set_guidance(guidance);
  ImageRunner runner(pack_workload(workload, folder_of_test()).bytes);
  Tensor noise;
  const Tensor image = runner.run([&](std::uint32_t, std::uint32_t number, const Tensor& result) {
    if (number == 0) noise = result;
  });
  EXPECT_EQ(image.size(), 4U * 8 * 8);
  const std::vector<double> expected =
      test::tiny_pictures(folder_of_test() / "tiny.safetensors", noise.values, {0, 1, 2, 3}, 4, guidance);
  double largest = 0;
  double spread = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(expected[i] - image.values[i] / 65536.0));
    spread = std::max(spread, std::abs(expected[i]));
  }
  EXPECT_GT(spread, 0.5) << "the pictures must not be empty";
  return largest;
}

TEST(RoundTrip, TinyWorkloadFollowsTheNetworkInRealNumbers) { EXPECT_LT(difference_to_real_numbers(2.0), 0.05); }

TEST(RoundTrip, TinyWorkloadWithoutGuidanceFollowsTheNetworkInRealNumbers) {
  EXPECT_LT(difference_to_real_numbers(0), 0.05);
}

TEST(RoundTrip, ASampleDoesNotDependOnTheOthersOfItsBatch) {
  const std::filesystem::path file = test::write_tiny_workload(folder_of_test());
  workload::Workload workload = load_workload(file);
  const Tensor all = ImageRunner(pack_workload(workload, folder_of_test()).bytes).run();
  workload.set_classes("C");
  workload.set_first_sample(2);
  const Tensor third = ImageRunner(pack_workload(workload, folder_of_test()).bytes).run();
  EXPECT_EQ(third.values, std::vector<std::int32_t>(all.values.begin() + 128, all.values.begin() + 192));
}

std::uint32_t checksum(const Tensor& tensor) {
  boost::crc_32_type crc;
  crc.process_bytes(tensor.values.data(), tensor.values.size() * sizeof(tensor.values[0]));
  return crc.checksum();
}

/// The recorded run of the same network by an independent program.
class Golden {
 public:
  explicit Golden(const std::filesystem::path& path) { parse_json(read_file(path), path.string(), json_); }
  [[nodiscard]] std::uint32_t number(const std::string& key) const {
    return static_cast<std::uint32_t>(json_.fields().at(key).number_value());
  }
  [[nodiscard]] static std::uint32_t checksum(const Struct& at, const std::string& name) {
    return static_cast<std::uint32_t>(at.fields().at(name).struct_value().fields().at("crc32").number_value());
  }
  [[nodiscard]] const Struct& all() const { return json_; }
  [[nodiscard]] const Struct& first_step() const { return json_.fields().at("first_step").struct_value(); }

 private:
  Struct json_;
};

/// Name in the recording of an operator's result, or "" if it is not recorded.
std::string recorded_name(const std::string& op) {
  static const std::map<std::string, std::string> kOutside = {{"condition", "condition"},
                                                              {"narrow", "latent"},
                                                              {"position", "embedded"},
                                                              {"norm", "final_norm"},
                                                              {"out", "prediction"}};
  const std::size_t dot = op.find('.');
  if (dot == std::string::npos) return kOutside.contains(op) ? kOutside.at(op) : "";
  const std::string part = op.substr(dot + 1);
  // Attention is recorded token by token, the command's result is head by head.
  const bool recorded = part != "attention" && part != "o" && part != "f2";
  return recorded ? "blocks." + op : "";
}

TEST(RoundTrip, GlyphsEqualTheRecordedRunBitForBit) {
  const std::filesystem::path source = std::getenv("DIXION_SOURCE_DIR");
  const Golden golden(source / "tests/golden/glyphs_python.json");
  const std::filesystem::path file = source / "traces/workloads/glyphs.textproto";
  workload::Workload workload = load_workload(file);
  workload.set_classes(workload.conditioning().class_names(static_cast<int>(golden.number("class"))));
  workload.set_seed(golden.number("seed"));
  workload.set_first_sample(golden.number("sample"));
  workload.set_steps(golden.number("steps"));
  const PackedImage image = pack_workload(workload, file.parent_path());
  ImageRunner runner(image.bytes);
  std::size_t compared = 0;
  Tensor latent;
  const Tensor picture = runner.run([&](std::uint32_t step, std::uint32_t number, const Tensor& result) {
    const std::string& name = image.operator_names[number];
    if (name == "noise") {
      EXPECT_EQ(checksum(result), Golden::checksum(golden.all(), "noise"));
    }
    if (name == "sampler") latent = result;
    if (step != 0 || recorded_name(name).empty()) return;
    EXPECT_EQ(checksum(result), Golden::checksum(golden.first_step(), recorded_name(name))) << name;
    ++compared;
  });
  EXPECT_EQ(compared, 5U + 4 * 8);
  EXPECT_EQ(checksum(latent), Golden::checksum(golden.all(), "final_latent"));
  EXPECT_EQ(checksum(picture), Golden::checksum(golden.all(), "final_image"));
}

}  // namespace
}  // namespace dixion
