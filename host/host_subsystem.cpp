// SPDX-License-Identifier: Apache-2.0
#include "host/host_subsystem.h"

#include <string>

#include "host/boot_rom.h"
#include "host/clint.h"
#include "host/clint_timer.h"
#include "host/device_target.h"
#include "host/finisher.h"
#include "host/hart_cluster.h"
#include "host/interrupt_lines.h"
#include "host/plic.h"
#include "host/uart.h"
#include "models/abi/generated/memory_map.h"

namespace dixion::host {
namespace {

constexpr unsigned kUartInterrupt = DIXION_MAP_UART_IRQ;

}  // namespace

// Members in the order of data flow: harts, their interrupts, the devices, the devices' windows.
struct HostSubsystem::Parts {
  explicit Parts(const HostConfig& host_config)
      : config(host_config),
        timer("timer", config.harts, config.mtime_hz,
              [this](unsigned hart, bool level) { cluster.set_interrupt(hart, Interrupt::kTimer, level); }),
        cluster("harts", config, [this](Ticks time) { return timer.count(time) + clint.mtime_offset(); }),
        clint(config.harts,
              {.mtime = [this] { return timer.count_now(); },
               .software = [this](unsigned hart,
                                  bool level) { cluster.set_interrupt(hart, Interrupt::kSoftware, level); },
               .timer_changed = [this](unsigned hart) { timer.changed(hart); }}),
        plic(config.harts,
             [this](unsigned context, bool level) {
               // Odd contexts are supervisor modes, which the harts do not have.
               if (context % 2 == 0) cluster.set_interrupt(context / 2, Interrupt::kExternal, level);
             }),
        lines("interrupts", plic),
        uart({.transmit = config.on_uart_output,
              .interrupt = [this](bool level) { lines.set_level(kUartInterrupt, level); }}),
        finisher([this](const Finish& finish) {
          cluster.stop();
          if (config.on_finish) config.on_finish(finish);
        }),
        boot_rom(config.boot_rom),
        clint_window("clint_window", clint, config.guest_errors),
        plic_window("plic_window", plic, config.guest_errors),
        uart_window("uart_window", uart, config.guest_errors),
        finisher_window("finisher_window", finisher, config.guest_errors),
        boot_rom_window("boot_rom_window", boot_rom, config.guest_errors, boot_rom.bytes()) {
    timer.attach(clint);
  }

  HostConfig config;
  ClintTimer timer;
  HartCluster cluster;
  Clint clint;
  Plic plic;
  InterruptLines lines;
  Uart uart;
  Finisher finisher;
  BootRom boot_rom;
  DeviceTarget clint_window;
  DeviceTarget plic_window;
  DeviceTarget uart_window;
  DeviceTarget finisher_window;
  DeviceTarget boot_rom_window;
};

HostSubsystem::HostSubsystem(const sc_core::sc_module_name& name, const HostConfig& config)
    : sc_module(name), parts_(std::make_unique<Parts>(config)) {
  parts_->cluster.bus.bind(bus);
  clint.bind(parts_->clint_window.socket);
  plic.bind(parts_->plic_window.socket);
  uart.bind(parts_->uart_window.socket);
  finisher.bind(parts_->finisher_window.socket);
  boot_rom.bind(parts_->boot_rom_window.socket);
}

HostSubsystem::~HostSubsystem() = default;

InterruptSink& HostSubsystem::interrupts() { return parts_->lines; }
void HostSubsystem::uart_receive(std::uint8_t byte) { parts_->uart.receive(byte); }
void HostSubsystem::stop() { parts_->cluster.stop(); }
unsigned HostSubsystem::current_hart() const { return parts_->cluster.current_hart(); }

std::uint64_t HostSubsystem::current_pc() const {
  return parts_->cluster.port(parts_->cluster.current_hart()).iss().state().pc;
}

HostStatus HostSubsystem::status() const {
  HostStatus status;
  for (unsigned hart = 0; hart < parts_->cluster.harts(); ++hart) {
    const HartState& state = parts_->cluster.port(hart).iss().state();
    HartStatus entry;
    entry.hart = hart;
    entry.activity = state.waiting ? HartActivity::kWaiting : HartActivity::kRunning;
    if (parts_->cluster.stopped()) entry.activity = HartActivity::kStopped;
    entry.pc = state.pc;
    entry.mie = state.mie;
    entry.mip = state.mip;
    entry.interrupts_enabled = (state.mstatus & kMstatusMie) != 0;
    const std::optional<Ticks> deadline = parts_->timer.deadline(hart);
    entry.timer_armed = deadline.has_value();
    entry.timer_ticks = deadline.value_or(0);
    status.harts.push_back(entry);
  }
  status.sources = parts_->plic.status();
  return status;
}

StatisticsList HostSubsystem::statistics() const {
  StatisticsList list;
  for (unsigned hart = 0; hart < parts_->cluster.harts(); ++hart) {
    const HartBusPort& port = parts_->cluster.port(hart);
    const HartState& state = port.iss().state();
    const std::string prefix = "host.hart" + std::to_string(hart) + ".";
    const auto add = [&](const char* item, const char* unit, const char* sentence, std::uint64_t value) {
      list.push_back({prefix + item, unit, sentence, value});
    };
    add("instructions", "instructions", "instructions retired", state.instret);
    add("cycles", "hart_cycles", "cycles since reset: instructions, sleep and stalls", state.cycle());
    add("sleep_cycles", "hart_cycles", "cycles spent in wfi", state.sleep_cycles);
    add("stall_cycles", "hart_cycles", "cycles of trap entries, bus accesses and charged memory accesses",
        state.stall_cycles - state.sleep_cycles);
    add("traps", "traps", "exceptions and interrupts taken", state.traps);
    add("bus_reads", "transactions", "loads and fetches that went over the bus", port.counters().reads);
    add("bus_writes", "transactions", "stores that went over the bus", port.counters().writes);
    add("access_faults", "accesses", "accesses answered with an error", port.counters().faults);
  }
  return list;
}

}  // namespace dixion::host
