// SPDX-License-Identifier: Apache-2.0
/// What instructions compute from their operands, without registers or memory (RISC-V unprivileged specification,
/// chapters 2, 5, 7). With a constant `code` each call is the expression itself.
#pragma once

#include <cstdint>
#include <type_traits>

#include "host/iss/arithmetic.h"
#include "host/iss/opcode.h"

namespace dixion::host {

/// Result of an operation on registers: `a` is rs1, `b` rs2, `imm` the sign-extended immediate (or the value of kLi).
[[gnu::always_inline]] constexpr std::uint64_t alu(Opcode code, std::uint64_t a, std::uint64_t b, std::uint64_t imm) {
  const auto signed_a = static_cast<std::int64_t>(a);
  const auto signed_b = static_cast<std::int64_t>(b);
  const auto low_a = static_cast<std::uint32_t>(a);
  const auto low_b = static_cast<std::uint32_t>(b);
  const auto signed_low_a = static_cast<std::int32_t>(a);
  const auto signed_low_b = static_cast<std::int32_t>(b);
  const auto extended = [](auto value) { return static_cast<std::uint64_t>(static_cast<std::int64_t>(value)); };
  switch (code) {
    case Opcode::kLi:
      return imm;
    case Opcode::kAddi:
      return a + imm;
    case Opcode::kSlti:
      return signed_a < static_cast<std::int64_t>(imm) ? 1 : 0;
    case Opcode::kSltiu:
      return a < imm ? 1 : 0;
    case Opcode::kXori:
      return a ^ imm;
    case Opcode::kOri:
      return a | imm;
    case Opcode::kAndi:
      return a & imm;
    case Opcode::kSlli:
      return a << imm;
    case Opcode::kSrli:
      return a >> imm;
    case Opcode::kSrai:
      return extended(signed_a >> imm);
    case Opcode::kAddiw:
      return word(a + imm);
    case Opcode::kSlliw:
      return word(a << imm);
    case Opcode::kSrliw:
      return word(low_a >> imm);
    case Opcode::kSraiw:
      return extended(signed_low_a >> imm);
    case Opcode::kAdd:
      return a + b;
    case Opcode::kSub:
      return a - b;
    case Opcode::kSll:
      return a << (b & 63);
    case Opcode::kSlt:
      return signed_a < signed_b ? 1 : 0;
    case Opcode::kSltu:
      return a < b ? 1 : 0;
    case Opcode::kXor:
      return a ^ b;
    case Opcode::kSrl:
      return a >> (b & 63);
    case Opcode::kSra:
      return extended(signed_a >> (b & 63));
    case Opcode::kOr:
      return a | b;
    case Opcode::kAnd:
      return a & b;
    case Opcode::kAddw:
      return word(a + b);
    case Opcode::kSubw:
      return word(a - b);
    case Opcode::kSllw:
      return word(a << (b & 31));
    case Opcode::kSrlw:
      return word(low_a >> (b & 31));
    case Opcode::kSraw:
      return extended(signed_low_a >> (b & 31));
    case Opcode::kMul:
      return a * b;
    case Opcode::kMulh:
      return multiply_high_signed(a, b);
    case Opcode::kMulhsu:
      return multiply_high_signed_unsigned(a, b);
    case Opcode::kMulhu:
      return multiply_high_unsigned(a, b);
    case Opcode::kDiv:
      return extended(divide(signed_a, signed_b));
    case Opcode::kDivu:
      return divide(a, b);
    case Opcode::kRem:
      return extended(remainder(signed_a, signed_b));
    case Opcode::kRemu:
      return remainder(a, b);
    case Opcode::kMulw:
      return word(a * b);
    case Opcode::kDivw:
      return extended(divide(signed_low_a, signed_low_b));
    case Opcode::kDivuw:
      return word(divide(low_a, low_b));
    case Opcode::kRemw:
      return extended(remainder(signed_low_a, signed_low_b));
    case Opcode::kRemuw:
      return word(remainder(low_a, low_b));
    default:
      return 0;  // not an operation on registers
  }
}

/// Whether a conditional branch is taken.
[[gnu::always_inline]] constexpr bool taken(Opcode code, std::uint64_t a, std::uint64_t b) {
  const auto signed_a = static_cast<std::int64_t>(a);
  const auto signed_b = static_cast<std::int64_t>(b);
  switch (code) {
    case Opcode::kBeq:
      return a == b;
    case Opcode::kBne:
      return a != b;
    case Opcode::kBlt:
      return signed_a < signed_b;
    case Opcode::kBge:
      return signed_a >= signed_b;
    case Opcode::kBltu:
      return a < b;
    case Opcode::kBgeu:
      return a >= b;
    default:
      return false;  // not a branch
  }
}

/// The bytes a load or store moves; a load extends them as the type says.
template <Opcode code>
constexpr auto accessed() {
  if constexpr (code == Opcode::kLb) return std::int8_t{};
  if constexpr (code == Opcode::kLbu || code == Opcode::kSb) return std::uint8_t{};
  if constexpr (code == Opcode::kLh) return std::int16_t{};
  if constexpr (code == Opcode::kLhu || code == Opcode::kSh) return std::uint16_t{};
  if constexpr (code == Opcode::kLw) return std::int32_t{};
  if constexpr (code == Opcode::kLwu || code == Opcode::kSw) return std::uint32_t{};
  if constexpr (code == Opcode::kLd) return std::int64_t{};
  if constexpr (code == Opcode::kSd) return std::uint64_t{};
}
template <Opcode code>
using Accessed = decltype(accessed<code>());

}  // namespace dixion::host
