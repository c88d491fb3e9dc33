// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "host/iss/iss.h"
#include "tests/unit/host/assembler.h"

namespace dixion::host {

/// 64 KiB of memory at 0x80000000 and one device register at 0x10000000 that needs the bus.
class FlatBus final : public HartBus {
 public:
  static constexpr std::uint64_t kMemory = 0x8000'0000;
  static constexpr std::uint64_t kDevice = 0x1000'0000;

  std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(64 * 1024);
  std::uint64_t device = 0;
  bool granted = true;
  std::vector<std::string> rejections;

  bool direct(std::uint64_t address, AccessKind /*kind*/, DirectMemory& region) override {
    region = {kMemory, memory.size(), memory.data()};
    return region.contains(address, 1);
  }
  BusStatus read(std::uint64_t address, std::span<std::uint8_t> bytes, AccessKind /*kind*/) override {
    if (!granted) return BusStatus::kNotNow;
    if (address != kDevice) return BusStatus::kFault;
    std::memcpy(bytes.data(), &device, bytes.size());
    return BusStatus::kOk;
  }
  BusStatus write(std::uint64_t address, std::span<const std::uint8_t> bytes) override {
    if (!granted) return BusStatus::kNotNow;
    if (address != kDevice) return BusStatus::kFault;
    device = 0;
    std::memcpy(&device, bytes.data(), bytes.size());
    return BusStatus::kOk;
  }
  [[nodiscard]] bool is_memory(std::uint64_t address, std::uint64_t length) const override {
    return address >= kMemory && address + length <= kMemory + memory.size();
  }
  void rejected(std::uint64_t, std::uint64_t, AccessKind, const char* expected) override {
    rejections.emplace_back(expected);
  }
  [[nodiscard]] std::uint64_t mtime(Cycles cycle) const override { return cycle / 100; }
  void trap_taken() override {}

  template <typename T>
  void put(std::uint64_t address, T value) {
    std::memcpy(&memory[address - kMemory], &value, sizeof value);
  }
  template <typename T>
  [[nodiscard]] T get(std::uint64_t address) const {
    T value;
    std::memcpy(&value, &memory[address - kMemory], sizeof value);
    return value;
  }
};

/// A hart that starts at the memory's first byte; its trap handler is at kHandler and waits in wfi.
struct HartBench {
  static constexpr std::uint64_t kStart = FlatBus::kMemory;
  static constexpr std::uint64_t kHandler = FlatBus::kMemory + 0x4000;
  static constexpr std::uint64_t kData = FlatBus::kMemory + 0x8000;

  FlatBus bus;
  Iss iss{bus};

  HartBench() {
    iss.state().reset(0, kStart);
    iss.state().mtvec = kHandler;
    bus.put(kHandler, assembler::wfi);
  }
  void load(const assembler::Code& code, std::uint64_t address = kStart) {
    for (const assembler::Word word : code) {
      bus.put(address, word);
      address += 4;
    }
  }
  [[nodiscard]] std::uint64_t& x(unsigned number) { return iss.state().x[number]; }
  /// Executes `count` instructions that do not trap.
  void step(Cycles count = 1) { iss.run(iss.state().cycle() + count); }
  /// Executes one 32-bit instruction at the start.
  void execute(assembler::Word word) {
    load({word});
    iss.forget_code();
    iss.state().pc = kStart;
    step();
  }
};
inline constexpr std::uint64_t kStart = HartBench::kStart, kData = HartBench::kData;

}  // namespace dixion::host
