// SPDX-License-Identifier: Apache-2.0
// RV64I: RISC-V unprivileged specification, chapters 2 and 5.
#include <array>

#include "host/iss/decode.h"

namespace dixion::host {
namespace {

constexpr std::int64_t immediate_i(std::uint32_t word) { return sign_extend(bits_of(word, 20, 12), 12); }
constexpr std::int64_t immediate_s(std::uint32_t word) {
  return sign_extend((bits_of(word, 25, 7) << 5) | bits_of(word, 7, 5), 12);
}
constexpr std::int64_t immediate_b(std::uint32_t word) {
  return sign_extend((bits_of(word, 31, 1) << 12) | (bits_of(word, 7, 1) << 11) | (bits_of(word, 25, 6) << 5) |
                         (bits_of(word, 8, 4) << 1),
                     13);
}
constexpr std::int64_t immediate_j(std::uint32_t word) {
  return sign_extend((bits_of(word, 31, 1) << 20) | (bits_of(word, 12, 8) << 12) | (bits_of(word, 20, 1) << 11) |
                         (bits_of(word, 21, 10) << 1),
                     21);
}
constexpr std::int64_t immediate_u(std::uint32_t word) { return sign_extend(word & 0xFFFFF000U, 32); }

using Funct3Table = std::array<Opcode, 8>;
constexpr Opcode kNone = Opcode::kIllegal;
constexpr Funct3Table kBranches = {Opcode::kBeq, Opcode::kBne, kNone,         kNone,
                                   Opcode::kBlt, Opcode::kBge, Opcode::kBltu, Opcode::kBgeu};
constexpr Funct3Table kLoads = {Opcode::kLb,  Opcode::kLh,  Opcode::kLw,  Opcode::kLd,
                                Opcode::kLbu, Opcode::kLhu, Opcode::kLwu, kNone};
constexpr Funct3Table kStores = {Opcode::kSb, Opcode::kSh, Opcode::kSw, Opcode::kSd, kNone, kNone, kNone, kNone};
constexpr Funct3Table kImmediates = {Opcode::kAddi, kNone, Opcode::kSlti, Opcode::kSltiu,
                                     Opcode::kXori, kNone, Opcode::kOri,  Opcode::kAndi};
constexpr Funct3Table kRegisters = {Opcode::kAdd, Opcode::kSll, Opcode::kSlt, Opcode::kSltu,
                                    Opcode::kXor, Opcode::kSrl, Opcode::kOr,  Opcode::kAnd};
constexpr Funct3Table kRegistersAlternate = {Opcode::kSub, kNone, kNone, kNone, kNone, Opcode::kSra, kNone, kNone};
constexpr Funct3Table kWords = {Opcode::kAddw, Opcode::kSllw, kNone, kNone, kNone, Opcode::kSrlw, kNone, kNone};
constexpr Funct3Table kWordsAlternate = {Opcode::kSubw, kNone, kNone, kNone, kNone, Opcode::kSraw, kNone, kNone};

// A shift by an immediate of `bits` bits; `high` is what stands above the shift amount.
Opcode shift(std::uint32_t funct3, std::uint32_t high, std::uint32_t arithmetic, Opcode left, Opcode right,
             Opcode right_arithmetic) {
  if (funct3 == 1 && high == 0) return left;
  if (funct3 == 5 && high == 0) return right;
  if (funct3 == 5 && high == arithmetic) return right_arithmetic;
  return kNone;
}

}  // namespace

bool decode_base(std::uint32_t word, std::uint64_t pc, Op& op) {
  const std::uint32_t funct3 = bits_of(word, 12, 3);
  const std::uint32_t funct7 = bits_of(word, 25, 7);
  const auto target = [pc](std::int64_t offset) { return static_cast<std::int64_t>(pc) + offset; };
  op.rd = destination(register_at(word, 7));
  op.rs1 = register_at(word, 15);
  op.rs2 = register_at(word, 20);
  switch (bits_of(word, 0, 7)) {
    case 0x37:
      op.code = Opcode::kLi;
      op.imm = immediate_u(word);
      return true;
    case 0x17:
      op.code = Opcode::kLi;
      op.imm = target(immediate_u(word));
      return true;
    case 0x6F:
      op.code = Opcode::kJal;
      op.imm = target(immediate_j(word));
      return true;
    case 0x67:
      op.code = funct3 == 0 ? Opcode::kJalr : kNone;
      op.imm = immediate_i(word);
      break;
    case 0x63:
      op.code = kBranches[funct3];
      op.rd = kDiscardRegister;
      op.imm = target(immediate_b(word));
      break;
    case 0x03:
      op.code = kLoads[funct3];
      op.imm = immediate_i(word);
      break;
    case 0x23:
      op.code = kStores[funct3];
      op.rd = kDiscardRegister;
      op.imm = immediate_s(word);
      break;
    case 0x13:
      op.code = kImmediates[funct3];
      op.imm = immediate_i(word);
      if (op.code == kNone) {
        op.code = shift(funct3, bits_of(word, 26, 6), 0x10, Opcode::kSlli, Opcode::kSrli, Opcode::kSrai);
        op.imm = bits_of(word, 20, 6);
      }
      break;
    case 0x1B:
      op.imm = immediate_i(word);
      op.code = Opcode::kAddiw;
      if (funct3 != 0) {
        op.code = shift(funct3, funct7, 0x20, Opcode::kSlliw, Opcode::kSrliw, Opcode::kSraiw);
        op.imm = bits_of(word, 20, 5);
      }
      break;
    case 0x33:
      if (funct7 == 0) op.code = kRegisters[funct3];
      if (funct7 == 0x20) op.code = kRegistersAlternate[funct3];
      break;
    case 0x3B:
      if (funct7 == 0) op.code = kWords[funct3];
      if (funct7 == 0x20) op.code = kWordsAlternate[funct3];
      break;
    case 0x0F:
      // One hart's accesses are in program order already: every fence is a no-op that retires.
      if (funct3 == 0) op.code = Opcode::kFence;
      break;
    default:
      return false;
  }
  return op.code != kNone;
}

}  // namespace dixion::host
