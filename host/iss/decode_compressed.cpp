// SPDX-License-Identifier: Apache-2.0
// C for RV64 without F and D: RISC-V unprivileged specification, chapter 16.
#include <array>

#include "host/iss/decode.h"

namespace dixion::host {
namespace {

constexpr std::uint8_t kRa = 1;
constexpr std::uint8_t kSp = 2;

constexpr std::uint8_t short_register(std::uint32_t word, unsigned low) {
  return static_cast<std::uint8_t>(8 + bits_of(word, low, 3));
}

bool make(Op& op, Opcode code, std::uint32_t rd, std::uint8_t rs1, std::uint8_t rs2, std::int64_t imm) {
  op.code = code;
  op.rd = destination(rd);
  op.rs1 = rs1;
  op.rs2 = rs2;
  op.imm = imm;
  return true;
}

constexpr std::int64_t immediate_6(std::uint32_t word) {
  return sign_extend((bits_of(word, 12, 1) << 5) | bits_of(word, 2, 5), 6);
}
constexpr std::int64_t shift_amount(std::uint32_t word) { return (bits_of(word, 12, 1) << 5) | bits_of(word, 2, 5); }
constexpr std::int64_t offset_word(std::uint32_t word) {  // c.lw, c.sw
  return (bits_of(word, 5, 1) << 6) | (bits_of(word, 10, 3) << 3) | (bits_of(word, 6, 1) << 2);
}
constexpr std::int64_t offset_double(std::uint32_t word) {  // c.ld, c.sd
  return (bits_of(word, 5, 2) << 6) | (bits_of(word, 10, 3) << 3);
}
constexpr std::int64_t jump_offset(std::uint32_t word) {
  return sign_extend((bits_of(word, 12, 1) << 11) | (bits_of(word, 8, 1) << 10) | (bits_of(word, 9, 2) << 8) |
                         (bits_of(word, 6, 1) << 7) | (bits_of(word, 7, 1) << 6) | (bits_of(word, 2, 1) << 5) |
                         (bits_of(word, 11, 1) << 4) | (bits_of(word, 3, 3) << 1),
                     12);
}
constexpr std::int64_t branch_offset(std::uint32_t word) {
  return sign_extend((bits_of(word, 12, 1) << 8) | (bits_of(word, 5, 2) << 6) | (bits_of(word, 2, 1) << 5) |
                         (bits_of(word, 10, 2) << 3) | (bits_of(word, 3, 2) << 1),
                     9);
}

bool quadrant_0(std::uint32_t word, Op& op) {
  const std::uint8_t rd = short_register(word, 2);
  const std::uint8_t rs1 = short_register(word, 7);
  switch (bits_of(word, 13, 3)) {
    case 0: {  // c.addi4spn; the all-zero word is defined to be illegal
      const std::uint32_t imm = (bits_of(word, 7, 4) << 6) | (bits_of(word, 11, 2) << 4) | (bits_of(word, 5, 1) << 3) |
                                (bits_of(word, 6, 1) << 2);
      return imm != 0 && make(op, Opcode::kAddi, rd, kSp, 0, imm);
    }
    case 2:
      return make(op, Opcode::kLw, rd, rs1, 0, offset_word(word));
    case 3:
      return make(op, Opcode::kLd, rd, rs1, 0, offset_double(word));
    case 6:
      return make(op, Opcode::kSw, 0, rs1, rd, offset_word(word));
    case 7:
      return make(op, Opcode::kSd, 0, rs1, rd, offset_double(word));
    default:
      return false;
  }
}

bool arithmetic(std::uint32_t word, Op& op) {
  const std::uint8_t rd = short_register(word, 7);
  const std::uint8_t rs2 = short_register(word, 2);
  switch (bits_of(word, 10, 2)) {
    case 0:
      return make(op, Opcode::kSrli, rd, rd, 0, shift_amount(word));
    case 1:
      return make(op, Opcode::kSrai, rd, rd, 0, shift_amount(word));
    case 2:
      return make(op, Opcode::kAndi, rd, rd, 0, immediate_6(word));
    default:
      break;
  }
  constexpr std::array<Opcode, 8> kOperations = {Opcode::kSub,  Opcode::kXor,  Opcode::kOr,      Opcode::kAnd,
                                                 Opcode::kSubw, Opcode::kAddw, Opcode::kIllegal, Opcode::kIllegal};
  const Opcode code = kOperations[(bits_of(word, 12, 1) << 2) | bits_of(word, 5, 2)];
  return code != Opcode::kIllegal && make(op, code, rd, rd, rs2, 0);
}

bool quadrant_1(std::uint32_t word, std::uint64_t pc, Op& op) {
  const std::uint8_t rd = register_at(word, 7);
  const auto target = [pc](std::int64_t offset) { return static_cast<std::int64_t>(pc) + offset; };
  switch (bits_of(word, 13, 3)) {
    case 0:
      return make(op, Opcode::kAddi, rd, rd, 0, immediate_6(word));
    case 1:
      return rd != 0 && make(op, Opcode::kAddiw, rd, rd, 0, immediate_6(word));
    case 2:
      return make(op, Opcode::kLi, rd, 0, 0, immediate_6(word));
    case 3: {
      if (immediate_6(word) == 0) return false;
      if (rd != kSp) return make(op, Opcode::kLi, rd, 0, 0, immediate_6(word) * 4096);
      const std::int64_t imm =  // c.addi16sp
          sign_extend((bits_of(word, 12, 1) << 9) | (bits_of(word, 3, 2) << 7) | (bits_of(word, 5, 1) << 6) |
                          (bits_of(word, 2, 1) << 5) | (bits_of(word, 6, 1) << 4),
                      10);
      return make(op, Opcode::kAddi, kSp, kSp, 0, imm);
    }
    case 4:
      return arithmetic(word, op);
    case 5:
      return make(op, Opcode::kJal, 0, 0, 0, target(jump_offset(word)));
    case 6:
      return make(op, Opcode::kBeq, 0, short_register(word, 7), 0, target(branch_offset(word)));
    default:
      return make(op, Opcode::kBne, 0, short_register(word, 7), 0, target(branch_offset(word)));
  }
}

bool jump_move_add(std::uint32_t word, Op& op) {
  const std::uint8_t rd = register_at(word, 7);
  const std::uint8_t rs2 = register_at(word, 2);
  const bool second = bits_of(word, 12, 1) != 0;
  if (rs2 != 0) return make(op, Opcode::kAdd, rd, second ? rd : std::uint8_t{0}, rs2, 0);  // c.add, c.mv
  if (rd != 0) return make(op, Opcode::kJalr, second ? kRa : 0U, rd, 0, 0);                // c.jalr, c.jr
  return second && make(op, Opcode::kEbreak, 0, 0, 0, 0);
}

bool quadrant_2(std::uint32_t word, Op& op) {
  const std::uint8_t rd = register_at(word, 7);
  const std::uint8_t rs2 = register_at(word, 2);
  switch (bits_of(word, 13, 3)) {
    case 0:
      return make(op, Opcode::kSlli, rd, rd, 0, shift_amount(word));
    case 2:
      return rd != 0 && make(op, Opcode::kLw, rd, kSp, 0,
                             (bits_of(word, 2, 2) << 6) | (bits_of(word, 12, 1) << 5) | (bits_of(word, 4, 3) << 2));
    case 3:
      return rd != 0 && make(op, Opcode::kLd, rd, kSp, 0,
                             (bits_of(word, 2, 3) << 6) | (bits_of(word, 12, 1) << 5) | (bits_of(word, 5, 2) << 3));
    case 4:
      return jump_move_add(word, op);
    case 6:
      return make(op, Opcode::kSw, 0, kSp, rs2, (bits_of(word, 7, 2) << 6) | (bits_of(word, 9, 4) << 2));
    case 7:
      return make(op, Opcode::kSd, 0, kSp, rs2, (bits_of(word, 7, 3) << 6) | (bits_of(word, 10, 3) << 3));
    default:
      return false;
  }
}

}  // namespace

bool decode_compressed(std::uint16_t word, std::uint64_t pc, Op& op) {
  switch (word & 3U) {
    case 0:
      return quadrant_0(word, op);
    case 1:
      return quadrant_1(word, pc, op);
    default:
      return quadrant_2(word, op);
  }
}

}  // namespace dixion::host
