// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdlib>

#include "firmware/runtime/image_format.h"
#include "tests/support/image_runner.h"
#include "tests/unit/image/expect_config_error.h"
#include "traces/image/packer.h"
#include "traces/image/weight_source.h"
#include "traces/proto/text_config.h"

namespace dixion {
namespace {

using test::expect_config_error;

constexpr const char* kSmall = R"(
name: "small" random_weights { seed: 3 } steps: 2
sampler { train_steps: 4 schedule: LINEAR beta_first: 0.1 beta_last: 0.4 clip: 1.2 }
tensors { name: "latent" shape: ["samples", "8"] format: INT32 lifetime: RUN }
tensors { name: "narrow" shape: ["samples", "8"] format: INT12 }
tensors { name: "prediction" shape: ["samples", "8"] format: INT32 }
tensors { name: "offset" shape: ["1", "8"] format: INT32 file: "offset" }
tensors { name: "constants" shape: "6" format: INT32 content: SAMPLER_CONSTANTS }
tensors { name: "image" shape: ["samples", "8"] format: INT32 lifetime: OUTPUT }
sections { phase: ONCE operators { name: "noise" type: "NOISE" dst: "latent" } }
sections { phase: EACH_STEP
  operators { name: "narrow" type: "CONVERT" src: "latent" dst: "narrow" }
  operators { name: "linear" type: "MATMUL" src: "narrow" linear: "linear" dst: "prediction" }
  operators { name: "offset" type: "ADD" a: "prediction" b: "offset" dst: "prediction" }
  operators { name: "sampler" type: "SAMPLER_UPDATE" x: "latent" cond: "prediction" constants: "constants" dst: "latent" }
}
sections { phase: FINISH operators { name: "copy" type: "DMA_COPY" src: "latent" dst: "image" } }
)";

workload::Workload small() {
  workload::Workload workload;
  parse_text(kSmall, "small.textproto", workload);
  return workload;
}

TEST(RandomWeights, SameSeedAndNameGiveTheSameNumbers) {
  const RandomWeights weights(7, true);
  const StoredTensor first = weights.tensor("a", "I8", {64, 64}, "t");
  EXPECT_EQ(first.bytes, weights.tensor("a", "I8", {64, 64}, "t").bytes);
  EXPECT_NE(first.bytes, weights.tensor("b", "I8", {64, 64}, "t").bytes);
  EXPECT_NE(first.bytes, RandomWeights(8, true).tensor("a", "I8", {64, 64}, "t").bytes);
}

TEST(RandomWeights, FillTheirRangeEvenly) {
  double sum = 0;
  double squares = 0;
  int lowest = 0;
  int highest = 0;
  const auto values = RandomWeights(1, true).tensor("a", "I8", {512, 512}, "t").values<std::int8_t>();
  for (const int value : values) {
    sum += value;
    squares += value * value;
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
  const auto count = static_cast<double>(values.size());
  EXPECT_EQ(lowest, -127);
  EXPECT_EQ(highest, 127);
  EXPECT_NEAR(sum / count, 0, 1);
  EXPECT_NEAR(std::sqrt(squares / count), std::sqrt((255.0 * 255 - 1) / 12), 0.5);
}

TEST(RandomWeights, StayInsideInt12) {
  for (const std::int16_t value : RandomWeights(1, true).tensor("a", "I16", {100, 100}, "t").values<std::int16_t>()) {
    EXPECT_LE(std::abs(value), 2047);
  }
}

TEST(RandomWeights, ALayerKeepsTheVarianceOfItsInput) {
  const LinearWeights layer = RandomWeights(1, true).linear("l", 4, 1024, "t");
  const auto values = layer.weight.values<std::int8_t>();
  double power = 0;
  for (std::size_t k = 0; k < 1024; ++k) power += std::pow(values[k] * static_cast<double>(layer.scales[0]), 2);
  EXPECT_NEAR(power, 1, 0.1);
  EXPECT_TRUE(layer.has_bias);
  EXPECT_EQ(layer.bias.size(), 4U);
}

TEST(RandomWeights, WithoutContentThereAreShapesOnly) {
  const RandomWeights weights(1, false);
  EXPECT_TRUE(weights.tensor("a", "I8", {64, 64}, "t").bytes.empty());
  EXPECT_EQ(weights.linear("l", 4, 8, "t").weight.shape, (std::vector<std::uint64_t>{4, 8}));
}

TEST(RandomWeights, RunOnTheReference) {
  reference::ImageRunner runner(pack_workload(small(), ".").bytes);
  const reference::Tensor output = runner.run();
  double largest = 0;
  for (const std::int64_t value : output.values) largest = std::max(largest, std::abs(static_cast<double>(value)));
  EXPECT_GT(largest, 0);
  EXPECT_LE(largest, 4 * 65536);
}

TEST(TablesOnly, AreTheFirstBytesOfTheWholeImage) {
  const PackedImage whole = pack_workload(small(), ".");
  const PackedImage tables = pack_workload(small(), ".", ImageContent::kTablesOnly);
  dixion_image_header_t header{};
  std::memcpy(&header, whole.bytes.data(), sizeof header);
  EXPECT_EQ(whole.size, whole.bytes.size());
  EXPECT_EQ(tables.size, whole.size);
  ASSERT_EQ(tables.bytes.size(), header.data_offset);
  EXPECT_TRUE(std::equal(tables.bytes.begin(), tables.bytes.end(), whole.bytes.begin()));
}

/// A workload that does nothing but draw `elements` numbers.
workload::Workload noise_of(std::uint64_t elements) {
  workload::Workload workload;
  parse_text(
      "name: 'noise' random_weights {} steps: 1 sampler { train_steps: 1 } "
      "tensors { name: 'image' shape: ['samples', '" +
          std::to_string(elements) +
          "'] format: INT32 lifetime: OUTPUT } "
          "sections { phase: ONCE operators { name: 'draw' type: 'NOISE' dst: 'image' } }",
      "noise.textproto", workload);
  return workload;
}

TEST(ElementLimit, IsSaidBeforeTheAcceleratorRefusesIt) {
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 30;
  EXPECT_NO_THROW(pack_workload(noise_of(kLimit), ".", ImageContent::kTablesOnly));
  expect_config_error(
      [&] { pack_workload(noise_of(kLimit + 1), ".", ImageContent::kTablesOnly); },
      {"operator 'draw'", "'image' INT32 [1, 1073741825]", "at most 2^30 elements", "workload.samples"});
}

TEST(RandomWeights, DoNotGoWithAFile) {
  workload::Workload workload = small();
  workload.set_weights("w.safetensors");
  expect_config_error([&] { pack_workload(workload, "."); }, {"workload.random_weights", "there are both"});
}

TEST(RandomWeights, NegativeActivationScaleIsRefused) {
  workload::Workload workload = small();
  workload.mutable_random_weights()->set_activation_scale(-1);
  expect_config_error([&] { pack_workload(workload, "."); }, {"activation_scale", "positive"});
}

}  // namespace
}  // namespace dixion
