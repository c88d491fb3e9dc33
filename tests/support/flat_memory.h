// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "models/common/memory_access.h"

namespace dixion::test {

/// A range of memory without time. Counts accesses, so a test can tell big copies from many small ones.
class FlatMemory final : public MemoryAccess {
 public:
  explicit FlatMemory(std::size_t bytes, std::uint64_t base = 0x8000'0000) : base_(base), bytes_(bytes, 0xa5) {}

  [[nodiscard]] bool read(std::uint64_t address, void* destination, std::size_t length) override {
    ++reads;
    if (!contains(address, length)) return false;
    std::memcpy(destination, bytes_.data() + (address - base_), length);
    return true;
  }
  [[nodiscard]] bool write(std::uint64_t address, const void* source, std::size_t length) override {
    ++writes;
    if (!contains(address, length)) return false;
    std::memcpy(bytes_.data() + (address - base_), source, length);
    return true;
  }

  /// Address of `length` bytes nobody else has, aligned to 64.
  [[nodiscard]] std::uint64_t allocate(std::uint64_t length) {
    const std::uint64_t address = base_ + next_;
    next_ += (length + 63) / 64 * 64;
    if (next_ > bytes_.size()) throw std::length_error("the test's memory is too small");
    return address;
  }
  [[nodiscard]] std::uint64_t end() const { return base_ + bytes_.size(); }
  [[nodiscard]] const std::vector<std::uint8_t>& contents() const { return bytes_; }

  std::uint64_t reads = 0;
  std::uint64_t writes = 0;

 private:
  [[nodiscard]] bool contains(std::uint64_t address, std::size_t length) const {
    return address >= base_ && address - base_ <= bytes_.size() && length <= bytes_.size() - (address - base_);
  }

  std::uint64_t base_;
  std::uint64_t next_ = 0;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace dixion::test
