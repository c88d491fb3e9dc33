// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include <systemc>
#include <tlm>

#include "host/host_config.h"
#include "host/iss/iss.h"
#include "models/common/clock.h"

namespace dixion::host {

/// What the harts of a cluster share on their way to the bus.
struct BusAccess {
  std::function<void(tlm::tlm_generic_payload&, sc_core::sc_time&)> transport;
  std::function<bool(tlm::tlm_generic_payload&, tlm::tlm_dmi&)> direct;
  std::function<std::uint64_t(Ticks)> mtime;  ///< mtime at a time
};

/// One hart with its side of the bus: turns the instruction set simulator's accesses into transactions, and lets them
/// out only while the cluster grants it (simulated time has caught up with the hart).
class HartBusPort final : public HartBus {
 public:
  struct Counters {
    std::uint64_t reads = 0;   ///< transactions
    std::uint64_t writes = 0;  ///< transactions
    std::uint64_t faults = 0;  ///< accesses answered with an error
  };

  HartBusPort(unsigned hart, const HostConfig& config, const Clock& clock, BusAccess access);

  Iss& iss() { return iss_; }
  [[nodiscard]] const Iss& iss() const { return iss_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  /// Time of the next instruction's start.
  [[nodiscard]] Ticks local_time() const { return clock_.edge(iss_.state().cycle()); }

  void grant(bool granted) { granted_ = granted; }
  /// Annotated delay of the transactions since the last call, in ticks.
  Ticks take_delay() { return std::exchange(delay_, 0); }
  /// DMI pointers overlapping [start, end] are no longer valid.
  void invalidate(std::uint64_t start, std::uint64_t end);

  bool direct(std::uint64_t address, AccessKind kind, DirectMemory& region) override;
  BusStatus read(std::uint64_t address, std::span<std::uint8_t> bytes, AccessKind kind) override;
  BusStatus write(std::uint64_t address, std::span<const std::uint8_t> bytes) override;
  [[nodiscard]] bool is_memory(std::uint64_t address, std::uint64_t length) const override;
  void rejected(std::uint64_t address, std::uint64_t length, AccessKind kind, const char* expected) override;
  [[nodiscard]] std::uint64_t mtime(Cycles cycle) const override { return access_.mtime(clock_.edge(cycle)); }
  void trap_taken() override;

 private:
  struct Region {
    DirectMemory memory;
    bool readable = false;
    bool writable = false;
  };

  BusStatus transport(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data, std::size_t length,
                      AccessKind kind);
  void report(std::uint64_t address, std::uint64_t length, AccessKind kind, const char* expected);

  unsigned hart_;
  const HostConfig& config_;
  const Clock& clock_;
  BusAccess access_;
  Iss iss_;
  std::vector<Region> regions_;
  bool granted_ = false;
  Ticks delay_ = 0;
  Counters counters_;
};

}  // namespace dixion::host
