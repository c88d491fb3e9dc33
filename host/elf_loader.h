// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dixion::host {

/// A loadable segment: `bytes` from the file, then zeros up to `memory_size`.
struct ElfSegment {
  std::uint64_t address = 0;  ///< physical
  std::vector<std::uint8_t> bytes;
  std::uint64_t memory_size = 0;  ///< bytes
};

/// An ELF64 little-endian RISC-V executable.
struct ElfImage {
  struct Function {
    std::uint64_t address = 0;
    std::uint64_t size = 0;  ///< bytes; 0 for assembler labels, which reach to the next symbol
    std::string name;
  };

  std::uint64_t entry = 0;
  std::vector<ElfSegment> segments;
  std::vector<Function> functions;  ///< by ascending address

  /// "main+0x1c" for the function that holds `pc`, or "" when none does.
  [[nodiscard]] std::string function_at(std::uint64_t pc) const;
};

/// Throws ConfigError(path, reason): missing, unreadable, not an ELF64 RISC-V executable, or damaged.
ElfImage load_elf(const std::string& path);

}  // namespace dixion::host
