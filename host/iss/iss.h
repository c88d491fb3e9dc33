// SPDX-License-Identifier: Apache-2.0
/// One RISC-V hart: RV64IMAC, Zicsr, Zifencei, machine mode.
/// Time: an instruction takes one cycle of the hart clock; a trapping instruction takes one and does not retire; bus
/// accesses, sleep and charged memory accesses add stall cycles. Executes whole decoded blocks, often two
/// instructions at once. Read next: Iss::execute (iss.cpp), execute_base.inc, pairs.h.
#pragma once

#include <cstdint>

#include "host/iss/block_cache.h"
#include "host/iss/csr.h"
#include "host/iss/hart_bus.h"
#include "host/iss/hart_state.h"
#include "host/iss/memory_path.h"

namespace dixion::host {

enum class RunExit : std::uint8_t {
  kLimit,    ///< no further instruction starts before the limit
  kBus,      ///< the next instruction needs the bus, which said kNotNow
  kWaiting,  ///< in wfi with no enabled interrupt pending
};

class Iss {
 public:
  /// `direct_latency`: hart_cycles added to each load and store of direct memory.
  explicit Iss(HartBus& bus, Cycles direct_latency = 0);

  /// Executes every instruction that starts before edge `limit` of the hart clock, taking interrupts where due.
  RunExit run(Cycles limit);

  void set_interrupt(Interrupt interrupt, bool level);
  /// Time passes without an instruction: sleep in wfi or a transaction. Only between runs.
  void stall(Cycles cycles, bool asleep);

  [[nodiscard]] HartState& state() { return state_; }
  [[nodiscard]] const HartState& state() const { return state_; }
  /// Pointers to direct memory are no longer valid. Takes effect at once for data, with the next block for code.
  void drop_direct_memory();
  /// Forgets decoded code, as fence.i does. Takes effect with the next run().
  void forget_code() { forget_code_ = true; }

 private:
  /// run() once it is clear that an instruction starts. With `table`: sets it to the handlers, does nothing else.
  RunExit execute(Cycles limit, const void* const** table);
  const void* const* handlers();
  [[nodiscard]] bool interrupt_due() const {
    return (state_.mip & state_.mie) != 0 && (state_.mstatus & kMstatusMie) != 0;
  }
  void take_interrupt();
  void take_exception(Exception cause, std::uint64_t value);
  void enter_trap(std::uint64_t cause, std::uint64_t value, std::uint64_t handler);
  void return_from_trap();
  /// False: illegal. `op` is one of the six csr instructions, already counted in instret.
  bool execute_csr(const Op& op);
  /// The first `count` instructions of `block`, then kStop. Fewer than it has.
  Block* shortened(const Block& block, std::int64_t count);

  HartBus& bus_;
  HartState state_;
  MemoryPath memory_;
  BlockCache cache_;
  bool forget_code_ = false;
  Block shortened_;
};

}  // namespace dixion::host
