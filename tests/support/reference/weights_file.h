// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace dixion::reference {

/// A network's weights in the safetensors format: u64 length of a JSON header, the header, the data (little-endian).
/// Read as plainly as possible and independently of the packer. Throws std::runtime_error on a missing file or name.
class WeightsFile {
 public:
  explicit WeightsFile(const std::filesystem::path& path);
  [[nodiscard]] std::vector<std::size_t> shape(const std::string& name) const;
  /// Elements of I8, I16 and I32 tensors.
  [[nodiscard]] std::vector<std::int32_t> integers(const std::string& name) const;
  /// Elements of F32 and F64 tensors.
  [[nodiscard]] std::vector<double> reals(const std::string& name) const;

 private:
  struct Entry {
    std::string type;
    std::vector<std::size_t> shape;
    std::size_t begin = 0, end = 0;
  };
  [[nodiscard]] const Entry& find(const std::string& name) const;

  std::map<std::string, Entry> entries_;
  std::string data_;
};

/// A flat JSON object of numbers.
std::map<std::string, double> read_numbers(const std::filesystem::path& path);

}  // namespace dixion::reference
