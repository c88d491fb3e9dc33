// SPDX-License-Identifier: Apache-2.0
/// The simulated system on chip: harts and their devices, accelerator, DRAM, and the bus between them.
/// Models: what the blocks model. Time: theirs; the bus adds none. Memory map: models/abi/generated/memory_map.h.
/// Read next: the constructor, which is the block diagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <systemc>

#include "host/host_subsystem.h"
#include "models/accelerator/accelerator.h"
#include "models/common/guest_error.h"
#include "models/common/interrupt_sink.h"
#include "models/common/kernel_set.h"
#include "models/common/statistics.h"
#include "models/common/trace_sink.h"
#include "platform/bus.h"
#include "platform/dram/dram_system.h"
#include "platform/dram/simple_dram.h"
#include "platform/soc_config.h"

namespace dixion {

class MaskSupply;  // models/common/mask_supply.h

class Soc final : public sc_core::sc_module {
 public:
  /// Who watches. All must outlive the SoC; `bus` may be null.
  struct Observers {
    GuestErrorSink& errors;
    TraceSink& trace;
    BusObserver* bus = nullptr;
  };

  /// `host_config` carries boot ROM and callbacks; harts, clocks and sizes are taken from `parameters`. `threads` of
  /// the workstation compute tensors; 0: as many as default_threads() says. `masks` are those of timing mode (see
  /// Accelerator::Sinks); they outlive the SoC.
  Soc(const sc_core::sc_module_name& name, const SocParameters& parameters, const host::HostConfig& host_config,
      const Observers& observers, unsigned threads = 0, const MaskSupply* masks = nullptr);

  [[nodiscard]] host::HostSubsystem& host() { return host_; }
  [[nodiscard]] Accelerator& accelerator() { return accelerator_; }

  /// Bytes of DRAM or global buffer by physical address, without time or side effects. False if any lies outside.
  bool read(std::uint64_t address, void* destination, std::size_t length);
  bool write(std::uint64_t address, const void* source, std::size_t length);
  /// All blocks, in the order of the diagram. Names start with the block's.
  [[nodiscard]] StatisticsList statistics();

 private:
  /// The accelerator's lines are the interrupt controller's sources from DIXION_MAP_ACCELERATOR_IRQ on.
  class AcceleratorLines final : public InterruptSink {
   public:
    explicit AcceleratorLines(InterruptSink& controller) : controller_(controller) {}
    void set_level(unsigned line, bool level) override;

   private:
    InterruptSink& controller_;
  };

  bool debug_access(tlm::tlm_command command, std::uint64_t address, unsigned char* data, std::size_t length);

  host::HostSubsystem host_;
  Bus bus_;
  std::unique_ptr<SimpleDram> simple_dram_;  // one of the two
  std::unique_ptr<DramSystem> dram_;
  unsigned char* memory_;
  std::uint64_t memory_bytes_;
  AcceleratorLines accelerator_lines_;
  std::unique_ptr<KernelSet> kernels_;
  Accelerator accelerator_;
  std::uint64_t buffer_bytes_;
};

/// HostConfig with what the configuration says and the observers; boot ROM and callbacks are the caller's.
[[nodiscard]] host::HostConfig make_host_config(const SocParameters& parameters);

}  // namespace dixion
