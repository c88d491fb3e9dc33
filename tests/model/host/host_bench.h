// SPDX-License-Identifier: Apache-2.0
/// The host on a test bus: memory, the host's own devices at their usual places, and a scripted device.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "host/host_subsystem.h"
#include "tests/support/tlm_protocol_checker.h"
#include "tests/unit/host/assembler.h"

namespace dixion::host {

inline constexpr Ticks kNanosecond = 1000;  // ticks of 1 ps

/// Routes by address and checks every payload against the base protocol on the way.
class TestBus final : public sc_core::sc_module {
 public:
  static constexpr std::uint64_t kDram = 0x8000'0000;
  static constexpr std::uint64_t kClint = 0x0200'0000;
  static constexpr std::uint64_t kPlic = 0x0C00'0000;
  static constexpr std::uint64_t kUart = 0x1000'0000;
  static constexpr std::uint64_t kFinisher = 0x0010'0000;
  static constexpr std::uint64_t kBootRom = 0x1000;
  static constexpr std::uint64_t kScripted = 0x0400'0000;

  explicit TestBus(const sc_core::sc_module_name& name);

  tlm_utils::simple_target_socket<TestBus, 64> from_host{"from_host"};
  tlm_utils::simple_initiator_socket<TestBus, 64> clint{"clint"};
  tlm_utils::simple_initiator_socket<TestBus, 64> plic{"plic"};
  tlm_utils::simple_initiator_socket<TestBus, 64> uart{"uart"};
  tlm_utils::simple_initiator_socket<TestBus, 64> finisher{"finisher"};
  tlm_utils::simple_initiator_socket<TestBus, 64> boot_rom{"boot_rom"};

  std::vector<std::uint8_t> dram = std::vector<std::uint8_t>(1U << 20);
  bool grant_dmi = true;
  std::uint64_t no_store_dmi_below = kDram;  ///< stores under this address must come as transactions
  std::uint64_t dram_transactions = 0;
  /// A store to the scripted device: what, when; and what a load from it answers and takes.
  struct Store {
    std::uint64_t offset = 0;
    std::uint64_t value = 0;
    std::uint64_t ticks = 0;
    bool operator==(const Store&) const = default;
  };
  std::vector<Store> stores;
  std::function<void(const Store&)> on_store;
  std::uint64_t answer = 0;
  sc_core::sc_time answer_delay;
  bool answer_waits = false;  ///< waits inside b_transport instead of annotating

 private:
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& txn);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi);
  void access_dram(tlm::tlm_generic_payload& txn);
  void access_scripted(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
};

/// Collects what the host says.
class Recorder final : public GuestErrorSink, public TraceSink {
 public:
  std::vector<GuestError> errors;
  struct Event {
    Stage stage;
    std::uint64_t ticks;
    std::uint64_t id;
    bool operator==(const Event&) const = default;
  };
  std::vector<Event> events;

  void guest_error(const GuestError& error) override { errors.push_back(error); }
  void event(const TraceEvent& event) override { events.push_back({event.stage, event.time_ticks, event.id}); }
};

class HostBench {
 public:
  static constexpr std::uint64_t kHandler = TestBus::kDram + 0x4000;
  static constexpr std::uint64_t kData = TestBus::kDram + 0x8000;

  /// `config`: what differs from one hart that starts at DRAM; sinks and callbacks are set here.
  explicit HostBench(HostConfig config = {});
  ~HostBench();

  void load(const assembler::Code& code, std::uint64_t address = TestBus::kDram);
  template <typename T>
  [[nodiscard]] T get(std::uint64_t address) const {
    T value;
    std::memcpy(&value, &bus.dram[address - TestBus::kDram], sizeof value);
    return value;
  }
  /// Runs until the firmware finishes, nothing is left to do, or `limit` has passed.
  void run(const sc_core::sc_time& limit = sc_core::sc_time(10, sc_core::SC_MS));
  [[nodiscard]] std::uint64_t statistic(const std::string& name) const;

  Recorder recorder;
  std::string output;
  std::optional<Finish> finish;
  std::vector<std::string> hangs;
  unsigned idle_calls = 0;
  TestBus bus{"bus"};
  test::TlmProtocolChecker host_checker{"host_checker"};  ///< between the harts and the bus
  std::unique_ptr<HostSubsystem> host;

 private:
  struct Limit;
  std::unique_ptr<Limit> limit_;
};

// Pieces of programs.
/// Stores `value` (4 bytes) to an absolute address; uses t5 and t6.
void store_word(assembler::Code& code, std::uint64_t address, std::uint64_t value);
/// Passes: 0x5555 to the finisher.
void finish_passed(assembler::Code& code);

}  // namespace dixion::host
