// SPDX-License-Identifier: Apache-2.0
// Traps, returns and csr instructions: what leaves the straight line of execution.
#include "host/iss/iss.h"

namespace dixion::host {

void Iss::set_interrupt(Interrupt interrupt, bool level) {
  const std::uint64_t bit = 1ULL << static_cast<unsigned>(interrupt);
  state_.mip = level ? state_.mip | bit : state_.mip & ~bit;
}

void Iss::stall(Cycles cycles, bool asleep) {
  state_.stall_cycles += cycles;
  if (asleep) state_.sleep_cycles += cycles;
}

void Iss::enter_trap(std::uint64_t cause, std::uint64_t value, std::uint64_t handler) {
  HartState& s = state_;
  // Nothing retired since the last mret, or since the last trap: the handler achieves nothing, or faults itself. A
  // handler that faults after some instructions of its own never reaches mret, and is found by its equal cause.
  const bool same = s.traps != 0 && s.mepc == s.pc && s.mcause == cause && s.mtval == value;
  const bool inside_handler = (s.mstatus & (kMstatusMie | kMstatusMpie)) == 0;
  const bool progress = s.instret != s.progress_instret && !inside_handler;
  s.equal_traps = same && !progress ? s.equal_traps + 1 : 0;
  s.progress_instret = s.instret;
  ++s.traps;

  s.mepc = s.pc;
  s.mcause = cause;
  s.mtval = value;
  s.mstatus = kMstatusMpp | ((s.mstatus & kMstatusMie) != 0 ? kMstatusMpie : 0);
  s.reserved = false;
  s.pc = handler;
  bus_.trap_taken();
}

void Iss::take_exception(Exception cause, std::uint64_t value) {
  enter_trap(static_cast<std::uint64_t>(cause), value, state_.mtvec & ~3ULL);
}

void Iss::take_interrupt() {
  const std::uint64_t pending = state_.mip & state_.mie;
  Interrupt interrupt = Interrupt::kTimer;
  if ((pending & (1U << static_cast<unsigned>(Interrupt::kSoftware))) != 0) interrupt = Interrupt::kSoftware;
  if ((pending & (1U << static_cast<unsigned>(Interrupt::kExternal))) != 0) interrupt = Interrupt::kExternal;
  const auto number = static_cast<std::uint64_t>(interrupt);
  const bool vectored = (state_.mtvec & 3U) == 1;
  enter_trap(kInterruptCause | number, 0, (state_.mtvec & ~3ULL) + (vectored ? 4 * number : 0));
}

void Iss::return_from_trap() {
  HartState& s = state_;
  s.pc = s.mepc;
  s.mstatus = kMstatusMpp | kMstatusMpie | ((s.mstatus & kMstatusMpie) != 0 ? kMstatusMie : 0);
  s.progress_instret = s.instret;
}

bool Iss::execute_csr(const Op& op) {
  const auto number = static_cast<unsigned>(op.imm >> 20) & 0xFFFU;
  const bool immediate = op.code >= Opcode::kCsrrwi;
  const std::uint64_t operand = immediate ? op.rs1 : state_.x[op.rs1];
  const bool replaces = op.code == Opcode::kCsrrw || op.code == Opcode::kCsrrwi;
  const bool reads = !replaces || op.rd != kDiscardRegister;
  const bool writes = replaces || op.rs1 != 0;

  CounterView counters{state_.instret - 1, state_.cycle() - 1, 0};
  counters.mtime = bus_.mtime(counters.cycle);
  const std::optional<std::uint64_t> old = read_csr(state_, number, counters);
  if (reads && !old) return false;
  if (writes) {
    const bool sets = op.code == Opcode::kCsrrs || op.code == Opcode::kCsrrsi;
    const std::uint64_t value = replaces ? operand : sets ? *old | operand : *old & ~operand;
    if (!write_csr(state_, number, value, counters)) return false;
  }
  if (reads) state_.x[op.rd] = *old;
  return true;
}

}  // namespace dixion::host
