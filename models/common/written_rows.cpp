// SPDX-License-Identifier: Apache-2.0
#include "models/common/written_rows.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "models/common/column_layout.h"
#include "models/common/operands.h"
#include "models/common/row_roles.h"
#include "models/common/view_rows.h"

namespace dixion {
namespace {

constexpr unsigned kPartialMade = 6, kPartialRead = 4;  // operands of MATMUL_PARTIAL and MATMUL_RESUME

bool is(const Command& command, dixion_opcode opcode) { return command.info->value == opcode; }

/// Calls visit(begin, end) for ranges that make up the view, as few as can be; stops at the first false.
template <typename Visit>
bool for_each_range(const TensorView& view, Visit visit) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> dimensions;  // stride, extent
  for (unsigned d = 0; d < view.rank; ++d) {
    if (view.extent[d] > 1 && view.stride[d] != 0) dimensions.emplace_back(view.stride[d], view.extent[d]);
  }
  // Heads of a buffer lie inside its tokens: in the order of their strides, dimensions may join.
  std::sort(dimensions.begin(), dimensions.end());
  std::uint64_t bytes = element_bytes(view.format);
  std::size_t first = 0;
  for (; first < dimensions.size() && dimensions[first].first <= bytes; ++first) {
    bytes += dimensions[first].first * (dimensions[first].second - 1);
  }
  std::array<std::uint64_t, DIXION_MAX_RANK> index{};
  for (std::uint64_t address = view.address;;) {
    if (!visit(address, address + bytes)) return false;
    std::size_t d = first;
    for (; d < dimensions.size(); ++d) {
      address += dimensions[d].first;
      if (++index[d] < dimensions[d].second) break;
      address -= dimensions[d].first * dimensions[d].second;
      index[d] = 0;
    }
    if (d == dimensions.size()) return true;
  }
}

bool holds(const AddressRanges& ranges, const TensorView& view) {
  return ranges.contains(view.address, view.address + view.span_bytes()) ||
         for_each_range(view, [&](auto begin, auto end) { return ranges.contains(begin, end); });
}

bool touches(const AddressRanges& ranges, const TensorView& view) {
  return ranges.touches(view.address, view.address + view.span_bytes()) &&
         !for_each_range(view, [&](auto begin, auto end) { return !ranges.touches(begin, end); });
}

void add(const TensorView& view, AddressRanges& ranges) {
  static_cast<void>(for_each_range(view, [&](auto begin, auto end) {
    ranges.add(begin, end);
    return true;
  }));
}

void remove(const TensorView& view, AddressRanges& ranges) {
  static_cast<void>(for_each_range(view, [&](auto begin, auto end) {
    ranges.remove(begin, end);
    return true;
  }));
}

std::uint32_t tokens_of(const Command& command) { return command.operands[0].extent_from_end(1); }

/// Listed rows are what the command touches of the operand.
bool is_listed(const Command& command, unsigned operand, const WrittenRows::Listed* listed) {
  const RowRole role = row_role(command.info->value, operand);
  if (role == RowRole::kBroadcastRows && command.operands[operand].extent_from_end(1) == 1) return false;
  return listed != nullptr && has_rows(role);
}

/// Calls visit(part) for what the command touches of the operand: all of it, or listed rows, neighbours together.
template <typename Visit>
void for_each_part(const Command& command, unsigned operand, const WrittenRows::Listed* listed, Visit visit) {
  const TensorView& view = command.operands[operand];
  if (!is_listed(command, operand, listed)) return visit(view);
  const std::uint32_t tokens = tokens_of(command);
  for (std::size_t i = 0, count = 1; i < listed->size(); i += count) {
    const std::uint32_t row = (*listed)[i];
    const auto goes_on = [&] {
      return i + count < listed->size() && (*listed)[i + count] == row + count && (row + count) % tokens != 0;
    };
    for (count = 1; goes_on(); ++count) {
    }
    for (std::uint32_t head = 0; head < heads_of(view); ++head) {
      visit(rows_of(view, row / tokens, head, row % tokens, static_cast<std::uint32_t>(count)));
    }
  }
}

/// Number of the first row that the command touches of the operand and that is not good.
template <typename Good>
std::optional<std::uint64_t> first_bad_row(const Command& command, unsigned operand, const WrittenRows::Listed* listed,
                                           Good good) {
  const TensorView& view = command.operands[operand];
  if (is_listed(command, operand, listed)) {
    const std::uint32_t tokens = tokens_of(command);
    for (const std::uint32_t row : *listed) {
      for (std::uint32_t head = 0; head < heads_of(view); ++head) {
        if (!good(rows_of(view, row / tokens, head, row % tokens, 1))) return row;
      }
    }
    return std::nullopt;
  }
  TensorView row;
  row.format = view.format;
  row.rank = 1;
  row.extent[0] = view.extent_from_end(0);
  row.stride[0] = view.stride[view.rank - 1U];
  for (std::uint64_t number = 0; number < row_count(view); ++number) {
    row.address = row_address(view, number);
    if (!good(row)) return number;
  }
  return std::nullopt;
}

}  // namespace

CommandError WrittenRows::check(const Command& command, const Listed* listed) const {
  const ColumnLayout columns = column_layout(command);
  for (unsigned i = 0; i < command.info->operands.size(); ++i) {
    const TensorView& view = command.operands[i];
    if (!view || command.info->operands[i].output || columns.has(i)) continue;
    const bool partial = is(command, DIXION_OPCODE_MATMUL_RESUME) && i == kPartialRead;
    if (!partial && missing_.empty()) continue;
    const auto good = [&](const TensorView& part) {
      return partial ? holds(partial_, part) : !touches(missing_, part);
    };
    if (good(view)) continue;
    const std::optional<std::uint64_t> bad = first_bad_row(command, i, listed, good);
    if (!bad) continue;
    return bad_data(i, *bad,
                    partial ? "partial sums of MATMUL_PARTIAL in every row; none in row " + std::to_string(*bad)
                            : "rows that a command wrote; none wrote row " + std::to_string(*bad));
  }
  return {};
}

void WrittenRows::end(const Command& command, const Listed* listed) {
  const ColumnLayout columns = column_layout(command);
  for (unsigned i = 0; i < command.info->operands.size(); ++i) {
    const TensorView& view = command.operands[i];
    if (!view || !command.info->operands[i].output) continue;
    const std::uint64_t begin = view.address, end = view.address + view.span_bytes();
    // Tiles' columns are no rows: where none is needed, nothing is written.
    if (!columns.has(i) && !written_.contains(begin, end)) {
      if (is_listed(command, i, listed)) {
        static_cast<void>(for_each_range(view, [&](auto from, auto to) {
          written_.for_each_gap(from, to, [&](auto gap, auto behind) { missing_.add(gap, behind); });
          return true;
        }));
      }
      for_each_part(command, i, listed, [&](const TensorView& part) {
        add(part, written_);
        remove(part, missing_);
      });
    }
    if (is(command, DIXION_OPCODE_MATMUL_PARTIAL) && i == kPartialMade) {
      if (partial_.contains(begin, end)) continue;
      for_each_part(command, i, listed, [&](const TensorView& part) { add(part, partial_); });
    } else if (is(command, DIXION_OPCODE_DMA_COPY)) {
      end_of_copy(command.operands[0], view);
    } else if (partial_.touches(begin, end)) {
      for_each_part(command, i, listed, [&](const TensorView& part) { remove(part, partial_); });
    }
  }
}

void WrittenRows::end_of_copy(const TensorView& from, const TensorView& to) {
  AddressRanges copied;
  if (touches(partial_, from)) {
    const std::uint64_t bytes = element_bytes(to.format), columns = to.extent_from_end(0);
    const std::uint64_t from_stride = from.stride[from.rank - 1U], to_stride = to.stride[to.rank - 1U];
    const std::uint64_t piece = from_stride == bytes && to_stride == bytes ? columns : 1;
    for (std::uint64_t row = 0; row < row_count(to); ++row) {
      for (std::uint64_t column = 0; column < columns; column += piece) {
        const std::uint64_t source = row_address(from, row) + column * from_stride;
        const std::uint64_t target = row_address(to, row) + column * to_stride;
        if (partial_.contains(source, source + piece * bytes)) copied.add(target, target + piece * bytes);
      }
    }
  }
  if (partial_.touches(to.address, to.address + to.span_bytes())) remove(to, partial_);
  for (const auto& [begin, end] : copied.ranges()) partial_.add(begin, end);
}

void WrittenRows::reset() {
  written_.clear();
  missing_.clear();
  partial_.clear();
}

}  // namespace dixion
