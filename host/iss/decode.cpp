// SPDX-License-Identifier: Apache-2.0
#include "host/iss/decode.h"

#include <array>

namespace dixion::host {
namespace {

constexpr std::array<ExtensionDecoder, 4> kExtensions = {decode_base, decode_muldiv, decode_atomic, decode_system};

}  // namespace

Op decode(std::uint32_t bits, std::uint64_t pc) {
  const bool compressed = (bits & 3U) != 3U;
  const std::uint32_t word = compressed ? bits & 0xFFFFU : bits;
  const auto length = static_cast<std::uint8_t>(compressed ? 2 : 4);
  Op op;
  bool known = false;
  if (compressed) {
    known = decode_compressed(static_cast<std::uint16_t>(word), pc, op);
  } else {
    for (const ExtensionDecoder extension : kExtensions) {
      op = Op{};
      known = extension(word, pc, op);
      if (known) break;
    }
  }
  if (!known) {
    op = Op{};
    op.imm = static_cast<std::int64_t>(word);
  }
  op.length = length;
  return op;
}

bool ends_block(Opcode code) {
  return (code >= Opcode::kBeq && code <= Opcode::kJalr) || (code >= Opcode::kCsrrw && code <= Opcode::kIllegal);
}

bool accesses_memory(Opcode code) {
  return (code >= Opcode::kLb && code <= Opcode::kSd) || (code >= Opcode::kLrW && code <= Opcode::kAmomaxuD);
}

}  // namespace dixion::host
