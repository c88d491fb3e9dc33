// SPDX-License-Identifier: Apache-2.0
/// Memory and units that only take time.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <set>
#include <vector>

#include <systemc>

#include "models/common/execution.h"
#include "models/interconnect/kernel_time.h"

namespace dixion::test {

/// Bytes with a fixed time per access; addresses from 0.
class SlowMemory final : public TimedMemory {
 public:
  bool read(std::uint64_t address, void* destination, std::size_t length) override {
    wait_a_while();
    if (!contains(address, length) || broken(address, length)) return false;
    std::memcpy(destination, bytes.data() + address, length);
    return true;
  }
  bool write(std::uint64_t address, const void* source, std::size_t length) override {
    wait_a_while();
    if (!contains(address, length) || broken(address, length)) return false;
    std::memcpy(bytes.data() + address, source, length);
    return true;
  }
  bool contains(std::uint64_t address, std::uint64_t length) override {
    return address < bytes.size() && length <= bytes.size() - address;
  }
  template <typename T>
  T& at(std::uint64_t address) {
    return *reinterpret_cast<T*>(bytes.data() + address);
  }

  std::vector<unsigned char> bytes = std::vector<unsigned char>(1 << 20);
  std::uint64_t broken_start = 0;  ///< bus errors in [broken_start, broken_end)
  std::uint64_t broken_end = 0;

 private:
  void wait_a_while() const { sc_core::wait(sc_core::sc_time(101, sc_core::SC_NS)); }
  [[nodiscard]] bool broken(std::uint64_t address, std::uint64_t length) const {
    return address < broken_end && address + length > broken_start;
  }
};

/// Takes as long as the script says, per tag; 10 accel_cycles otherwise.
class TimedUnit final : public sc_core::sc_module, public ExecutionUnitIf {
 public:
  TimedUnit(const sc_core::sc_module_name& name, const Clock& clock, CompletionListener& listener)
      : sc_module(name), clock_(clock), listener_(listener) {}

  bool available() const override { return true; }
  bool busy() const override { return running_ != 0; }
  void start(const Command& command) override {
    started.push_back(command);
    ++running_;
    sc_core::sc_spawn([this, command] {
      CommandCost cost;
      cost.start_cycle = wait_for_edge(clock_);
      wait_until(clock_.edge(cost.start_cycle + (cycles.count(command.tag) ? cycles[command.tag] : 10)));
      cost.end_cycle = clock_.cycle(ticks_now());
      CommandError error;
      if (failing.count(command.tag)) error = {DIXION_CAUSE_BAD_SHAPE, DIXION_FIELD_OPERAND0, 7, "another shape"};
      --running_;
      listener_.command_done(command, error, cost);
    });
  }

  void waits_for(const WaitingLanes& waiting) override { told.push_back({clock_.cycle(ticks_now()), waiting}); }

  struct Told {
    Cycles cycle;
    WaitingLanes waiting;
  };
  std::vector<Told> told;  ///< what free lanes wait for, and since when
  std::vector<Command> started;
  std::map<std::uint32_t, Cycles> cycles;
  std::set<std::uint32_t> failing;

 private:
  Clock clock_;
  CompletionListener& listener_;
  int running_ = 0;
};

}  // namespace dixion::test
