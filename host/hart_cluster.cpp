// SPDX-License-Identifier: Apache-2.0
#include "host/hart_cluster.h"

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <utility>

namespace dixion::host {

HartCluster::HartCluster(const sc_core::sc_module_name& name, const HostConfig& config,
                         std::function<std::uint64_t(Ticks)> mtime)
    : sc_module(name),
      config_(config),
      clock_(config.clock_hz, sc_core::sc_time(1, sc_core::SC_SEC).value()),
      wants_bus_(config.harts) {
  SC_HAS_PROCESS(HartCluster);
  const BusAccess access{
      .transport = [this](tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) { bus->b_transport(txn, delay); },
      .direct = [this](tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi) { return bus->get_direct_mem_ptr(txn, dmi); },
      .mtime = std::move(mtime)};
  for (unsigned hart = 0; hart < config.harts; ++hart) {
    ports_.push_back(std::make_unique<HartBusPort>(hart, config_, clock_, access));
  }
  bus.register_invalidate_direct_mem_ptr(this, &HartCluster::invalidate_direct_mem_ptr);
  SC_THREAD(run_harts);
}

Ticks HartCluster::now() { return sc_core::sc_time_stamp().value(); }

void HartCluster::invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) {
  for (const auto& port : ports_) port->invalidate(start, end);
}

void HartCluster::set_interrupt(unsigned hart, Interrupt interrupt, bool level) {
  ports_[hart]->iss().set_interrupt(interrupt, level);
  interrupt_.notify(sc_core::SC_ZERO_TIME);
}

void HartCluster::settle() {
  do {
    wait(sc_core::SC_ZERO_TIME);
  } while (sc_core::sc_pending_activity_at_current_time());
}

void HartCluster::wait_until(Ticks time) {
  if (time > now()) wait(sc_core::sc_time::from_value(time - now()));
  settle();
}

void HartCluster::wake_sleepers() {
  for (const auto& port : ports_) {
    Iss& iss = port->iss();
    const HartState& state = iss.state();
    if (!state.waiting || (state.mip & state.mie) == 0) continue;
    const Cycles edge = clock_.next_cycle(now());
    if (edge > state.cycle()) iss.stall(edge - state.cycle(), true);
    iss.state().waiting = false;
  }
}

bool HartCluster::run_slice(Ticks& earliest) {
  const Ticks quiet = sc_core::sc_time_to_pending_activity().value();
  const Cycles limit = clock_.next_cycle(now() + std::min(config_.quantum_ticks, quiet));
  bool awake = false;
  ++slices_;
  for (current_ = 0; current_ < ports_.size(); ++current_) {
    HartBusPort& port = *ports_[current_];
    const RunExit exit = port.iss().run(limit);
    wants_bus_[current_] = exit == RunExit::kBus;
    if (exit == RunExit::kWaiting && port.local_time() <= now()) continue;
    earliest = awake ? std::min(earliest, port.local_time()) : port.local_time();
    awake = true;
  }
  current_ = 0;
  return awake;
}

void HartCluster::run_bus_accesses() {
  for (current_ = 0; current_ < ports_.size() && !stopped_; ++current_) {
    HartBusPort& port = *ports_[current_];
    if (!wants_bus_[current_] || port.local_time() > now()) continue;
    wants_bus_[current_] = false;
    port.grant(true);
    port.iss().run(port.iss().state().cycle() + 1);
    port.grant(false);
    // The instruction ends when the target says so, at an edge of the hart's clock.
    const Cycles done = clock_.next_cycle(now() + port.take_delay());
    const Cycles cycle = port.iss().state().cycle();
    if (done > cycle) port.iss().stall(done - cycle, false);
    settle();
  }
  current_ = 0;
}

bool HartCluster::check_progress() {
  if (stopped_) return false;
  if (config_.stop_request != nullptr && config_.stop_request->load(std::memory_order_relaxed)) {
    stop();
    if (config_.on_stop) config_.on_stop();
    return false;
  }
  for (unsigned hart = 0; hart < ports_.size(); ++hart) {
    const HartState& state = ports_[hart]->iss().state();
    if (state.equal_traps < config_.trap_loop_threshold) continue;
    stop();
    std::ostringstream reason;
    const bool interrupt = (state.mcause & kInterruptCause) != 0;
    reason << "hart " << hart << (interrupt ? " interrupt storm: interrupt " : " trap loop: exception ")
           << (state.mcause & ~kInterruptCause) << " at pc 0x" << std::hex << state.mepc << " (mtval 0x" << state.mtval
           << ") taken " << std::dec << state.equal_traps << " times without progress";
    if (config_.on_hang) config_.on_hang(reason.str());
    return false;
  }
  return true;
}

void HartCluster::run_harts() {
  settle();
  while (check_progress()) {
    wake_sleepers();
    Ticks earliest = 0;
    if (run_slice(earliest)) {
      if (!check_progress()) break;
      wait_until(earliest);
      run_bus_accesses();
    } else {
      // Everybody sleeps, and simulated time has caught up with them.
      if (config_.on_idle) config_.on_idle();
      if (stopped_) break;
      wait(interrupt_);
      settle();
    }
  }
}

}  // namespace dixion::host
