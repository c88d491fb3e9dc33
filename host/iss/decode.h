// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "host/iss/opcode.h"

namespace dixion::host {

/// Decodes the instruction whose bits start at `bits` (low half first) at address `pc`. What no extension knows becomes
/// Opcode::kIllegal with the bits as immediate. Sets all fields but `offset`.
Op decode(std::uint32_t bits, std::uint64_t pc);

/// True if `code` can be the last instruction of a block only.
bool ends_block(Opcode code);
/// True for loads, stores and atomics.
bool accesses_memory(Opcode code);

/// One extension's decode table: fills `op` and returns true if the 32-bit word belongs to it.
using ExtensionDecoder = bool (*)(std::uint32_t word, std::uint64_t pc, Op& op);
bool decode_base(std::uint32_t word, std::uint64_t pc, Op& op);
bool decode_muldiv(std::uint32_t word, std::uint64_t pc, Op& op);
bool decode_atomic(std::uint32_t word, std::uint64_t pc, Op& op);
bool decode_system(std::uint32_t word, std::uint64_t pc, Op& op);
/// The same for a 16-bit word.
bool decode_compressed(std::uint16_t word, std::uint64_t pc, Op& op);

// Fields common to the 32-bit formats.
constexpr std::uint32_t bits_of(std::uint32_t word, unsigned low, unsigned count) {
  return (word >> low) & ((1U << count) - 1U);
}
constexpr std::uint8_t register_at(std::uint32_t word, unsigned low) {
  return static_cast<std::uint8_t>(bits_of(word, low, 5));
}
constexpr std::uint8_t destination(std::uint32_t number) {
  return number == 0 ? kDiscardRegister : static_cast<std::uint8_t>(number);
}
constexpr std::int64_t sign_extend(std::uint64_t value, unsigned bits) {
  return static_cast<std::int64_t>(value << (64 - bits)) >> (64 - bits);
}

}  // namespace dixion::host
