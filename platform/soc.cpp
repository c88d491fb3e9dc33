// SPDX-License-Identifier: Apache-2.0
#include "platform/soc.h"

#include <algorithm>

#include "models/abi/generated/commands.h"
#include "models/abi/generated/memory_map.h"
#ifdef DIXION_FAST_KERNELS
#include "models/fast_kernels/fast_kernels.h"
#endif

namespace dixion {

namespace {

std::vector<Bus::Window> memory_map(const SocParameters& parameters) {
  return {{"boot_rom", DIXION_MAP_BOOT_ROM_BASE, DIXION_MAP_BOOT_ROM_SIZE},
          {"finisher", DIXION_MAP_FINISHER_BASE, DIXION_MAP_FINISHER_SIZE},
          {"clint", DIXION_MAP_CLINT_BASE, DIXION_MAP_CLINT_SIZE},
          {"accelerator", DIXION_MAP_ACCELERATOR_BASE, DIXION_MAP_ACCELERATOR_SIZE},
          {"plic", DIXION_MAP_PLIC_BASE, DIXION_MAP_PLIC_SIZE},
          {"uart", DIXION_MAP_UART_BASE, DIXION_MAP_UART_SIZE},
          {"dram", DIXION_MAP_DRAM_BASE, parameters.memory.capacity_bytes},
          {"global_buffer", DIXION_MAP_GLOBAL_BUFFER_BASE, parameters.accelerator.global_buffer_bytes}};
}

SimpleDramConfig dram_config(const MemoryParameters& memory) {
  return {memory.capacity_bytes, memory.bytes_per_second, memory.latency_ns * 1000};
}

/// Fast ones, or null where Highway is missing: then the accelerator takes its own, which give the same bits.
std::unique_ptr<KernelSet> make_kernels([[maybe_unused]] unsigned threads) {
#ifdef DIXION_FAST_KERNELS
  return make_fast_kernels(threads == 0 ? default_threads() : threads);
#else
  return nullptr;
#endif
}

}  // namespace

host::HostConfig make_host_config(const SocParameters& parameters) {
  host::HostConfig config;
  config.harts = parameters.host.harts;
  config.clock_hz = parameters.host.clock_hz;
  config.quantum_ticks = parameters.host.quantum_ticks;
  config.mtime_hz = parameters.host.timer_hz;
  config.reset_pc = DIXION_MAP_BOOT_ROM_BASE;
  config.dram_base = DIXION_MAP_DRAM_BASE;
  config.dram_size = parameters.memory.capacity_bytes;
  config.dmi_data = !parameters.host.exact_memory;
  config.dmi_latency = parameters.host.memory_latency;
  config.trap_loop_threshold = parameters.host.trap_loop_threshold;
  return config;
}

Soc::Soc(const sc_core::sc_module_name& name, const SocParameters& parameters, const host::HostConfig& host_config,
         const Observers& observers, unsigned threads, const MaskSupply* masks)
    : sc_module(name),
      host_("host", host_config),
      bus_("bus", {{"host", Requester::kHart}, {"accelerator"}}, memory_map(parameters), &observers.errors,
           observers.bus),
      simple_dram_(parameters.memory.dram ? nullptr
                                          : std::make_unique<SimpleDram>("dram", dram_config(parameters.memory))),
      dram_(parameters.memory.dram ? std::make_unique<DramSystem>("dram", *parameters.memory.dram) : nullptr),
      memory_(dram_ ? dram_->data() : simple_dram_->data()),
      memory_bytes_(parameters.memory.capacity_bytes),
      accelerator_lines_(host_.interrupts()),
      kernels_(make_kernels(threads)),
      accelerator_("accelerator", parameters.accelerator,
                   {&accelerator_lines_, &observers.errors, &observers.trace, kernels_.get(), masks}),
      buffer_bytes_(parameters.accelerator.global_buffer_bytes) {
  host_.bus.bind(bus_.from("host"));
  accelerator_.memory.bind(bus_.from("accelerator"));

  bus_.window("boot_rom").bind(host_.boot_rom);
  bus_.window("finisher").bind(host_.finisher);
  bus_.window("clint").bind(host_.clint);
  bus_.window("plic").bind(host_.plic);
  bus_.window("uart").bind(host_.uart);
  bus_.window("accelerator").bind(accelerator_.registers);
  bus_.window("global_buffer").bind(accelerator_.buffer);
  if (dram_) {
    bus_.window("dram").bind(dram_->port);
  } else {
    bus_.window("dram").bind(simple_dram_->port);
  }
}

bool Soc::read(std::uint64_t address, void* destination, std::size_t length) {
  return debug_access(tlm::TLM_READ_COMMAND, address, static_cast<unsigned char*>(destination), length);
}

bool Soc::write(std::uint64_t address, const void* source, std::size_t length) {
  // A payload has one pointer for both directions; a WRITE leaves its data alone.
  return debug_access(tlm::TLM_WRITE_COMMAND, address,
                      const_cast<unsigned char*>(static_cast<const unsigned char*>(source)), length);
}

bool Soc::debug_access(tlm::tlm_command command, std::uint64_t address, unsigned char* data, std::size_t length) {
  const std::uint64_t offset = address - DIXION_MAP_DRAM_BASE;
  if (address >= DIXION_MAP_DRAM_BASE && offset <= memory_bytes_ && length <= memory_bytes_ - offset) {
    unsigned char* place = memory_ + offset;
    std::copy_n(command == tlm::TLM_READ_COMMAND ? place : data, length,
                command == tlm::TLM_READ_COMMAND ? data : place);
    return true;
  }
  const std::uint64_t in_buffer = address - DIXION_MAP_GLOBAL_BUFFER_BASE;
  if (address < DIXION_MAP_GLOBAL_BUFFER_BASE || in_buffer >= buffer_bytes_ || length > buffer_bytes_ - in_buffer) {
    return false;
  }
  tlm::tlm_generic_payload txn;
  txn.set_command(command);
  txn.set_address(in_buffer);
  txn.set_data_ptr(data);
  txn.set_data_length(static_cast<unsigned>(length));
  txn.set_streaming_width(static_cast<unsigned>(length));
  return bus_.window("global_buffer")->transport_dbg(txn) == length;
}

void Soc::AcceleratorLines::set_level(unsigned line, bool level) {
  controller_.set_level(DIXION_MAP_ACCELERATOR_IRQ + line, level);
}

StatisticsList Soc::statistics() {
  StatisticsList all = host_.statistics();
  for (const StatisticsList& part :
       {dram_ ? dram_->statistics("dram") : simple_dram_->statistics("dram"), accelerator_.statistics()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace dixion
