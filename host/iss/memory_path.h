// SPDX-License-Identifier: Apache-2.0
/// The way of a hart's accesses: translate, then plain bytes if the page is known as direct memory, else the bus.
/// A small table per direction remembers pages. Misaligned accesses work in memory and fault on devices.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "host/iss/hart_bus.h"
#include "host/iss/hart_state.h"

namespace dixion::host {

enum class Outcome : std::uint8_t {
  kDone,
  kTrap,    ///< MemoryPath::fault() says which
  kNotNow,  ///< leave run() and repeat the instruction
};

/// An exception before it becomes a trap.
struct Fault {
  Exception cause = Exception::kIllegalInstruction;
  std::uint64_t value = 0;  ///< mtval
};

class MemoryPath {
 public:
  /// `direct_latency`: hart_cycles that each load and store served by direct memory takes in addition.
  MemoryPath(HartBus& bus, Cycles direct_latency);

  /// True if the access was done; otherwise call load_slow(). T is an integer of 1 to 8 bytes.
  template <typename T>
  [[gnu::always_inline]] bool load_fast(std::uint64_t address, T& value) const {
    const Page& page = loads_[(address >> kPageBits) % kPages];
    if ((address & (kPageMask | (sizeof(T) - 1))) != page.address) return false;
    std::memcpy(&value, reinterpret_cast<const void*>(page.bias + address), sizeof(T));
    return true;
  }
  template <typename T>
  [[gnu::always_inline]] bool store_fast(std::uint64_t address, T value) const {
    const Page& page = stores_[(address >> kPageBits) % kPages];
    if ((address & (kPageMask | (sizeof(T) - 1))) != page.address) return false;
    std::memcpy(reinterpret_cast<void*>(page.bias + address), &value, sizeof(T));
    return true;
  }

  Outcome load_slow(std::uint64_t address, std::span<std::uint8_t> bytes);
  Outcome store_slow(std::uint64_t address, std::span<const std::uint8_t> bytes);
  /// Refuses what lr, sc and amo cannot reach: misaligned addresses and devices. kLoad for lr, else kStore.
  Outcome check_atomic(std::uint64_t address, std::uint64_t size, AccessKind kind);
  /// Two bytes of code. `direct` tells whether they came without a transaction.
  Outcome fetch(std::uint64_t address, std::uint16_t& half, bool& direct);

  [[nodiscard]] const Fault& fault() const { return fault_; }
  [[nodiscard]] Cycles direct_latency() const { return direct_latency_; }
  /// hart_cycles charged since the last call.
  Cycles take_stall() { return std::exchange(stall_, 0); }
  /// Forgets every page: direct memory was withdrawn.
  void drop_direct_memory();

 private:
  static constexpr unsigned kPageBits = 12;
  static constexpr std::uint64_t kPageMask = ~((1ULL << kPageBits) - 1);
  static constexpr std::size_t kPages = 256;
  /// Low bits set: equal to no aligned address.
  static constexpr std::uint64_t kNoPage = ~0ULL;
  struct Page {
    std::uint64_t address = kNoPage;
    std::uintptr_t bias = 0;  ///< workstation address minus guest address, modulo 2^64
  };
  using PageTable = std::array<Page, kPages>;

  /// The physical address of a guest address. Machine mode without paging: the same. Sv39 and PMP go here.
  static std::uint64_t translate(std::uint64_t address) { return address; }
  /// Direct bytes at `address` for all of `length`, or null. Remembers the page in `table`.
  std::uint8_t* direct(std::uint64_t address, std::uint64_t length, AccessKind kind, PageTable& table);
  Outcome finish(BusStatus status, std::uint64_t address, AccessKind kind);
  Outcome reject(std::uint64_t address, std::uint64_t length, AccessKind kind, const char* expected);

  HartBus& bus_;
  Cycles direct_latency_;
  Cycles stall_ = 0;
  Fault fault_;
  DirectMemory code_;  ///< where the last direct fetch came from
  PageTable loads_;
  PageTable stores_;
};

}  // namespace dixion::host
