// SPDX-License-Identifier: Apache-2.0
#include "host/iss/memory_path.h"

namespace dixion::host {
namespace {

Exception access_fault(AccessKind kind) {
  switch (kind) {
    case AccessKind::kFetch:
      return Exception::kFetchAccessFault;
    case AccessKind::kLoad:
      return Exception::kLoadAccessFault;
    default:
      return Exception::kStoreAccessFault;
  }
}

bool aligned(std::uint64_t address, std::uint64_t size) { return (address & (size - 1)) == 0; }

}  // namespace

MemoryPath::MemoryPath(HartBus& bus, Cycles direct_latency) : bus_(bus), direct_latency_(direct_latency) {}

void MemoryPath::drop_direct_memory() {
  code_ = DirectMemory{};
  loads_.fill(Page{});
  stores_.fill(Page{});
}

std::uint8_t* MemoryPath::direct(std::uint64_t address, std::uint64_t length, AccessKind kind, PageTable& table) {
  DirectMemory region;
  if (!bus_.direct(address, kind, region) || !region.contains(address, length)) return nullptr;
  stall_ += direct_latency_;
  std::uint8_t* const bytes = region.data + (address - region.base);
  const std::uint64_t page = address & kPageMask;
  // A latency is charged here, so that accesses must keep coming here.
  if (direct_latency_ == 0 && region.contains(page, 1ULL << kPageBits)) {
    table[(address >> kPageBits) % kPages] = {page, reinterpret_cast<std::uintptr_t>(bytes) - address};
  }
  return bytes;
}

Outcome MemoryPath::finish(BusStatus status, std::uint64_t address, AccessKind kind) {
  if (status == BusStatus::kFault) fault_ = {access_fault(kind), address};
  return status == BusStatus::kOk ? Outcome::kDone : status == BusStatus::kFault ? Outcome::kTrap : Outcome::kNotNow;
}

Outcome MemoryPath::reject(std::uint64_t address, std::uint64_t length, AccessKind kind, const char* expected) {
  bus_.rejected(address, length, kind, expected);
  fault_ = {access_fault(kind), address};
  return Outcome::kTrap;
}

Outcome MemoryPath::load_slow(std::uint64_t address, std::span<std::uint8_t> bytes) {
  const std::uint64_t physical = translate(address);
  if (const std::uint8_t* data = direct(physical, bytes.size(), AccessKind::kLoad, loads_)) {
    std::memcpy(bytes.data(), data, bytes.size());
    return Outcome::kDone;
  }
  if (aligned(address, bytes.size())) {
    return finish(bus_.read(physical, bytes, AccessKind::kLoad), address, AccessKind::kLoad);
  }
  if (!bus_.is_memory(physical, bytes.size())) {
    return reject(address, bytes.size(), AccessKind::kLoad, "a naturally aligned address");
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const Outcome outcome = load_slow(address + i, bytes.subspan(i, 1));
    if (outcome != Outcome::kDone) return outcome;
  }
  return Outcome::kDone;
}

Outcome MemoryPath::store_slow(std::uint64_t address, std::span<const std::uint8_t> bytes) {
  const std::uint64_t physical = translate(address);
  if (std::uint8_t* data = direct(physical, bytes.size(), AccessKind::kStore, stores_)) {
    std::memcpy(data, bytes.data(), bytes.size());
    return Outcome::kDone;
  }
  if (aligned(address, bytes.size())) {
    return finish(bus_.write(physical, bytes), address, AccessKind::kStore);
  }
  if (!bus_.is_memory(physical, bytes.size())) {
    return reject(address, bytes.size(), AccessKind::kStore, "a naturally aligned address");
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const Outcome outcome = store_slow(address + i, bytes.subspan(i, 1));
    if (outcome != Outcome::kDone) return outcome;
  }
  return Outcome::kDone;
}

Outcome MemoryPath::check_atomic(std::uint64_t address, std::uint64_t size, AccessKind kind) {
  if (!aligned(address, size)) {
    fault_ = {kind == AccessKind::kLoad ? Exception::kLoadMisaligned : Exception::kStoreMisaligned, address};
    return Outcome::kTrap;
  }
  if (!bus_.is_memory(translate(address), size)) {
    return reject(address, size, kind, "memory: devices take no atomic access");
  }
  return Outcome::kDone;
}

Outcome MemoryPath::fetch(std::uint64_t address, std::uint16_t& half, bool& direct) {
  const std::uint64_t physical = translate(address);
  direct = code_.contains(physical, sizeof half);
  if (!direct) {
    DirectMemory region;
    direct = bus_.direct(physical, AccessKind::kFetch, region) && region.contains(physical, sizeof half);
    if (direct) code_ = region;
  }
  if (direct) {
    std::memcpy(&half, code_.data + (physical - code_.base), sizeof half);
    return Outcome::kDone;
  }
  std::array<std::uint8_t, sizeof half> bytes{};
  const Outcome outcome = finish(bus_.read(physical, bytes, AccessKind::kFetch), address, AccessKind::kFetch);
  std::memcpy(&half, bytes.data(), sizeof half);
  return outcome;
}

}  // namespace dixion::host
