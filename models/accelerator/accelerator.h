// SPDX-License-Identifier: Apache-2.0
/// dixion::accelerator, the whole device behind three sockets: an accelerator for diffusion transformers.
/// Models: registers, command queues, DMA, matrix and vector engines with their numbers (docs/numerics.md) and their
/// time (docs/timing.md), global buffer. Omits: address translation, power states.
/// Two instances in one simulation do not know of each other. Nothing here prints, stops the simulation or keeps
/// global state. Needs C++17. Programming model: docs/programming_model.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <systemc>
#include <tlm>

#include "models/command_processor/queue_status.h"
#include "models/common/accelerator_config.h"
#include "models/common/guest_error.h"
#include "models/common/interrupt_sink.h"
#include "models/common/statistics.h"
#include "models/common/trace_sink.h"

namespace dixion {

class KernelSet;   // models/common/kernel_set.h
class MaskSupply;  // models/common/mask_supply.h

class Accelerator final : public sc_core::sc_module {
 public:
  /// Who listens; each may be null, all must outlive the module.
  struct Sinks {
    InterruptSink* interrupts = nullptr;  ///< lines 0 to DIXION_LINES - 1
    GuestErrorSink* errors = nullptr;     ///< without it, mistakes of the software are SystemC warnings
    TraceSink* trace = nullptr;
    const KernelSet* kernels = nullptr;  ///< without it, portable_kernels()
    const MaskSupply* masks = nullptr;   ///< bits of masks in timing mode; without it, of the configured density
  };

  /// Throws ConfigError (models/common/check.h) before any part exists if `config` makes no sense. `config_size` is the
  /// application's idea of the struct: a header that does not belong to the library is refused.
  Accelerator(const sc_core::sc_module_name& name, const AcceleratorConfig& config, const Sinks& sinks,
              std::size_t config_size = sizeof(AcceleratorConfig));
  ~Accelerator() override;

  /// Register window: 64 KiB, global page and a page per queue; aligned 4-byte accesses.
  tlm::tlm_target_socket<64> registers{"registers"};
  /// Global buffer from address 0, for harts and debuggers. Commands name it at DIXION_GLOBAL_BUFFER_BASE.
  tlm::tlm_target_socket<64> buffer{"buffer"};
  /// Everything commands, rings and descriptors name below DIXION_GLOBAL_BUFFER_BASE.
  tlm::tlm_initiator_socket<64> memory{"memory"};

  static constexpr std::uint64_t kRegisterWindow = 0x10000;

  /// Nothing is in flight and no queue has anything to fetch.
  [[nodiscard]] bool idle() const;
  /// One entry per queue.
  [[nodiscard]] std::vector<QueueStatus> queue_status() const;
  /// Everything that was counted; names start with "accelerator.". Calls check_counters().
  [[nodiscard]] StatisticsList statistics() const;
  /// DefectError unless busy, stall and idle cycles of every unit add up to all cycles so far.
  void check_counters() const;

  /// As the constructor does it.
  static void validate(const AcceleratorConfig& config);

 private:
  struct Blocks;
  std::unique_ptr<Blocks> blocks_;
};

}  // namespace dixion
