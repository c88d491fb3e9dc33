// SPDX-License-Identifier: Apache-2.0
#include "host/iss/iss.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "host/iss/alu.h"
#include "host/iss/pairs.h"

namespace dixion::host {

Iss::Iss(HartBus& bus, Cycles direct_latency) : bus_(bus), memory_(bus, direct_latency), cache_(memory_, handlers()) {}

const void* const* Iss::handlers() {
  const void* const* table = nullptr;
  execute(0, &table);
  return table;
}

void Iss::drop_direct_memory() {
  memory_.drop_direct_memory();
  forget_code_ = true;
}

Block* Iss::shortened(const Block& block, std::int64_t count) {
  const auto kept = static_cast<std::size_t>(count);
  shortened_.pc = block.pc;
  shortened_.end = block.pc + block.ops[kept].offset;
  shortened_.count = count;
  shortened_.ops.assign(block.ops.begin(), block.ops.begin() + count);
  cache_.seal(shortened_, Opcode::kStop);
  return &shortened_;
}

// Handlers jump to each other: one indirect branch for every one or two instructions, which the workstation predicts by
// the place it comes from.
#define DIXION_LABEL(name) &&op_##name,
#define DIXION_PAIR_LABEL(first_kind, first, second_kind, second) DIXION_LABEL(first##second)
#define DIXION_CHAIN_LABEL(first_kind, first, second_kind, second) DIXION_LABEL(first##second##Chained)
#define HANDLER(name) op_##name:
#define DISPATCH() goto * op->handler
#define NEXT()  \
  do {          \
    ++op;       \
    DISPATCH(); \
  } while (false)
// Begins a block that ends before the limit.
#define ENTER(successor)    \
  do {                      \
    block = successor;      \
    budget -= block->count; \
    op = block->ops.data(); \
    DISPATCH();             \
  } while (false)
// Moves on to the block at `target`, through the link left by an earlier visit if there is one.
#define CHAIN(slot, target)                    \
  do {                                         \
    link = &block->next[slot];                 \
    if (budget >= (*link)->count) [[likely]]   \
      ENTER(*link);                            \
    s.pc = static_cast<std::uint64_t>(target); \
    goto look_up;                              \
  } while (false)
#define RAISE(exception, value)      \
  do {                               \
    fault = Fault{exception, value}; \
    goto raise_fault;                \
  } while (false)

RunExit Iss::run(Cycles limit) {
  if (forget_code_) {
    cache_.clear();
    forget_code_ = false;
  }
  if (state_.waiting) {
    if ((state_.mip & state_.mie) == 0) return RunExit::kWaiting;
    state_.waiting = false;
  }
  return limit <= state_.cycle() ? RunExit::kLimit : execute(limit, nullptr);
}

RunExit Iss::execute(Cycles limit, const void* const** table) {
  static const void* const kHandlers[] = {DIXION_OPS(DIXION_LABEL) DIXION_PAIRS(DIXION_PAIR_LABEL)
                                              DIXION_CHAINED_PAIRS(DIXION_CHAIN_LABEL)};
  if (table != nullptr) {  // labels have addresses in here only
    *table = kHandlers;
    return RunExit::kLimit;
  }
  HartState& s = state_;

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
  Outcome outcome = Outcome::kDone;
  RunExit exit = RunExit::kLimit;
  Fault fault;
  std::uint64_t latest = 0;  // what the last operation wrote to its register, for the one chained to it
  const auto pc_of_op = [&] { return block->pc + op->offset; };
  // The block was paid for as a whole: gives back what follows `op`, and `op` itself.
  const auto refund = [&] { budget += block->count - (op - block->ops.data()); };

boundary:  // s.pc and instret are exact; interrupts may be taken
  link = nullptr;
  if (budget <= 0) goto leave;
  if (interrupt_due()) take_interrupt();

look_up:  // s.pc is exact; *link, if there is a link, is to lead there
  if (budget <= 0) goto leave;
  block = cache_.find(s.pc);
  if (block == nullptr) {
    const std::uint64_t generation = cache_.generation();
    account();               // a fetch may go out to the bus
    Block* fresh = nullptr;  // `block` itself stays in a register
    outcome = cache_.translate(s.pc, fresh);
    block = fresh;
    if (generation != cache_.generation()) link = nullptr;
    if (outcome == Outcome::kTrap) {
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
  if (budget < block->count) block = shortened(*block, budget);
  ENTER(block);

  // Base first: the others use its macros.
  // clang-format off
#include "host/iss/execute_base.inc"
#include "host/iss/execute_atomic.inc"
#include "host/iss/execute_system.inc"
#include "host/iss/execute_pairs.inc"
  // clang-format on

  HANDLER(End) CHAIN(0, block->end);
  HANDLER(Stop) s.pc = block->end;
  goto leave;

memory_refused:  // the access of `op` was not done
  if (outcome == Outcome::kTrap) RAISE(memory_.fault().cause, memory_.fault().value);
  refund();
  s.pc = pc_of_op();
  exit = RunExit::kBus;
  goto leave;

raise_fault:  // `op` takes its cycle but does not retire
  refund();
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
