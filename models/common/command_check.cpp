// SPDX-License-Identifier: Apache-2.0
#include "models/common/command_check.h"

namespace dixion {
namespace {

bool within_element_limit(const TensorView& view) {
  std::uint64_t count = 1;
  for (unsigned i = 0; i < view.rank; ++i) {
    count *= view.extent[i];  // 2^30 times 2^31 still fits
    if (count > kMaxOperandElements) return false;
  }
  return true;
}

}  // namespace

CommandCheck::CommandCheck(const Command& command) : command_(command) {
  for (unsigned i = 0; i < command.info->operands.size(); ++i) {
    const TensorView& view = command.operands[i];
    const bool output = command.info->operands[i].output;
    require(view.rank > 0 || command.info->operands[i].optional, DIXION_CAUSE_MISSING_OPERAND,
            DIXION_FIELD_OPERAND0 + i, 0, name(i) + " must be given");
    require(within_element_limit(view), DIXION_CAUSE_BAD_SHAPE, DIXION_FIELD_OPERAND0 + i,
            view.rank > 0 ? view.extent[0] : 0, "at most 2^30 elements");
    for (unsigned d = 0; output && d < view.rank; ++d) {
      require(view.extent[d] == 1 || view.stride[d] != 0, DIXION_CAUSE_BAD_DESCRIPTOR, DIXION_FIELD_OPERAND0 + i, 0,
              "a stride other than 0 in dimension " + std::to_string(d) + " of an output");
    }
  }
}

CommandCheck& CommandCheck::format(unsigned operand, std::initializer_list<dixion_format> allowed) {
  const TensorView& view = command_.operands[operand];
  bool fits = !view;
  std::string expected = name(operand) + " in";
  const char* separator = " ";
  for (const dixion_format format : allowed) {
    fits = fits || view.format == format;
    expected += separator + std::string(format_name(format));
    separator = " or ";
  }
  return require(fits, DIXION_CAUSE_BAD_FORMAT, DIXION_FIELD_OPERAND0 + operand, view.format, expected);
}

CommandCheck& CommandCheck::rank(unsigned operand, unsigned low, unsigned high) {
  const TensorView& view = command_.operands[operand];
  const bool fits = !view || (view.rank >= low && view.rank <= high);
  const std::string range = low == high ? std::to_string(low) : std::to_string(low) + " to " + std::to_string(high);
  return require(fits, DIXION_CAUSE_BAD_SHAPE, DIXION_FIELD_OPERAND0 + operand, view.rank,
                 name(operand) + " of rank " + range);
}

CommandCheck& CommandCheck::extent(unsigned operand, unsigned from_end, std::uint64_t wanted,
                                   const std::string& meaning) {
  const TensorView& view = command_.operands[operand];
  const std::uint64_t actual = view.extent_from_end(from_end);
  return require(!view || actual == wanted, DIXION_CAUSE_BAD_SHAPE, DIXION_FIELD_OPERAND0 + operand, actual,
                 std::to_string(wanted) + ", " + meaning);
}

CommandCheck& CommandCheck::extent_or_one(unsigned operand, unsigned from_end, std::uint64_t wanted,
                                          const std::string& meaning) {
  if (command_.operands[operand].extent_from_end(from_end) == 1) return *this;
  return extent(operand, from_end, wanted, meaning + ", or 1");
}

CommandCheck& CommandCheck::extent_at_most(unsigned operand, unsigned from_end, std::uint64_t limit) {
  const std::uint64_t actual = command_.operands[operand].extent_from_end(from_end);
  return require(actual <= limit, DIXION_CAUSE_BAD_SHAPE, DIXION_FIELD_OPERAND0 + operand, actual,
                 "at most " + std::to_string(limit));
}

CommandCheck& CommandCheck::same_shape(unsigned operand, unsigned as) {
  const TensorView& other = command_.operands[as];
  rank(operand, other.rank, other.rank);
  for (unsigned i = 0; i < other.rank; ++i) {
    const unsigned from_end = other.rank - 1U - i;
    extent(operand, from_end, other.extent[i], "extent " + std::to_string(i) + " of " + name(as));
  }
  return *this;
}

CommandCheck& CommandCheck::broadcasts_to(unsigned operand, unsigned to) {
  const TensorView& other = command_.operands[to];
  rank(operand, other.rank, other.rank);
  for (unsigned i = 0; i < other.rank; ++i) {
    const unsigned from_end = other.rank - 1U - i;
    extent_or_one(operand, from_end, other.extent[i], "extent " + std::to_string(i) + " of " + name(to));
  }
  return *this;
}

CommandCheck& CommandCheck::shift(unsigned immediate) {
  const std::uint32_t value = command_.immediates[immediate];
  return require(value <= 62, DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + immediate, value,
                 std::string(command_.info->immediates[immediate]) + " of at most 62");
}

CommandCheck& CommandCheck::positive(unsigned immediate) {
  const std::uint32_t value = command_.immediates[immediate];
  return require(value >= 1 && value <= 0x7fffffffU, DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + immediate,
                 value, std::string(command_.info->immediates[immediate]) + " from 1 to 2^31 - 1");
}

CommandCheck& CommandCheck::require(bool holds, dixion_cause cause, std::uint32_t field, std::uint64_t value,
                                    const std::string& expected) {
  if (!holds && !error_) error_ = {cause, field, value, expected};
  return *this;
}

std::string CommandCheck::name(unsigned operand) const { return command_.info->operands[operand].name; }

}  // namespace dixion
