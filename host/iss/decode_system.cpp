// SPDX-License-Identifier: Apache-2.0
// Zicsr, Zifencei and machine mode: RISC-V unprivileged specification, chapters 3 and 9; privileged, section 3.3.
#include <array>

#include "host/iss/decode.h"

namespace dixion::host {
namespace {

constexpr std::array<Opcode, 8> kCsr = {Opcode::kIllegal, Opcode::kCsrrw,  Opcode::kCsrrs,  Opcode::kCsrrc,
                                        Opcode::kIllegal, Opcode::kCsrrwi, Opcode::kCsrrsi, Opcode::kCsrrci};

}  // namespace

bool decode_system(std::uint32_t word, std::uint64_t /*pc*/, Op& op) {
  const std::uint32_t funct3 = bits_of(word, 12, 3);
  if (bits_of(word, 0, 7) == 0x0F && funct3 == 1) {
    op.code = Opcode::kFenceI;
    return true;
  }
  if (bits_of(word, 0, 7) != 0x73) return false;
  switch (word) {
    case 0x00000073:
      op.code = Opcode::kEcall;
      return true;
    case 0x00100073:
      op.code = Opcode::kEbreak;
      return true;
    case 0x30200073:
      op.code = Opcode::kMret;
      return true;
    case 0x10500073:
      op.code = Opcode::kWfi;
      return true;
    default:
      break;
  }
  op.code = kCsr[funct3];
  op.rd = destination(register_at(word, 7));
  op.rs1 = register_at(word, 15);
  // The word itself goes along: an illegal access reports it in mtval, and bits 20 to 31 are the csr.
  op.imm = static_cast<std::int64_t>(word);
  return op.code != Opcode::kIllegal;
}

}  // namespace dixion::host
