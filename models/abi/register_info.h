// SPDX-License-Identifier: Apache-2.0
/// Types of the generated tables: registers with their fields, opcodes with their operands.
#pragma once

#include <cstdint>
#include <span>

namespace dixion::abi {

/// OpenTitan's words: read-only, read-write, write-only, write 1 to clear, write 1 to set, read clears.
enum class Access : std::uint8_t { kRo, kRw, kWo, kRw1c, kRw1s, kRc };

struct FieldInfo {
  const char* name;
  unsigned high;  ///< most significant bit
  unsigned low;
  const char* doc;
};

/// One register, or `count` equal ones `stride` bytes apart.
struct RegisterInfo {
  const char* name;
  std::uint32_t offset;
  Access access;
  std::uint32_t reset;
  std::uint32_t count;
  std::uint32_t stride;
  const char* doc;
  std::span<const FieldInfo> fields;
};

struct BlockInfo {
  const char* name;
  std::uint32_t size;  ///< bytes of the window
  std::span<const RegisterInfo> registers;
};

enum class Unit : std::uint8_t { kControl, kDma, kMatrix, kVector, kPrediction, kSparsity };

struct OperandInfo {
  const char* name;
  bool optional;
  bool output;
  const char* doc;
};

struct OpcodeInfo {
  const char* name;
  std::uint8_t value;
  Unit unit;
  std::span<const OperandInfo> operands;
  std::span<const char* const> immediates;  ///< names of those that are used
};

/// Value and name, for messages.
struct NamedValue {
  std::uint32_t value;
  const char* name;
};

}  // namespace dixion::abi
