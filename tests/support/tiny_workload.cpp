// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tiny_workload.h"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <random>
#include <stdexcept>

#include "traces/image/packer.h"
#include "traces/image/weight_file.h"
#include "traces/proto/text_config.h"

namespace dixion::test {
namespace {

constexpr std::uint64_t kWidth = 32;
constexpr std::uint64_t kPixels = 4;
constexpr std::uint64_t kTokens = 16;
constexpr std::uint64_t kLayers = 2;
constexpr std::uint64_t kClasses = 4;
constexpr std::uint64_t kTrainSteps = 20;
constexpr double kSpread = 73.3;  // standard deviation of integers spread evenly over -127...127

/// Pseudo-random integers that are the same everywhere, unlike the standard library's distributions.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  /// low...high
  std::int64_t integer(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(high - low + 1));
  }
  template <typename T>
  std::vector<T> integers(std::uint64_t count, std::int64_t low, std::int64_t high) {
    std::vector<T> values(count);
    for (T& value : values) value = static_cast<T>(integer(low, high));
    return values;
  }

 private:
  std::mt19937_64 engine_;
};

/// A linear layer whose outputs have standard deviation `gain` for inputs of 1.
void add_linear(std::vector<WeightTensor>& tensors, Random& random, const std::string& stem, std::uint64_t n,
                std::uint64_t k, double gain) {
  tensors.push_back(weight_tensor(stem + ".weight", "I8", {n, k}, random.integers<std::int8_t>(n * k, -127, 127)));
  std::vector<float> scales(n);
  std::vector<float> bias(n);
  for (std::uint64_t i = 0; i < n; ++i) {
    const double around = static_cast<double>(random.integer(75, 125)) / 100;
    scales[i] = static_cast<float>(gain * around / (kSpread * std::sqrt(static_cast<double>(k))));
    bias[i] = static_cast<float>(gain * static_cast<double>(random.integer(-100, 100)) / 500);
  }
  tensors.push_back(weight_tensor(stem + ".weight_scale", "F32", {n}, scales));
  tensors.push_back(weight_tensor(stem + ".bias", "F32", {n}, bias));
}

std::vector<WeightTensor> tiny_weights(std::uint64_t seed) {
  Random random(seed);
  std::vector<WeightTensor> tensors;
  add_linear(tensors, random, "t1", kWidth, kWidth, 1);
  add_linear(tensors, random, "t2", kWidth, kWidth, 1);
  add_linear(tensors, random, "inp", kWidth, kPixels, 1);
  for (std::uint64_t layer = 0; layer < kLayers; ++layer) {
    const std::string stem = "blocks." + std::to_string(layer) + ".";
    add_linear(tensors, random, stem + "ada", 6 * kWidth, kWidth, 0.5);
    add_linear(tensors, random, stem + "qkv", 3 * kWidth, kWidth, 1);
    add_linear(tensors, random, stem + "o", kWidth, kWidth, 1);
    add_linear(tensors, random, stem + "f1", 4 * kWidth, kWidth, 1);
    add_linear(tensors, random, stem + "f2", kWidth, 4 * kWidth, 1);
  }
  add_linear(tensors, random, "ada", 2 * kWidth, kWidth, 0.5);
  add_linear(tensors, random, "out", kPixels, kWidth, 0.5);
  tensors.push_back(weight_tensor("class_embedding", "I32", {kClasses + 1, kWidth},
                                  random.integers<std::int32_t>((kClasses + 1) * kWidth, -98304, 98304)));
  tensors.push_back(weight_tensor("position", "I32", {kTokens, kWidth},
                                  random.integers<std::int32_t>(kTokens * kWidth, -65536, 65536)));
  tensors.push_back(weight_tensor("time_code", "I16", {kTrainSteps, kWidth},
                                  random.integers<std::int16_t>(kTrainSteps * kWidth, -2047, 2047)));
  std::vector<double> alpha_bar;
  for (std::uint64_t step = 0; step < kTrainSteps; ++step) {
    alpha_bar.push_back(1 - (static_cast<double>(step) + 0.5) / static_cast<double>(kTrainSteps));
  }
  tensors.push_back(weight_tensor("alpha_bar", "F64", {kTrainSteps}, alpha_bar));
  return tensors;
}

std::string tiny_scales() {
  std::string text =
      R"({"time_code": 0.0004885, "t1_silu": 0.002, "condition": 0.002, "latent": 0.0025, "final_norm": 0.004)";
  for (std::uint64_t layer = 0; layer < kLayers; ++layer) {
    const std::string stem = ", \"blocks." + std::to_string(layer) + ".";
    for (const char* name : {"norm1", "qkv", "norm2", "f1"}) text += stem + name + "\": 0.004";
    for (const char* name : {"attention", "gelu"}) text += stem + name + "\": 0.0025";
  }
  return text + "}";
}

std::filesystem::path source_folder() {
  const char* folder = std::getenv("DIXION_SOURCE_DIR");
  if (folder == nullptr) throw std::runtime_error("DIXION_SOURCE_DIR is not set; run the test through ctest");
  return folder;
}

}  // namespace

std::string safetensors(const std::vector<WeightTensor>& tensors) {
  std::string header;
  std::string data;
  for (const WeightTensor& tensor : tensors) {
    header += (header.empty() ? "{\"" : ",\"") + tensor.name + "\":{\"dtype\":\"" + tensor.type +
              "\",\"shape\":" + shape_text(tensor.shape) + ",\"data_offsets\":[" + std::to_string(data.size()) + "," +
              std::to_string(data.size() + tensor.bytes.size()) + "]}";
    data.append(tensor.bytes.begin(), tensor.bytes.end());
  }
  header += "}";
  std::string length(8, '\0');
  const std::uint64_t bytes = header.size();
  std::memcpy(length.data(), &bytes, sizeof bytes);
  return length + header + data;
}

std::filesystem::path scratch_folder() {
  const std::filesystem::path folder = std::filesystem::absolute("scratch");
  std::filesystem::create_directories(folder);
  return folder;
}

void write_text(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

std::filesystem::path write_tiny_workload(const std::filesystem::path& folder, std::uint64_t seed) {
  workload::Workload tiny = load_workload(source_folder() / "traces/workloads/glyphs.textproto");
  tiny.set_name("tiny");
  tiny.set_description("noise, 8 x 8 pixels");
  tiny.set_source("pseudo-random weights");
  tiny.set_weights("tiny.safetensors");
  tiny.set_scales("tiny.json");
  tiny.set_steps(4);
  tiny.set_classes("ABCD");
  tiny.mutable_sampler()->set_train_steps(kTrainSteps);
  tiny.mutable_conditioning()->set_null_class(kClasses);
  tiny.mutable_conditioning()->clear_class_names();
  for (const char* name : {"A", "B", "C", "D"}) tiny.mutable_conditioning()->add_class_names(name);
  for (workload::Symbol& symbol : *tiny.mutable_symbols()) {
    if (symbol.name() == "grid") symbol.set_value("4");
    if (symbol.name() == "width") symbol.set_value(std::to_string(kWidth));
    if (symbol.name() == "heads") symbol.set_value("2");
    if (symbol.name() == "layers") symbol.set_value(std::to_string(kLayers));
    if (symbol.name() == "embeddings") symbol.set_value(std::to_string(kClasses + 1));
  }
  std::filesystem::create_directories(folder);
  write_text(folder / "tiny.safetensors", safetensors(tiny_weights(seed)));
  write_text(folder / "tiny.json", tiny_scales());
  write_text(folder / "tiny.textproto", print_text(tiny));
  return folder / "tiny.textproto";
}

}  // namespace dixion::test
