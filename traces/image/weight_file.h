// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

namespace dixion {

/// One tensor of a safetensors file, row-major and little-endian.
struct StoredTensor {
  std::string name;
  std::string type;  ///< "I8", "I16", "I32", "F32", "F64", ...
  std::vector<std::uint64_t> shape;
  std::vector<std::uint8_t> bytes;

  [[nodiscard]] std::uint64_t elements() const;
  /// "I8 [384, 128]".
  [[nodiscard]] std::string describe() const;
  /// The content as T, which must have the size of the file's type.
  template <typename T>
  [[nodiscard]] std::vector<T> values() const {
    static_assert(std::is_arithmetic_v<T>);
    std::vector<T> result(bytes.size() / sizeof(T));
    std::memcpy(result.data(), bytes.data(), result.size() * sizeof(T));
    return result;
  }
};

/// A safetensors file: 8 bytes length of the header, the header in JSON, the data. Everything is checked on reading.
class WeightFile {
 public:
  /// Throws ConfigError naming file, tensor and what was expected.
  static WeightFile read(const std::filesystem::path& path);

  /// Null if there is none.
  [[nodiscard]] const StoredTensor* find(const std::string& name) const;
  /// Throws ConfigError, with the nearest names, if there is none or its type is not `type`; `user` says who asks.
  [[nodiscard]] const StoredTensor& at(const std::string& name, const std::string& type, const std::string& user) const;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::map<std::string, StoredTensor> tensors_;
};

/// Reads a JSON object of numbers: activation name -> real value of one unit. Throws ConfigError for anything else.
std::map<std::string, double> read_scales(const std::filesystem::path& path);

/// "[16, 256, 128]"
std::string shape_text(const std::vector<std::uint64_t>& shape);

}  // namespace dixion
