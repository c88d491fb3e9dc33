// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

/// Small workloads made on the spot, for tests that must not depend on trained weights.
namespace dixion::test {

/// One tensor of a safetensors file to be written.
struct WeightTensor {
  std::string name;
  std::string type;  ///< "I8", "F32", ...
  std::vector<std::uint64_t> shape;
  std::vector<std::uint8_t> bytes;
};

template <typename T>
WeightTensor weight_tensor(std::string name, std::string type, std::vector<std::uint64_t> shape,
                           const std::vector<T>& values) {
  WeightTensor tensor{std::move(name), std::move(type), std::move(shape),
                      std::vector<std::uint8_t>(values.size() * sizeof(T))};
  if (!values.empty()) std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  return tensor;
}

/// Content of a safetensors file with these tensors.
std::string safetensors(const std::vector<WeightTensor>& tensors);

/// A folder for the test's files below the working directory, which under CTest lies in the build tree.
std::filesystem::path scratch_folder();

void write_text(const std::filesystem::path& path, const std::string& content);

/// Writes tiny.textproto, tiny.safetensors and tiny.json into `folder` (created if need be) and returns the first
/// one's path: the graph of workload glyphs with two layers, width 32, 16 tokens, pictures of 8x8 pixels, four classes
/// "A" to "D", four steps, guidance 2; pseudo-random weights. The same seed gives the same files.
std::filesystem::path write_tiny_workload(const std::filesystem::path& folder, std::uint64_t seed = 1);

}  // namespace dixion::test
