// SPDX-License-Identifier: Apache-2.0
#include "models/engines/row_list.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "models/common/column_layout.h"
#include "models/common/mask_bits.h"
#include "models/common/tensor_io.h"

namespace dixion {
namespace {

constexpr std::uint64_t kAlignment = 64;

CommandError wrong(dixion_cause cause, std::uint64_t value, std::string expected) {
  return {cause, DIXION_FIELD_OPERAND0 + kRowListOperand, value, std::move(expected)};
}

CommandError bad_entry(std::uint64_t value, const std::string& expected, std::size_t entry) {
  return wrong(DIXION_CAUSE_BAD_PARAMETER, value, expected + "; entry " + std::to_string(entry));
}

/// Calls visit(role, operand number, view) for every operand that is there.
template <typename Visit>
void for_each_operand(const Command& command, Visit visit) {
  for (unsigned i = 0; i < command.info->operands.size(); ++i) {
    if (command.operands[i]) visit(row_role(command.info->value, i), i, command.operands[i]);
  }
}

/// The first dimension counts samples and has more than one.
bool differs_by_sample(RowRole role, const TensorView& view) {
  switch (role) {
    case RowRole::kWeight:
      return view.rank == 3 && view.extent[0] > 1;
    case RowRole::kChannels:
      return view.rank == 2 && view.extent[0] > 1;
    case RowRole::kKeys:
    case RowRole::kSchedule:
      return view.extent[0] > 1;
    case RowRole::kBroadcastRows:
      return !is_gathered(role, view) && view.rank >= 3 && view.extent[0] > 1;
    default:
      return false;
  }
}

/// Tiles of 4 x 4 tokens need a grid; 0 where the command asks for none.
struct GridWidth {
  unsigned immediate;
  std::uint32_t value;
};
GridWidth grid_width_of(const Command& command) {
  switch (command.info->value) {
    case DIXION_OPCODE_MATMUL_RESUME:
      return {2, command.immediates[2]};
    case DIXION_OPCODE_MATMUL_MASKED:
      return {3, command.immediates[3] >> 16};
    case DIXION_OPCODE_ATTENTION_MASKED:
      return {3, command.immediates[3] >> 16};
    case DIXION_OPCODE_CONMERGE_BUILD:
      return {1, command.immediates[1] >> 16};
    default:
      return {0, 0};
  }
}

TensorView dense(const TensorView& like, std::array<std::uint32_t, DIXION_MAX_RANK> extent, std::uint64_t& next) {
  TensorView view;
  view.format = like.format;
  view.rank = like.rank;
  view.extent = extent;
  view.address = next;
  std::uint64_t bytes = element_bytes(view.format);
  for (unsigned d = view.rank; d-- > 0; bytes *= view.extent[d]) view.stride[d] = bytes;
  next += (bytes + kAlignment - 1) / kAlignment * kAlignment;
  return view;
}

/// Which tokens the rows are: for engines whose results speak of tokens.
TensorView token_numbers(const RowGroup& group, std::uint64_t& next) {
  TensorView numbers;
  numbers.format = DIXION_FORMAT_UINT32;
  numbers.rank = 2;
  return dense(numbers, {group.samples, group.tokens}, next);
}

TensorView compact_rows(const TensorView& view, const RowGroup& group, std::uint64_t& next) {
  std::array<std::uint32_t, DIXION_MAX_RANK> extent = view.extent;
  if (view.rank >= 3) extent[0] = group.samples;
  extent[view.rank - 2U] = group.tokens;
  return dense(view, extent, next);
}

}  // namespace

bool is_gathered(RowRole role, const TensorView& view) {
  if (role == RowRole::kBroadcastRows) return view.extent_from_end(1) > 1;
  return has_rows(role) || role == RowRole::kTable || role == RowRole::kRowBits;
}

RowSpace row_space(const Command& command) {
  const TensorView& view = command.operands[0];
  return {view.rank >= 3 ? view.extent[0] : 1, view.extent_from_end(1)};
}

CommandError check_row_list(const Command& command) {
  const TensorView& list = command.operands[kRowListOperand];
  const TensorView& first = command.operands[0];
  if (first.rank < 2) {
    return {DIXION_CAUSE_BAD_SHAPE, DIXION_FIELD_OPERAND0, first.rank, "rank 2 to 4 with a row list"};
  }
  if (const ColumnLayout layout = column_layout(command); layout) {
    const bool by_mask = layout.field < DIXION_FIELD_IMMEDIATE0;
    const std::uint64_t value =
        by_mask ? command.operands[layout.mask].address : command.immediates[layout.field - DIXION_FIELD_IMMEDIATE0];
    return {by_mask ? DIXION_CAUSE_BAD_PARAMETER : DIXION_CAUSE_BAD_IMMEDIATE, layout.field, value,
            "no tiles' columns with a row list: listed tokens are rows"};
  }
  CommandError error;
  for_each_operand(command, [&](RowRole role, unsigned i, const TensorView& view) {
    // A mask of tiles has fewer rows.
    if (error || !has_rows(role) || !is_gathered(role, view)) return;
    if (view.extent_from_end(1) == first.extent_from_end(1)) return;
    error = {DIXION_CAUSE_BAD_SHAPE, DIXION_FIELD_OPERAND0 + i, view.extent_from_end(1),
             std::to_string(first.extent_from_end(1)) + ", a row for each token, with a row list"};
  });
  if (error) return error;
  if (const GridWidth grid = grid_width_of(command); grid.value != 0) {
    return {DIXION_CAUSE_BAD_IMMEDIATE, DIXION_FIELD_IMMEDIATE0 + grid.immediate, command.immediates[grid.immediate],
            "no tiles of 4x4 with a row list: listed tokens form no grid"};
  }
  if (list.format != DIXION_FORMAT_UINT32) return wrong(DIXION_CAUSE_BAD_FORMAT, list.format, "row list in UINT32");
  if (list.rank != 1) return wrong(DIXION_CAUSE_BAD_SHAPE, list.rank, "row list of rank 1");
  if (list.extent[0] <= kRowListHeader) {
    return wrong(DIXION_CAUSE_BAD_SHAPE, list.extent[0], "at least 5 words: the header and room for a row");
  }
  return {};
}

CommandError load_row_list(const Command& command, MemoryAccess& memory, RowList& list) {
  const TensorView& view = command.operands[kRowListOperand];
  const std::uint64_t rows = std::uint64_t{row_space(command).samples} * row_space(command).tokens;
  const std::uint32_t room = view.extent[0] - kRowListHeader;
  const auto read = [&](std::uint32_t first, std::uint32_t count, std::uint32_t* words) {
    TensorView part = view;
    part.address += first * view.stride[0];
    part.extent[0] = count;
    std::vector<std::uint8_t> bytes;
    if (!load_bytes(part, memory, bytes)) return false;
    std::memcpy(words, bytes.data(), bytes.size());
    return true;
  };
  std::uint32_t header[kRowListHeader];
  if (!read(0, kRowListHeader, header)) return wrong(DIXION_CAUSE_BUS_ERROR, view.address, "row list in memory");
  const std::uint32_t count = header[0], capacity = header[1];
  if (capacity > room) {
    return wrong(DIXION_CAUSE_BAD_PARAMETER, capacity, "a capacity of at most " + std::to_string(room) + ", the room");
  }
  if (count > capacity) {
    return wrong(DIXION_CAUSE_BAD_PARAMETER, count, "at most " + std::to_string(capacity) + " rows, the capacity");
  }
  list.generation = header[2];
  list.rows.resize(count);
  if (count > 0 && !read(kRowListHeader, count, list.rows.data())) {
    return wrong(DIXION_CAUSE_BUS_ERROR, view.address, "row list in memory");
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t row = list.rows[i];
    if (row >= rows) return bad_entry(row, "below " + std::to_string(rows) + ", the rows of all samples", i);
    if (i == 0 || row > list.rows[i - 1]) continue;
    if (row == list.rows[i - 1]) return bad_entry(row, "each row once", i);
    return bad_entry(row, "rows in ascending order, above " + std::to_string(list.rows[i - 1]), i);
  }
  return {};
}

std::vector<RowGroup> group_rows(const Command& command, const RowList& list) {
  const auto count = static_cast<std::uint32_t>(list.rows.size());
  if (count == 0) return {};
  bool by_sample = false;
  for_each_operand(command, [&](RowRole role, unsigned, const TensorView& view) {
    by_sample = by_sample || differs_by_sample(role, view);
  });
  if (!by_sample) return {{0, 1, count, list.rows}};
  const std::uint32_t tokens = row_space(command).tokens;
  std::vector<RowGroup> groups;
  for (auto begin = list.rows.begin(); begin != list.rows.end();) {
    const std::uint32_t sample = *begin / tokens;
    const auto end = std::find_if(begin, list.rows.end(), [&](std::uint32_t row) { return row / tokens != sample; });
    const auto length = static_cast<std::uint32_t>(end - begin);
    const bool joins = !groups.empty() && groups.back().tokens == length &&
                       groups.back().first_sample + groups.back().samples == sample;
    if (joins) {
      ++groups.back().samples;
    } else {
      groups.push_back({sample, 1, length, {}});
    }
    groups.back().rows.insert(groups.back().rows.end(), begin, end);
    begin = end;
  }
  return groups;
}

CompactCommand compact_command(const Command& command, const RowGroup& group) {
  CompactCommand compact{command};
  Command& result = compact.command;
  result.flags = static_cast<std::uint8_t>(result.flags & ~DIXION_COMMAND_FLAG_ROW_LIST);
  result.operands[kRowListOperand] = {};
  for_each_operand(command, [&](RowRole role, unsigned i, const TensorView& view) {
    TensorView& to = result.operands[i];
    if (role == RowRole::kTable) {
      to = dense(view, {group.tokens, view.extent[1]}, compact.end);
    } else if (role == RowRole::kRowBits) {
      const auto words = static_cast<std::uint32_t>(mask_words(group.tokens));
      to = dense(view, {group.samples, view.extent[1], words}, compact.end);
    } else if (is_gathered(role, view)) {
      to = compact_rows(view, group, compact.end);
    } else if (differs_by_sample(role, view)) {
      to.address += group.first_sample * view.stride[0];
      to.extent[0] = group.samples;
    }
  });
  if (command.info->value == DIXION_OPCODE_PREDICT) {
    result.operands[kRowListOperand] = token_numbers(group, compact.end);
  }
  return compact;
}

}  // namespace dixion
