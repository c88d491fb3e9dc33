// SPDX-License-Identifier: Apache-2.0
/// All harts in one thread, running ahead of simulated time for as long as nothing can happen.
/// The rule: after every slice and before every bus access simulated time catches up with the hart, then settles until
/// no activity is left at that time; after a bus access it settles again. Only then may harts run to
/// now + min(quantum, time of the next event). With one hart no event falls inside a slice, so interrupts are seen at
/// the exact instruction and no result depends on the quantum. With several, what one hart does to another
/// (interprocessor interrupts, shared memory) is seen up to a quantum late.
/// Read next: HartCluster::run_harts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>

#include "host/hart_bus_port.h"
#include "host/host_config.h"
#include "models/common/clock.h"

namespace dixion::host {

class HartCluster final : public sc_core::sc_module {
 public:
  /// `mtime(time in ticks)` gives the counter behind the time CSR.
  HartCluster(const sc_core::sc_module_name& name, const HostConfig& config, std::function<std::uint64_t(Ticks)> mtime);

  tlm_utils::simple_initiator_socket<HartCluster, 64> bus{"bus"};

  /// An interrupt line of a hart changed; call from any SystemC process.
  void set_interrupt(unsigned hart, Interrupt interrupt, bool level);
  /// The harts stop at the next instruction boundary and never run again.
  void stop() { stopped_ = true; }
  [[nodiscard]] bool stopped() const { return stopped_; }

  [[nodiscard]] unsigned harts() const { return static_cast<unsigned>(ports_.size()); }
  [[nodiscard]] const HartBusPort& port(unsigned hart) const { return *ports_[hart]; }
  [[nodiscard]] unsigned current_hart() const { return current_; }
  [[nodiscard]] std::uint64_t slices() const { return slices_; }

 private:
  void run_harts();
  /// Lets everything happen that belongs to the present moment.
  void settle();
  void wait_until(Ticks time);
  /// Ends wfi of harts with an enabled interrupt pending; they resume at the next edge of their clock.
  void wake_sleepers();
  /// One slice of every hart. Sets the earliest local time of those that are not asleep by now; false when all are.
  bool run_slice(Ticks& earliest);
  /// The instructions that wait for the bus and whose time is now.
  void run_bus_accesses();
  /// False when the run is over for the harts: stop requested or a trap loop.
  bool check_progress();
  void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end);
  [[nodiscard]] static Ticks now();

  const HostConfig& config_;
  Clock clock_;
  std::vector<std::unique_ptr<HartBusPort>> ports_;
  std::vector<bool> wants_bus_;
  sc_core::sc_event interrupt_;
  unsigned current_ = 0;
  bool stopped_ = false;
  std::uint64_t slices_ = 0;
};

}  // namespace dixion::host
