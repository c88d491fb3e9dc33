// SPDX-License-Identifier: Apache-2.0
/// Every operation the executor knows, one list per kind or extension. Decoders produce them, execute_*.inc runs them.
/// Compressed instructions have none of their own: they decode to the operation they abbreviate. A new extension
/// (F, D, Sv39's sfence.vma ...) adds a list here, a decode_*.cpp and an execute_*.inc.
#pragma once

#include <cstdint>

// clang-format off
// RV64I: register := f(registers, immediate). kLi covers lui, auipc and li: the decoder knows the value.
#define DIXION_OPS_BASE_ALU(X) \
  X(Li) X(Addi) X(Slti) X(Sltiu) X(Xori) X(Ori) X(Andi) X(Slli) X(Srli) X(Srai) X(Addiw) X(Slliw) X(Srliw) X(Sraiw) \
  X(Add) X(Sub) X(Sll) X(Slt) X(Sltu) X(Xor) X(Srl) X(Sra) X(Or) X(And) X(Addw) X(Subw) X(Sllw) X(Srlw) X(Sraw)
#define DIXION_OPS_MULDIV(X) \
  X(Mul) X(Mulh) X(Mulhsu) X(Mulhu) X(Div) X(Divu) X(Rem) X(Remu) X(Mulw) X(Divw) X(Divuw) X(Remw) X(Remuw)
#define DIXION_OPS_ALU(X) DIXION_OPS_BASE_ALU(X) DIXION_OPS_MULDIV(X)

#define DIXION_OPS_BRANCH(X) X(Beq) X(Bne) X(Blt) X(Bge) X(Bltu) X(Bgeu)
#define DIXION_OPS_LOAD(X) X(Lb) X(Lh) X(Lw) X(Ld) X(Lbu) X(Lhu) X(Lwu)
#define DIXION_OPS_STORE(X) X(Sb) X(Sh) X(Sw) X(Sd)

#define DIXION_OPS_ATOMIC(X) \
  X(LrW) X(LrD) X(ScW) X(ScD) \
  X(AmoswapW) X(AmoaddW) X(AmoxorW) X(AmoandW) X(AmoorW) X(AmominW) X(AmomaxW) X(AmominuW) X(AmomaxuW) \
  X(AmoswapD) X(AmoaddD) X(AmoxorD) X(AmoandD) X(AmoorD) X(AmominD) X(AmomaxD) X(AmominuD) X(AmomaxuD)

// Zicsr, Zifencei, machine mode. All of them end a block.
#define DIXION_OPS_SYSTEM(X) \
  X(Csrrw) X(Csrrs) X(Csrrc) X(Csrrwi) X(Csrrsi) X(Csrrci) X(FenceI) X(Ecall) X(Ebreak) X(Mret) X(Wfi) X(Illegal)

// Not instructions: End leaves a block that does not jump, Stop leaves the executor.
#define DIXION_OPS_CONTROL(X) X(End) X(Stop)

// In this order: the decoder's tables and the classification of opcodes go by ranges.
#define DIXION_OPS(X)                                                                                \
  DIXION_OPS_BASE_ALU(X) DIXION_OPS_BRANCH(X) X(Jal) X(Jalr) DIXION_OPS_LOAD(X) DIXION_OPS_STORE(X)  \
  X(Fence) DIXION_OPS_MULDIV(X) DIXION_OPS_ATOMIC(X) DIXION_OPS_SYSTEM(X) DIXION_OPS_CONTROL(X)
// clang-format on

namespace dixion::host {

enum class Opcode : std::uint8_t {
#define DIXION_ENUMERATOR(name) k##name,
  DIXION_OPS(DIXION_ENUMERATOR)
#undef DIXION_ENUMERATOR
};

/// Writes to x0 go here, so that no operation needs to look at its destination.
inline constexpr std::uint8_t kDiscardRegister = 32;

/// One decoded instruction.
struct Op {
  const void* handler = nullptr;  ///< what runs it, perhaps with the next one (choose_handlers())
  Opcode code = Opcode::kIllegal;
  std::uint8_t rd = kDiscardRegister;
  std::uint8_t rs1 = 0;
  std::uint8_t rs2 = 0;
  std::uint8_t length = 0;   ///< bytes: 2 or 4
  std::uint16_t offset = 0;  ///< bytes from the start of its block
  /// Immediate; absolute target of branches and jal; csr number (zimm is in rs1); the instruction's bits for kIllegal.
  std::int64_t imm = 0;
};
static_assert(sizeof(Op) == 24, "two to three ops per cache line");

}  // namespace dixion::host
