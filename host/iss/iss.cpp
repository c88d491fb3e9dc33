// SPDX-License-Identifier: Apache-2.0
#include "host/iss/iss.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "host/iss/arithmetic.h"

namespace dixion::host {

Iss::Iss(HartBus& bus, Cycles direct_latency) : bus_(bus), memory_(bus, direct_latency), cache_(memory_) {}

void Iss::drop_direct_memory() {
  memory_.drop_direct_memory();
  forget_code_ = true;
}

const Op* Iss::shortened(const Block& block, std::int64_t count) {
  std::copy_n(block.ops.begin(), count, scratch_.begin());
  Op stop;
  stop.code = Opcode::kStop;
  stop.imm = static_cast<std::int64_t>(block.pc) + block.ops[static_cast<std::size_t>(count)].offset;
  scratch_[static_cast<std::size_t>(count)] = stop;
  return scratch_.data();
}

// Handlers jump to each other through this table, indexed by Opcode: one indirect branch per instruction, which the
// workstation predicts by the instruction it comes from.
#define DIXION_LABEL(name) &&op_##name,
#define HANDLER(name) op_##name:
#define DISPATCH() goto* kHandlers[static_cast<unsigned>(op->code)]
#define NEXT()  \
  do {          \
    ++op;       \
    DISPATCH(); \
  } while (false)
// Moves on to the block at `target`, through the link left by an earlier visit if there is one.
#define CHAIN(slot, target)                    \
  do {                                         \
    link = &block->next[slot];                 \
    if (*link != nullptr) {                    \
      block = *link;                           \
      goto enter_block;                        \
    }                                          \
    s.pc = static_cast<std::uint64_t>(target); \
    goto look_up;                              \
  } while (false)
#define RAISE(exception, value)      \
  do {                               \
    fault = Fault{exception, value}; \
    goto raise_fault;                \
  } while (false)

RunExit Iss::run(Cycles limit) {
  static const void* const kHandlers[] = {DIXION_OPS(DIXION_LABEL)};
  HartState& s = state_;
  if (forget_code_) {
    cache_.clear();
    forget_code_ = false;
  }
  if (s.waiting) {
    if ((s.mip & s.mie) == 0) return RunExit::kWaiting;
    s.waiting = false;
  }
  if (limit <= s.cycle()) return RunExit::kLimit;

  // Cycles until the limit, less those of every block entered. instret is brought up to date from it where somebody
  // can look: `accounted` is its value at that moment.
  std::int64_t budget =
      static_cast<std::int64_t>(std::min<Cycles>(limit - s.cycle(), std::numeric_limits<std::int64_t>::max()));
  std::int64_t accounted = budget;
  const auto account = [&] {
    s.instret += static_cast<std::uint64_t>(accounted - budget);
    accounted = budget;
  };
  const auto charge = [&](Cycles cycles) {
    budget -= static_cast<std::int64_t>(cycles);
    accounted -= static_cast<std::int64_t>(cycles);
    s.stall_cycles += cycles;
  };
  std::uint64_t* const x = s.x.data();
  Block* block = nullptr;
  Block** link = nullptr;  // the pointer through which the next block will be found at once
  const Op* op = nullptr;
  const Op* first = nullptr;  // of the block, or of its shortened copy
  std::int64_t entered = 0;   // instructions from `first` that `budget` has paid for
  Outcome outcome = Outcome::kDone;
  RunExit exit = RunExit::kLimit;
  Fault fault;
  const auto pc_of_op = [&] { return block->pc + op->offset; };

boundary:  // s.pc and instret are exact; interrupts may be taken
  link = nullptr;
  if (budget <= 0) goto leave;
  if (interrupt_due()) take_interrupt();

look_up:
  block = cache_.find(s.pc);
  if (block == nullptr) {
    const std::uint64_t generation = cache_.generation();
    account();  // a fetch may go out to the bus
    Block* fresh = nullptr;  // `block` itself stays in a register
    outcome = cache_.translate(s.pc, fresh);
    block = fresh;
    if (generation != cache_.generation()) link = nullptr;
    if (outcome == Outcome::kTrap) {
      if (budget <= 0) goto leave;
      charge(1);
      take_exception(memory_.fault().cause, memory_.fault().value);
      goto boundary;
    }
    if (outcome == Outcome::kNotNow) {
      exit = RunExit::kBus;
      goto leave;
    }
  }
  if (link != nullptr) *link = block;

enter_block:
  if (budget >= block->count) [[likely]] {
    first = block->ops.data();
    entered = block->count;
  } else {
    s.pc = block->pc;
    if (budget <= 0) goto leave;
    first = shortened(*block, budget);
    entered = budget;
  }
  budget -= entered;
  op = first;
  DISPATCH();

  // Base first: the others use its macros.
  // clang-format off
#include "host/iss/execute_base.inc"
#include "host/iss/execute_muldiv.inc"
#include "host/iss/execute_atomic.inc"
#include "host/iss/execute_system.inc"
  // clang-format on

  HANDLER(End) CHAIN(0, op->imm);
  HANDLER(Stop) s.pc = static_cast<std::uint64_t>(op->imm);
  goto leave;

memory_refused:  // the access of `op` was not done
  if (outcome == Outcome::kTrap) RAISE(memory_.fault().cause, memory_.fault().value);
  budget += entered - (op - first);
  s.pc = pc_of_op();
  exit = RunExit::kBus;
  goto leave;

raise_fault:  // `op` takes its cycle but does not retire
  budget += entered - (op - first);
  charge(1);
  account();
  s.pc = pc_of_op();
  take_exception(fault.cause, fault.value);
  goto boundary;

leave:
  account();
  return exit;
}

}  // namespace dixion::host
