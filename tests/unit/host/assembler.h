// SPDX-License-Identifier: Apache-2.0
/// Encodes RISC-V instructions for tests, straight from the specification's tables; shares nothing with the decoder.
#pragma once

#include <cstdint>
#include <vector>

namespace dixion::host::assembler {

using Word = std::uint32_t;
enum Register : Word {
  zero,
  ra,
  sp,
  gp,
  tp,
  t0,
  t1,
  t2,
  s0,
  s1,
  a0,
  a1,
  a2,
  a3,
  a4,
  a5,
  a6,
  a7,
  s2,
  s3,
  s4,
  s5,
  s6,
  s7,
  s8,
  s9,
  s10,
  s11,
  t3,
  t4,
  t5,
  t6
};

constexpr Word r_type(Word funct7, Word rs2, Word rs1, Word funct3, Word rd, Word opcode) {
  return (funct7 << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode;
}
constexpr Word i_type(std::int32_t imm, Word rs1, Word funct3, Word rd, Word opcode) {
  return (static_cast<Word>(imm) << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode;
}
constexpr Word s_type(std::int32_t imm, Word rs2, Word rs1, Word funct3, Word opcode) {
  const auto u = static_cast<Word>(imm);
  return (((u >> 5) & 0x7F) << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | ((u & 0x1F) << 7) | opcode;
}
constexpr Word b_type(std::int32_t imm, Word rs2, Word rs1, Word funct3) {
  const auto u = static_cast<Word>(imm);
  return (((u >> 12) & 1) << 31) | (((u >> 5) & 0x3F) << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) |
         (((u >> 1) & 0xF) << 8) | (((u >> 11) & 1) << 7) | 0x63;
}
constexpr Word jal(Word rd, std::int32_t imm) {
  const auto u = static_cast<Word>(imm);
  return (((u >> 20) & 1) << 31) | (((u >> 1) & 0x3FF) << 21) | (((u >> 11) & 1) << 20) | (((u >> 12) & 0xFF) << 12) |
         (rd << 7) | 0x6F;
}

constexpr Word lui(Word rd, Word upper20) { return (upper20 << 12) | (rd << 7) | 0x37; }
constexpr Word auipc(Word rd, Word upper20) { return (upper20 << 12) | (rd << 7) | 0x17; }
constexpr Word jalr(Word rd, Word rs1, std::int32_t imm) { return i_type(imm, rs1, 0, rd, 0x67); }
constexpr Word addi(Word rd, Word rs1, std::int32_t imm) { return i_type(imm, rs1, 0, rd, 0x13); }
constexpr Word addiw(Word rd, Word rs1, std::int32_t imm) { return i_type(imm, rs1, 0, rd, 0x1B); }
constexpr Word slli(Word rd, Word rs1, Word amount) {
  return i_type(static_cast<std::int32_t>(amount), rs1, 1, rd, 0x13);
}
constexpr Word ori(Word rd, Word rs1, std::int32_t imm) { return i_type(imm, rs1, 6, rd, 0x13); }
constexpr Word add(Word rd, Word rs1, Word rs2) { return r_type(0, rs2, rs1, 0, rd, 0x33); }
constexpr Word sub(Word rd, Word rs1, Word rs2) { return r_type(0x20, rs2, rs1, 0, rd, 0x33); }
constexpr Word beq(Word rs1, Word rs2, std::int32_t imm) { return b_type(imm, rs2, rs1, 0); }
constexpr Word bne(Word rs1, Word rs2, std::int32_t imm) { return b_type(imm, rs2, rs1, 1); }
constexpr Word lb(Word rd, Word rs1, std::int32_t imm) { return i_type(imm, rs1, 0, rd, 0x03); }
constexpr Word lw(Word rd, Word rs1, std::int32_t imm) { return i_type(imm, rs1, 2, rd, 0x03); }
constexpr Word ld(Word rd, Word rs1, std::int32_t imm) { return i_type(imm, rs1, 3, rd, 0x03); }
constexpr Word lbu(Word rd, Word rs1, std::int32_t imm) { return i_type(imm, rs1, 4, rd, 0x03); }
constexpr Word sb(Word rs2, Word rs1, std::int32_t imm) { return s_type(imm, rs2, rs1, 0, 0x23); }
constexpr Word sh(Word rs2, Word rs1, std::int32_t imm) { return s_type(imm, rs2, rs1, 1, 0x23); }
constexpr Word sw(Word rs2, Word rs1, std::int32_t imm) { return s_type(imm, rs2, rs1, 2, 0x23); }
constexpr Word sd(Word rs2, Word rs1, std::int32_t imm) { return s_type(imm, rs2, rs1, 3, 0x23); }
constexpr Word csrrw(Word rd, Word csr, Word rs1) { return (csr << 20) | (rs1 << 15) | (1U << 12) | (rd << 7) | 0x73; }
constexpr Word csrrs(Word rd, Word csr, Word rs1) { return (csr << 20) | (rs1 << 15) | (2U << 12) | (rd << 7) | 0x73; }
constexpr Word csrrc(Word rd, Word csr, Word rs1) { return (csr << 20) | (rs1 << 15) | (3U << 12) | (rd << 7) | 0x73; }
constexpr Word csrrsi(Word rd, Word csr, Word imm) { return (csr << 20) | (imm << 15) | (6U << 12) | (rd << 7) | 0x73; }
constexpr Word csrrwi(Word rd, Word csr, Word imm) { return (csr << 20) | (imm << 15) | (5U << 12) | (rd << 7) | 0x73; }
constexpr Word csrr(Word rd, Word csr) { return csrrs(rd, csr, zero); }
constexpr Word csrw(Word csr, Word rs1) { return csrrw(zero, csr, rs1); }
constexpr Word amo(Word funct5, bool wide, Word rd, Word rs2, Word rs1) {
  return r_type(funct5 << 2, rs2, rs1, wide ? 3 : 2, rd, 0x2F);
}
constexpr Word lr_w(Word rd, Word rs1) { return amo(2, false, rd, zero, rs1); }
constexpr Word sc_w(Word rd, Word rs2, Word rs1) { return amo(3, false, rd, rs2, rs1); }
constexpr Word lr_d(Word rd, Word rs1) { return amo(2, true, rd, zero, rs1); }
constexpr Word sc_d(Word rd, Word rs2, Word rs1) { return amo(3, true, rd, rs2, rs1); }
inline constexpr Word nop = addi(zero, zero, 0);
inline constexpr Word ecall = 0x00000073;
inline constexpr Word ebreak = 0x00100073;
inline constexpr Word mret = 0x30200073;
inline constexpr Word wfi = 0x10500073;
inline constexpr Word fence_i = 0x0000100F;

namespace csr {
enum : Word {
  mstatus = 0x300,
  misa = 0x301,
  mie = 0x304,
  mtvec = 0x305,
  mcounteren = 0x306,
  mscratch = 0x340,
  mepc = 0x341,
  mcause = 0x342,
  mtval = 0x343,
  mip = 0x344,
  mcycle = 0xB00,
  minstret = 0xB02,
  cycle = 0xC00,
  time = 0xC01,
  instret = 0xC02,
  mhartid = 0xF14
};
}  // namespace csr

using Code = std::vector<Word>;

/// Any 64-bit constant: 13 instructions, whatever the value, so that programs keep their layout.
inline void li(Code& code, Word rd, std::uint64_t value) {
  code.push_back(addi(rd, zero, static_cast<std::int32_t>((value >> 60) & 0xF)));
  for (int shift = 50; shift >= 0; shift -= 10) {
    code.push_back(slli(rd, rd, 10));
    code.push_back(ori(rd, rd, static_cast<std::int32_t>((value >> shift) & 0x3FF)));
  }
}

}  // namespace dixion::host::assembler
