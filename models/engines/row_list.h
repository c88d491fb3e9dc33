// SPDX-License-Identifier: Apache-2.0
/// Commands with a row list (flag ROW_LIST): what the list says, and the same command on compact operands that hold
/// nothing but listed rows. Gathering them is row_gather.h, time is row_list_timing.h, both together row_list_engine.h.
#pragma once

#include <cstdint>
#include <vector>

#include "models/common/command.h"
#include "models/common/memory_access.h"
#include "models/common/row_roles.h"

namespace dixion {

/// Words of the list in front of its indices: count, capacity, generation, 0.
inline constexpr std::uint32_t kRowListHeader = 4;

struct RowList {
  std::uint32_t generation = 0;     ///< decisions made into this list so far
  std::vector<std::uint32_t> rows;  ///< sample * tokens + token, ascending
};

/// What rows are counted over.
struct RowSpace {
  std::uint32_t samples = 1;  ///< rows of the batch: samples times branches
  std::uint32_t tokens = 1;
};

[[nodiscard]] inline bool has_row_list(const Command& command) {
  return (command.flags & DIXION_COMMAND_FLAG_ROW_LIST) != 0;
}

/// Of a command that takes a row list and passes its unit's check: that of its first operand.
[[nodiscard]] RowSpace row_space(const Command& command);

/// What there is to object to besides what the unit checks. No memory is touched.
[[nodiscard]] CommandError check_row_list(const Command& command);

/// Reads the list. DIXION_CAUSE_BUS_ERROR, or DIXION_CAUSE_BAD_PARAMETER at operand 11 with the word that is wrong:
/// more entries than room, rows that are not there, not in ascending order, or twice.
[[nodiscard]] CommandError load_row_list(const Command& command, MemoryAccess& memory, RowList& list);

/// Listed rows that one command on compact operands does.
struct RowGroup {
  std::uint32_t first_sample = 0;   ///< whose keys, channels, weights come first
  std::uint32_t samples = 1;        ///< of the compact operands
  std::uint32_t tokens = 1;         ///< rows per sample of the compact operands
  std::vector<std::uint32_t> rows;  ///< samples * tokens of them, as in the list
};

/// All rows as those of one sample, where no operand differs from sample to sample; otherwise neighbouring samples with
/// as many listed rows each form a group. Empty for an empty list.
[[nodiscard]] std::vector<RowGroup> group_rows(const Command& command, const RowList& list);

/// Where compact operands lie: no address of DRAM or global buffer.
inline constexpr std::uint64_t kCompactBase = std::uint64_t{1} << 62;

struct CompactCommand {
  /// No row list; rows dense from kCompactBase on, other operands where they are. Where results are about tokens
  /// (PREDICT), operand kRowListOperand is UINT32 [samples, rows]: which token each row is.
  Command command;
  std::uint64_t end = kCompactBase;  ///< behind the last compact operand
};
[[nodiscard]] CompactCommand compact_command(const Command& command, const RowGroup& group);

/// The operand's rows are those of tokens; false for an operand that serves all tokens of a sample.
[[nodiscard]] bool is_gathered(RowRole role, const TensorView& view);

}  // namespace dixion
