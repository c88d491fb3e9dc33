// SPDX-License-Identifier: Apache-2.0
// A: RISC-V unprivileged specification, chapter 8. The ordering bits aq and rl have no effect: accesses are in order.
#include "host/iss/decode.h"

namespace dixion::host {
namespace {

Opcode operation(std::uint32_t funct5, bool wide) {
  switch (funct5) {
    case 0x02:
      return wide ? Opcode::kLrD : Opcode::kLrW;
    case 0x03:
      return wide ? Opcode::kScD : Opcode::kScW;
    case 0x01:
      return wide ? Opcode::kAmoswapD : Opcode::kAmoswapW;
    case 0x00:
      return wide ? Opcode::kAmoaddD : Opcode::kAmoaddW;
    case 0x04:
      return wide ? Opcode::kAmoxorD : Opcode::kAmoxorW;
    case 0x0C:
      return wide ? Opcode::kAmoandD : Opcode::kAmoandW;
    case 0x08:
      return wide ? Opcode::kAmoorD : Opcode::kAmoorW;
    case 0x10:
      return wide ? Opcode::kAmominD : Opcode::kAmominW;
    case 0x14:
      return wide ? Opcode::kAmomaxD : Opcode::kAmomaxW;
    case 0x18:
      return wide ? Opcode::kAmominuD : Opcode::kAmominuW;
    case 0x1C:
      return wide ? Opcode::kAmomaxuD : Opcode::kAmomaxuW;
    default:
      return Opcode::kIllegal;
  }
}

}  // namespace

bool decode_atomic(std::uint32_t word, std::uint64_t /*pc*/, Op& op) {
  const std::uint32_t funct3 = bits_of(word, 12, 3);
  if (bits_of(word, 0, 7) != 0x2F || (funct3 != 2 && funct3 != 3)) return false;
  op.code = operation(bits_of(word, 27, 5), funct3 == 3);
  op.rd = destination(register_at(word, 7));
  op.rs1 = register_at(word, 15);
  op.rs2 = register_at(word, 20);
  const bool load_reserved = op.code == Opcode::kLrW || op.code == Opcode::kLrD;
  return op.code != Opcode::kIllegal && (!load_reserved || op.rs2 == 0);
}

}  // namespace dixion::host
