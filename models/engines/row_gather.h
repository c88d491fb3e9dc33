// SPDX-License-Identifier: Apache-2.0
/// Listed rows out of operands into compact ones, and results back.
#pragma once

#include <cstdint>
#include <vector>

#include "models/common/engine.h"
#include "models/engines/row_list.h"

namespace dixion {

/// Compact operands at kCompactBase; other addresses are those of the memory behind it.
class CompactMemory final : public MemoryAccess {
 public:
  /// Room up to `end`, content undefined.
  void open(std::uint64_t end, MemoryAccess& behind);
  [[nodiscard]] static bool holds(std::uint64_t address) { return address >= kCompactBase; }
  [[nodiscard]] std::uint8_t* at(std::uint64_t address) { return bytes_.data() + (address - kCompactBase); }

  [[nodiscard]] bool read(std::uint64_t address, void* destination, std::size_t length) override;
  [[nodiscard]] bool write(std::uint64_t address, const void* source, std::size_t length) override;

 private:
  MemoryAccess* behind_ = nullptr;
  std::vector<std::uint8_t> bytes_;
};

/// Fills the operands that `compact`, made from `command`, reads. DIXION_CAUSE_BUS_ERROR at the operand.
[[nodiscard]] CommandError gather_rows(const Command& command, const Command& compact, const RowGroup& group,
                                       CompactMemory& memory);

/// Adds the rows of every output of `compact` to `result`, as pieces of those of `command`.
void scatter_rows(const Command& command, const Command& compact, const RowGroup& group, CompactMemory& memory,
                  Result& result);

}  // namespace dixion
