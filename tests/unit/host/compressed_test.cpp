// SPDX-License-Identifier: Apache-2.0
// Every RV64C form against the 32-bit instruction it abbreviates (unprivileged specification, tables 16.5 to 16.7).
// The compressed words were made by GNU as 2.40 and are independent of this project's decoder.
#include <gtest/gtest.h>

#include "host/iss/decode.h"
#include "tests/unit/host/assembler.h"

namespace dixion::host {
namespace {

using namespace assembler;  // NOLINT: the tests are written in it

constexpr std::uint64_t kPc = 0x8000'1000;

struct Pair {
  const char* text;
  std::uint16_t compressed;
  Word full;
};

const Pair kPairs[] = {
    {"c.addi4spn s0, sp, 4", 0x0040, addi(s0, sp, 4)},
    {"c.addi4spn a5, sp, 1020", 0x1FFC, addi(a5, sp, 1020)},
    {"c.addi4spn a0, sp, 520", 0x0428, addi(a0, sp, 520)},
    {"c.addi4spn a1, sp, 336", 0x0A8C, addi(a1, sp, 336)},
    {"c.lw a0, 0(a1)", 0x4188, lw(a0, a1, 0)},
    {"c.lw s0, 124(a5)", 0x5FE0, lw(s0, a5, 124)},
    {"c.lw a2, 68(s1)", 0x40F0, lw(a2, s1, 68)},
    {"c.ld a0, 8(a1)", 0x6588, ld(a0, a1, 8)},
    {"c.ld s0, 248(a5)", 0x7FE0, ld(s0, a5, 248)},
    {"c.ld a3, 136(s1)", 0x64D4, ld(a3, s1, 136)},
    {"c.sw a0, 4(a1)", 0xC1C8, sw(a0, a1, 4)},
    {"c.sw s0, 120(a5)", 0xDFA0, sw(s0, a5, 120)},
    {"c.sd a0, 8(a1)", 0xE588, sd(a0, a1, 8)},
    {"c.sd s1, 240(a4)", 0xFB64, sd(s1, a4, 240)},
    {"c.nop", 0x0001, nop},
    {"c.addi t6, -32", 0x1F81, addi(t6, t6, -32)},
    {"c.addi ra, 31", 0x00FD, addi(ra, ra, 31)},
    {"c.addi sp, 1", 0x0105, addi(sp, sp, 1)},
    {"c.addiw a0, -1", 0x357D, addiw(a0, a0, -1)},
    {"c.addiw s11, 0", 0x2D81, addiw(s11, s11, 0)},
    {"c.addiw t0, 21", 0x22D5, addiw(t0, t0, 21)},
    {"c.addi16sp sp, -512", 0x7101, addi(sp, sp, -512)},
    {"c.addi16sp sp, 496", 0x617D, addi(sp, sp, 496)},
    {"c.addi16sp sp, 16", 0x6141, addi(sp, sp, 16)},
    {"c.addi16sp sp, 160", 0x610D, addi(sp, sp, 160)},
    {"c.addi16sp sp, 64", 0x6121, addi(sp, sp, 64)},
    {"c.lui a0, 1", 0x6505, lui(a0, 1)},
    {"c.lui t6, 0xfffe0", 0x7F81, lui(t6, 0xFFFE0)},
    {"c.lui ra, 31", 0x60FD, lui(ra, 31)},
    {"c.lui gp, 0xfffff", 0x71FD, lui(gp, 0xFFFFF)},
    {"c.srli a0, 1", 0x8105, i_type(1, a0, 5, a0, 0x13)},
    {"c.srli s0, 63", 0x907D, i_type(63, s0, 5, s0, 0x13)},
    {"c.srai a5, 32", 0x9781, i_type(0x420, a5, 5, a5, 0x13)},
    {"c.srai s1, 5", 0x8495, i_type(0x405, s1, 5, s1, 0x13)},
    {"c.andi a3, -1", 0x9AFD, i_type(-1, a3, 7, a3, 0x13)},
    {"c.andi s0, 15", 0x883D, i_type(15, s0, 7, s0, 0x13)},
    {"c.sub s0, a5", 0x8C1D, r_type(0x20, a5, s0, 0, s0, 0x33)},
    {"c.xor a0, s1", 0x8D25, r_type(0, s1, a0, 4, a0, 0x33)},
    {"c.or a1, a2", 0x8DD1, r_type(0, a2, a1, 6, a1, 0x33)},
    {"c.and a3, a4", 0x8EF9, r_type(0, a4, a3, 7, a3, 0x33)},
    {"c.subw s1, a0", 0x9C89, r_type(0x20, a0, s1, 0, s1, 0x3B)},
    {"c.addw a2, s0", 0x9E21, r_type(0, s0, a2, 0, a2, 0x3B)},
    {"c.j .+2046", 0xAFFD, jal(zero, 2046)},
    {"c.j .-2048", 0xB001, jal(zero, -2048)},
    {"c.j .+2", 0xA009, jal(zero, 2)},
    {"c.j .+1364", 0xAB91, jal(zero, 1364)},
    {"c.j .-1366", 0xB46D, jal(zero, -1366)},
    {"c.j .+16", 0xA801, jal(zero, 16)},
    {"c.j .+32", 0xA005, jal(zero, 32)},
    {"c.j .+64", 0xA081, jal(zero, 64)},
    {"c.j .+128", 0xA041, jal(zero, 128)},
    {"c.j .+256", 0xA201, jal(zero, 256)},
    {"c.j .+512", 0xA401, jal(zero, 512)},
    {"c.j .+1024", 0xA101, jal(zero, 1024)},
    {"c.beqz a0, .+254", 0xCD7D, beq(a0, zero, 254)},
    {"c.beqz s0, .-256", 0xD001, beq(s0, zero, -256)},
    {"c.beqz a5, .+2", 0xC389, beq(a5, zero, 2)},
    {"c.beqz a5, .+8", 0xC781, beq(a5, zero, 8)},
    {"c.bnez a1, .+32", 0xE185, bne(a1, zero, 32)},
    {"c.bnez a2, .-128", 0xF241, bne(a2, zero, -128)},
    {"c.bnez s1, .+64", 0xE0A1, bne(s1, zero, 64)},
    {"c.bnez a4, .+170", 0xE74D, bne(a4, zero, 170)},
    {"c.slli t6, 63", 0x1FFE, slli(t6, t6, 63)},
    {"c.slli ra, 1", 0x0086, slli(ra, ra, 1)},
    {"c.slli a0, 32", 0x1502, slli(a0, a0, 32)},
    {"c.lwsp ra, 0(sp)", 0x4082, lw(ra, sp, 0)},
    {"c.lwsp t6, 252(sp)", 0x5FFE, lw(t6, sp, 252)},
    {"c.lwsp a0, 128(sp)", 0x450A, lw(a0, sp, 128)},
    {"c.lwsp a0, 36(sp)", 0x5512, lw(a0, sp, 36)},
    {"c.ldsp ra, 8(sp)", 0x60A2, ld(ra, sp, 8)},
    {"c.ldsp t6, 504(sp)", 0x7FFE, ld(t6, sp, 504)},
    {"c.ldsp s0, 288(sp)", 0x7412, ld(s0, sp, 288)},
    {"c.jr ra", 0x8082, jalr(zero, ra, 0)},
    {"c.jr t6", 0x8F82, jalr(zero, t6, 0)},
    {"c.jalr a5", 0x9782, jalr(ra, a5, 0)},
    {"c.mv a0, t6", 0x857E, r_type(0, t6, zero, 0, a0, 0x33)},
    {"c.mv s11, ra", 0x8D86, r_type(0, ra, zero, 0, s11, 0x33)},
    {"c.add t0, s2", 0x92CA, r_type(0, s2, t0, 0, t0, 0x33)},
    {"c.ebreak", 0x9002, ebreak},
    {"c.swsp t6, 252(sp)", 0xDFFE, sw(t6, sp, 252)},
    {"c.swsp zero, 132(sp)", 0xC302, sw(zero, sp, 132)},
    {"c.swsp a0, 64(sp)", 0xC0AA, sw(a0, sp, 64)},
    {"c.sdsp ra, 504(sp)", 0xFF86, sd(ra, sp, 504)},
    {"c.sdsp s0, 256(sp)", 0xE222, sd(s0, sp, 256)},
    {"c.sdsp zero, 72(sp)", 0xE482, sd(zero, sp, 72)},
};

TEST(Compressed, FormsDecodeToTheInstructionTheyAbbreviate) {
  for (const Pair& pair : kPairs) {
    SCOPED_TRACE(pair.text);
    const Op small = decode(pair.compressed, kPc);
    const Op large = decode(pair.full, kPc);
    ASSERT_NE(large.code, Opcode::kIllegal);
    EXPECT_EQ(small.code, large.code);
    EXPECT_EQ(small.length, 2);
    EXPECT_EQ(small.rd, large.rd);
    const bool has_rs1 = small.code != Opcode::kLi && small.code != Opcode::kJal && small.code != Opcode::kEbreak;
    if (has_rs1) {
      EXPECT_EQ(small.rs1, large.rs1);
    }
    const bool has_rs2 = (large.code >= Opcode::kAdd && large.code <= Opcode::kBgeu) ||
                         (large.code >= Opcode::kSb && large.code <= Opcode::kSd);
    if (has_rs2) {
      EXPECT_EQ(small.rs2, large.rs2);
    }
    const bool has_imm = (large.code < Opcode::kAdd || large.code > Opcode::kSraw) && large.code != Opcode::kEbreak;
    if (has_imm) {
      EXPECT_EQ(small.imm, large.imm);
    }
  }
}

TEST(CompressedReserved, WordsAreIllegal) {
  for (const std::uint32_t word : {
           0x0000U,  // all zero
           0x0004U,  // c.addi4spn with immediate 0
           0x2000U,  // c.fld: no D
           0xA000U,  // c.fsd
           0x8000U,  // reserved in quadrant 0
           0x2001U,  // c.addiw to x0
           0x6101U,  // c.addi16sp with immediate 0
           0x6081U,  // c.lui with immediate 0
           0x9C41U,  // reserved beside c.subw
           0x9C61U,  // reserved beside c.addw
           0x4002U,  // c.lwsp to x0
           0x6002U,  // c.ldsp to x0
           0x8002U,  // c.jr x0
           0x2002U,  // c.fldsp
       }) {
    EXPECT_EQ(decode(word, kPc).code, Opcode::kIllegal) << std::hex << word;
  }
}

TEST(CompressedLoadImmediate, SignExtends) {
  EXPECT_EQ(decode(0x457D, kPc).imm, 31);   // c.li a0, 31
  EXPECT_EQ(decode(0x5F81, kPc).imm, -32);  // c.li t6, -32
}

TEST(CompressedHints, AreNoOperations) {
  EXPECT_EQ(decode(0x0001, kPc).rd, kDiscardRegister);  // c.nop
  EXPECT_EQ(decode(0x4005, kPc).rd, kDiscardRegister);  // c.li x0, 1
  EXPECT_EQ(decode(0x6005, kPc).rd, kDiscardRegister);  // c.lui x0, 1
}

}  // namespace
}  // namespace dixion::host
