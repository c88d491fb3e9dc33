// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/common/memory_access.h"
#include "models/memory/banked_array.h"

namespace dixion {

/// A banked memory with contents: linear, zero at power-on, addressed from 0.
class BankedMemory final : public MemoryAccess {
 public:
  explicit BankedMemory(BankedArray array);

  [[nodiscard]] bool read(std::uint64_t address, void* destination, std::size_t length) override;
  [[nodiscard]] bool write(std::uint64_t address, const void* source, std::size_t length) override;
  [[nodiscard]] bool contains(std::uint64_t address, std::uint64_t length) const {
    return address <= array_.capacity() && length <= array_.capacity() - address;
  }
  [[nodiscard]] const BankedArray& array() const { return array_; }
  /// All capacity() bytes; the address stays the same for life.
  [[nodiscard]] unsigned char* data() { return store_.data(); }

 private:
  BankedArray array_;
  std::vector<unsigned char> store_;
};

}  // namespace dixion
