// SPDX-License-Identifier: Apache-2.0
// M: RISC-V unprivileged specification, chapter 7.
#include <array>

#include "host/iss/decode.h"

namespace dixion::host {
namespace {

constexpr std::array<Opcode, 8> kDoubles = {Opcode::kMul, Opcode::kMulh, Opcode::kMulhsu, Opcode::kMulhu,
                                            Opcode::kDiv, Opcode::kDivu, Opcode::kRem,    Opcode::kRemu};
constexpr std::array<Opcode, 8> kWords = {Opcode::kMulw, Opcode::kIllegal, Opcode::kIllegal, Opcode::kIllegal,
                                          Opcode::kDivw, Opcode::kDivuw,   Opcode::kRemw,    Opcode::kRemuw};

}  // namespace

bool decode_muldiv(std::uint32_t word, std::uint64_t /*pc*/, Op& op) {
  if (bits_of(word, 25, 7) != 1) return false;
  const std::uint32_t major = bits_of(word, 0, 7);
  if (major != 0x33 && major != 0x3B) return false;
  op.code = (major == 0x33 ? kDoubles : kWords)[bits_of(word, 12, 3)];
  op.rd = destination(register_at(word, 7));
  op.rs1 = register_at(word, 15);
  op.rs2 = register_at(word, 20);
  return op.code != Opcode::kIllegal;
}

}  // namespace dixion::host
