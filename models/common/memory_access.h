// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace dixion {

/// Bytes of memory as engines see them, without time: DRAM or global buffer by address. Time is accounted for by the
/// streams of an operation (engine.h), whoever moves the bytes.
class MemoryAccess {
 public:
  virtual ~MemoryAccess() = default;
  /// Copies `length` bytes from `address`; false if any of them is outside memory or the bus reports an error.
  [[nodiscard]] virtual bool read(std::uint64_t address, void* destination, std::size_t length) = 0;
  [[nodiscard]] virtual bool write(std::uint64_t address, const void* source, std::size_t length) = 0;
};

}  // namespace dixion
