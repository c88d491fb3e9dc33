// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "models/common/command.h"

namespace dixion {

/// Of one operand: keeps what an engine holds at a time within reach of any workstation.
inline constexpr std::uint64_t kMaxOperandElements = std::uint64_t{1} << 30;

/// Collects the first mistake in a command's operands and immediates; what follows the first is ignored, so later
/// rules may rely on earlier ones having held. Absent operands satisfy every rule.
///
/// Construction applies the rules of every opcode: required operands are there, no operand has more than 2^30
/// elements, outputs do not write one place twice through a stride of 0.
class CommandCheck {
 public:
  explicit CommandCheck(const Command& command);

  CommandCheck& format(unsigned operand, std::initializer_list<dixion_format> allowed);
  CommandCheck& rank(unsigned operand, unsigned low, unsigned high);
  /// Extent `from_end` counted from the last dimension equals `wanted`, which `meaning` explains ("the K of src").
  CommandCheck& extent(unsigned operand, unsigned from_end, std::uint64_t wanted, const std::string& meaning);
  /// As extent(), but 1 is also right: it serves every index.
  CommandCheck& extent_or_one(unsigned operand, unsigned from_end, std::uint64_t wanted, const std::string& meaning);
  CommandCheck& extent_at_most(unsigned operand, unsigned from_end, std::uint64_t limit);
  /// Same rank and extents as another operand.
  CommandCheck& same_shape(unsigned operand, unsigned as);
  /// Same rank; each extent equal or 1.
  CommandCheck& broadcasts_to(unsigned operand, unsigned to);
  /// The immediate is a right shift of at most 62.
  CommandCheck& shift(unsigned immediate);
  /// The immediate is a positive int32.
  CommandCheck& positive(unsigned immediate);
  /// Records an error found by the caller, unless there is one already.
  CommandCheck& require(bool holds, dixion_cause cause, std::uint32_t field, std::uint64_t value,
                        const std::string& expected);

  [[nodiscard]] const CommandError& error() const { return error_; }

 private:
  [[nodiscard]] std::string name(unsigned operand) const;

  const Command& command_;
  CommandError error_;
};

}  // namespace dixion
