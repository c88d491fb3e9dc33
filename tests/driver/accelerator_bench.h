// SPDX-License-Identifier: Apache-2.0
/// The drivers' port on the real accelerator: registers are transactions, memory is a target, sleeping runs the kernel.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "models/accelerator/accelerator.h"
#include "tests/driver/native_port.h"
#include "tests/support/tlm_protocol_checker.h"

namespace dixion::test {

/// Memory that the driver (by pointer) and the accelerator (by address) share.
class ArenaTarget final : public sc_core::sc_module {
 public:
  ArenaTarget(const sc_core::sc_module_name& name, Arena& arena);
  tlm_utils::simple_target_socket<ArenaTarget, 64> port{"port"};

 private:
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi);
  [[nodiscard]] bool contains(const tlm::tlm_generic_payload& txn) const;
  Arena& arena_;
};

class AcceleratorBench final : public sc_core::sc_module,
                               public NativePort,
                               public InterruptSink,
                               public GuestErrorSink {
 public:
  static constexpr std::uint64_t kRegisters = 0x0400'0000;
  static constexpr std::uint64_t kDram = 0x8000'0000;

  /// `memory_bytes` of DRAM from kDram on.
  AcceleratorBench(const sc_core::sc_module_name& name, std::size_t memory_bytes, const AcceleratorConfig& config = {});
  ~AcceleratorBench() override;

  /// Runs `program`, code that uses the drivers, to its end in a process of its own. A program that sleeps for good is
  /// a test failure.
  void run(std::function<void()> program);
  /// Called with the number of a line that is high whenever the hart would take interrupts.
  void on_interrupt(std::function<void(unsigned line)> handler) { handler_ = std::move(handler); }

  Arena& arena() { return arena_; }
  Accelerator& accelerator() { return accelerator_; }
  /// What the model said about the software.
  [[nodiscard]] const std::vector<GuestError>& guest_errors() const { return guest_errors_; }
  [[nodiscard]] unsigned sleeps() const { return sleeps_; }

  std::uint32_t read(std::uint64_t address) override;
  void write(std::uint64_t address, std::uint32_t value) override;
  void sleep() override;
  std::uint64_t physical(const volatile void* pointer) override { return arena_.physical(pointer); }

 private:
  void set_level(unsigned line, bool level) override;
  void guest_error(const GuestError& error) override { guest_errors_.push_back(error); }
  void process();
  std::uint32_t access(std::uint64_t address, std::uint32_t value, tlm::tlm_command command);

  Arena arena_;
  Accelerator accelerator_;
  ArenaTarget memory_;
  TlmProtocolChecker register_checker_{"register_checker"};
  TlmProtocolChecker memory_checker_{"memory_checker"};
  tlm_utils::simple_initiator_socket<AcceleratorBench, 64> registers_{"registers"};
  tlm_utils::simple_initiator_socket<AcceleratorBench, 64> buffer_{"buffer"};
  std::function<void()> program_;
  std::function<void(unsigned)> handler_;
  std::map<unsigned, bool> lines_;
  sc_core::sc_event line_rose_;
  std::vector<GuestError> guest_errors_;
  unsigned sleeps_ = 0;
  bool finished_ = false;
};

}  // namespace dixion::test
