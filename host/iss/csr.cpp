// SPDX-License-Identifier: Apache-2.0
// RISC-V privileged specification, chapters 2 and 3.
#include "host/iss/csr.h"

namespace dixion::host {
namespace {

enum Number : unsigned {
  kMstatus = 0x300,
  kMisa = 0x301,
  kMie = 0x304,
  kMtvec = 0x305,
  kMcounteren = 0x306,
  kMcountinhibit = 0x320,
  kMhpmevent3 = 0x323,
  kMhpmevent31 = 0x33F,
  kMscratch = 0x340,
  kMepc = 0x341,
  kMcause = 0x342,
  kMtval = 0x343,
  kMip = 0x344,
  kPmpcfg0 = 0x3A0,
  kPmpcfg15 = 0x3AF,
  kPmpaddr0 = 0x3B0,
  kPmpaddr63 = 0x3EF,
  kMcycle = 0xB00,
  kMinstret = 0xB02,
  kMhpmcounter3 = 0xB03,
  kMhpmcounter31 = 0xB1F,
  kCycle = 0xC00,
  kTime = 0xC01,
  kInstret = 0xC02,
  kHpmcounter3 = 0xC03,
  kHpmcounter31 = 0xC1F,
  kMvendorid = 0xF11,
  kMarchid = 0xF12,
  kMimpid = 0xF13,
  kMhartid = 0xF14,
  kMconfigptr = 0xF15,
};

constexpr std::uint64_t extension(char letter) { return 1ULL << (letter - 'A'); }
constexpr std::uint64_t kMisaValue = (2ULL << 62) | extension('I') | extension('M') | extension('A') | extension('C');
constexpr std::uint64_t kInterrupts = (1U << 3) | (1U << 7) | (1U << 11);

constexpr bool between(unsigned number, unsigned first, unsigned last) { return number >= first && number <= last; }

// Registers that exist with the value zero.
bool is_zero(unsigned number) {
  if (between(number, kPmpcfg0, kPmpcfg15)) return number % 2 == 0;  // RV64 has the even ones only
  return between(number, kPmpaddr0, kPmpaddr63) || between(number, kMhpmevent3, kMhpmevent31) ||
         between(number, kMhpmcounter3, kMhpmcounter31) || between(number, kHpmcounter3, kHpmcounter31) ||
         number == kMcountinhibit || number == kMvendorid || number == kMarchid || number == kMimpid ||
         number == kMconfigptr;
}

bool visible(const HartState& state, unsigned number) {
  return static_cast<unsigned>(state.privilege) >= ((number >> 8) & 3U);
}

}  // namespace

std::optional<std::uint64_t> read_csr(const HartState& state, unsigned number, const CounterView& counters) {
  if (!visible(state, number)) return std::nullopt;
  switch (number) {
    case kMstatus:
      return state.mstatus;
    case kMisa:
      return kMisaValue;
    case kMie:
      return state.mie;
    case kMtvec:
      return state.mtvec;
    case kMcounteren:
      return state.mcounteren;
    case kMscratch:
      return state.mscratch;
    case kMepc:
      return state.mepc;
    case kMcause:
      return state.mcause;
    case kMtval:
      return state.mtval;
    case kMip:
      return state.mip;
    case kMcycle:
    case kCycle:
      return counters.cycle + state.mcycle_offset;
    case kTime:
      return counters.mtime;
    case kMinstret:
    case kInstret:
      return counters.instret + state.minstret_offset;
    case kMhartid:
      return state.hart_id;
    default:
      break;
  }
  if (is_zero(number)) return 0;
  return std::nullopt;
}

bool write_csr(HartState& state, unsigned number, std::uint64_t value, const CounterView& counters) {
  const bool read_only = (number >> 10) == 3;
  if (read_only || !visible(state, number)) return false;
  switch (number) {
    case kMstatus:
      state.mstatus = kMstatusMpp | (value & (kMstatusMie | kMstatusMpie));
      return true;
    case kMie:
      state.mie = value & kInterrupts;
      return true;
    case kMtvec:
      if ((value & 3U) <= 1) state.mtvec = value;
      return true;
    case kMcounteren:
      state.mcounteren = value & 0xFFFFFFFFU;
      return true;
    case kMscratch:
      state.mscratch = value;
      return true;
    case kMepc:
      state.mepc = value & ~1ULL;
      return true;
    case kMcause:
      state.mcause = value;
      return true;
    case kMtval:
      state.mtval = value;
      return true;
    // The next instruction reads the written value: this one does not count.
    case kMcycle:
      state.mcycle_offset = value - (counters.cycle + 1);
      return true;
    case kMinstret:
      state.minstret_offset = value - (counters.instret + 1);
      return true;
    case kMisa:
    case kMip:
      return true;  // every bit is fixed or a line
    default:
      return is_zero(number);
  }
}

}  // namespace dixion::host
