// SPDX-License-Identifier: Apache-2.0
/// The simulated host: RV64 harts with CLINT, PLIC, UART, finisher and boot ROM.
/// Models: instructions, traps, interrupts, instruction-derived time (one instruction is one cycle of the hart clock).
/// Omits: caches, pipelines, arbitration of memory accesses served by DMI. Time: hart_cluster.h.
/// The platform's bus decodes addresses: each target socket expects addresses relative to its window's base.
/// Read next: HartCluster::run_harts (hart_cluster.cpp).
#pragma once

#include <cstdint>
#include <memory>

#include <systemc>
#include <tlm>

#include "host/host_config.h"
#include "host/host_status.h"
#include "models/common/interrupt_sink.h"
#include "models/common/statistics.h"

namespace dixion::host {

class HostSubsystem final : public sc_core::sc_module {
 public:
  /// `config` must have passed validate().
  HostSubsystem(const sc_core::sc_module_name& name, const HostConfig& config);
  ~HostSubsystem() override;

  tlm::tlm_initiator_socket<64> bus{"bus"};  ///< all harts; absolute physical addresses, 1 to 8 bytes
  tlm::tlm_target_socket<64> clint{"clint"};
  tlm::tlm_target_socket<64> plic{"plic"};
  tlm::tlm_target_socket<64> uart{"uart"};
  tlm::tlm_target_socket<64> finisher{"finisher"};
  tlm::tlm_target_socket<64> boot_rom{"boot_rom"};

  /// Lines 1 to 95 are the PLIC's sources (10 is the UART's own). Changes take effect one delta cycle later.
  InterruptSink& interrupts();
  /// A byte arrives at the UART's receiver. Call from a SystemC process.
  void uart_receive(std::uint8_t byte);
  /// The harts stop at the next instruction boundary and never run again; the simulation goes on without them.
  void stop();

  /// Program counter of the hart that runs or is on the bus right now; for guest-error lines.
  [[nodiscard]] std::uint64_t current_pc() const;
  [[nodiscard]] unsigned current_hart() const;
  [[nodiscard]] HostStatus status() const;
  /// Names start with "host.".
  [[nodiscard]] StatisticsList statistics() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace dixion::host
