// SPDX-License-Identifier: Apache-2.0
/// What commands have written since the last device reset, as far as it matters to those that read what earlier steps
/// left (docs/programming_model.md, "State that later steps read"). Told by the units, in both modes.
#pragma once

#include <cstdint>
#include <vector>

#include "models/common/address_ranges.h"
#include "models/common/command.h"

namespace dixion {

class WrittenRows {
 public:
  using Listed = std::vector<std::uint32_t>;  ///< rows of a row list, sample * tokens + token, ascending

  /// The command reads its operands, of row operands the listed rows (null: all). DIXION_CAUSE_BAD_PARAMETER at the
  /// operand, with the number of the first row that
  /// - holds no partial sums: MATMUL_RESUME only, where MATMUL_PARTIAL was not the last to write it;
  /// - was written by no command, while others of the tensor were written by one with a row list.
  [[nodiscard]] CommandError check(const Command& command, const Listed* listed) const;
  /// Its results are in memory.
  void end(const Command& command, const Listed* listed);
  void reset();

 private:
  void end_of_copy(const TensorView& from, const TensorView& to);

  AddressRanges written_;  // by any command
  AddressRanges missing_;  // rows that were not listed in tensors of which others were, and that nobody wrote
  AddressRanges partial_;  // partial sums, copies included
};

}  // namespace dixion
