// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace dixion {

/// Zero-filled memory of any size that the workstation commits only where it is touched.
class MappedMemory {
 public:
  /// Throws ConfigError (`key`) if the workstation cannot reserve it.
  explicit MappedMemory(std::uint64_t size, const std::string& key = "soc.memory.simple.capacity_bytes");
  ~MappedMemory();
  MappedMemory(const MappedMemory&) = delete;
  MappedMemory& operator=(const MappedMemory&) = delete;

  [[nodiscard]] unsigned char* data() { return data_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  unsigned char* data_;
  std::uint64_t size_;
};

}  // namespace dixion
