// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "models/common/clock.h"

namespace dixion::host {

/// Privilege modes as encoded in mstatus.MPP. Only machine mode exists so far.
enum class Privilege : std::uint8_t { kUser = 0, kSupervisor = 1, kMachine = 3 };

/// Exception codes of mcause (RISC-V privileged specification, table 3.6).
enum class Exception : std::uint64_t {
  kFetchAccessFault = 1,
  kIllegalInstruction = 2,
  kBreakpoint = 3,
  kLoadMisaligned = 4,
  kLoadAccessFault = 5,
  kStoreMisaligned = 6,
  kStoreAccessFault = 7,
  kEcallFromMachine = 11,
};

/// Interrupt numbers: bits of mip and mie, and mcause without its top bit.
enum class Interrupt : unsigned { kSoftware = 3, kTimer = 7, kExternal = 11 };

inline constexpr std::uint64_t kInterruptCause = 1ULL << 63;  ///< mcause of interrupts
inline constexpr std::uint64_t kMstatusMie = 1ULL << 3;
inline constexpr std::uint64_t kMstatusMpie = 1ULL << 7;
inline constexpr std::uint64_t kMstatusMpp = 3ULL << 11;  ///< always machine

/// Everything an instruction can read or change. Plain data: saving and restoring is copying.
struct HartState {
  std::array<std::uint64_t, 33> x{};  ///< x[32] takes writes to x0
  std::uint64_t pc = 0;
  Privilege privilege = Privilege::kMachine;
  std::uint64_t hart_id = 0;

  std::uint64_t instret = 0;  ///< instructions retired since reset
  Cycles stall_cycles = 0;    ///< hart_cycles in which none retired: sleep, bus, trap entry
  Cycles sleep_cycles = 0;    ///< the part of stall_cycles spent in wfi
  bool waiting = false;       ///< in wfi

  std::uint64_t mstatus = kMstatusMpp;
  std::uint64_t mie = 0;
  std::uint64_t mip = 0;
  std::uint64_t mtvec = 0;
  std::uint64_t mepc = 0;
  std::uint64_t mcause = 0;
  std::uint64_t mtval = 0;
  std::uint64_t mscratch = 0;
  std::uint64_t mcounteren = 0;
  std::uint64_t mcycle_offset = 0;    ///< mcycle = cycle() + offset, modulo 2^64
  std::uint64_t minstret_offset = 0;  ///< minstret = instret + offset, modulo 2^64

  bool reserved = false;  ///< lr without sc so far
  std::uint64_t reserved_address = 0;
  std::uint64_t reserved_value = 0;  ///< what lr read: sc fails if memory holds something else

  std::uint64_t traps = 0;
  std::uint64_t equal_traps = 0;       ///< in a row: same pc, cause and value, nothing retired outside the handler
  std::uint64_t progress_instret = 0;  ///< instret at the last mret or trap entry

  /// Absolute number of the hart-clock edge at which the next instruction starts.
  [[nodiscard]] Cycles cycle() const { return instret + stall_cycles; }

  /// State after reset; `now` is the clock edge of the first instruction.
  void reset(std::uint64_t hart, std::uint64_t reset_pc, Cycles now = 0) {
    *this = HartState{};
    hart_id = hart;
    pc = reset_pc;
    stall_cycles = now;
    mcycle_offset = 0 - now;
  }
};

}  // namespace dixion::host
