// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "models/common/clock.h"

namespace dixion::host {

enum class BusStatus : std::uint8_t {
  kOk,
  kFault,   ///< access fault
  kNotNow,  ///< the hart is ahead of simulated time; it leaves run() and repeats the instruction
};

enum class AccessKind : std::uint8_t { kFetch, kLoad, kStore };

/// A range of physical addresses that is plain bytes at `data`. Valid until Iss::drop_direct_memory().
struct DirectMemory {
  std::uint64_t base = 0;
  std::uint64_t size = 0;  ///< bytes
  std::uint8_t* data = nullptr;

  [[nodiscard]] bool contains(std::uint64_t address, std::uint64_t length) const {
    return address >= base && address - base < size && size - (address - base) >= length;
  }
};

/// What a hart sees of the world. Addresses are physical.
class HartBus {
 public:
  virtual ~HartBus() = default;

  /// True and `region` set when `address` may be accessed as plain bytes.
  virtual bool direct(std::uint64_t address, AccessKind kind, DirectMemory& region) = 0;
  /// Reads 1, 2, 4 or 8 bytes, naturally aligned. `kind` is kFetch or kLoad.
  virtual BusStatus read(std::uint64_t address, std::span<std::uint8_t> bytes, AccessKind kind) = 0;
  virtual BusStatus write(std::uint64_t address, std::span<const std::uint8_t> bytes) = 0;
  /// Memory takes misaligned and atomic accesses, devices do not.
  [[nodiscard]] virtual bool is_memory(std::uint64_t address, std::uint64_t length) const = 0;
  /// The guest made a device access that no device can take (misaligned, atomic); an access fault follows.
  virtual void rejected(std::uint64_t address, std::uint64_t length, AccessKind kind, const char* expected) = 0;
  /// mtime at the given edge of the hart clock.
  [[nodiscard]] virtual std::uint64_t mtime(Cycles cycle) const = 0;
  /// A trap was taken; the hart's state is that of the handler's first instruction.
  virtual void trap_taken() = 0;
};

}  // namespace dixion::host
