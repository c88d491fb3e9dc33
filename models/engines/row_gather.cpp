// SPDX-License-Identifier: Apache-2.0
#include "models/engines/row_gather.h"

#include <cstring>

#include "models/common/mask_bits.h"
#include "models/common/operands.h"
#include "models/common/tensor_io.h"

namespace dixion {
namespace {

/// Listed rows that follow each other, in the tensor and in the compact one.
struct Run {
  std::uint32_t sample, token;             ///< of the first, in the tensor
  std::uint32_t compact_sample, position;  ///< in the compact one
  std::uint32_t count;
};

std::vector<Run> runs_of(const RowGroup& group, std::uint32_t tokens) {
  std::vector<Run> runs;
  for (std::uint32_t i = 0; i < group.rows.size(); ++i) {
    const std::uint32_t row = group.rows[i];
    const bool goes_on = i > 0 && row == group.rows[i - 1] + 1 && row % tokens != 0 && i % group.tokens != 0;
    if (goes_on) {
      ++runs.back().count;
    } else {
      runs.push_back({row / tokens, row % tokens, i / group.tokens, i % group.tokens, 1});
    }
  }
  return runs;
}

std::uint32_t heads_of(const TensorView& view) { return view.rank == 4 ? view.extent[1] : 1; }

/// `count` rows of one head from `token` on; a single sample serves all.
TensorView rows_of(const TensorView& view, std::uint32_t sample, std::uint32_t head, std::uint32_t token,
                   std::uint32_t count) {
  TensorView rows;
  rows.format = view.format;
  rows.rank = 2;
  rows.extent = {count, view.extent[view.rank - 1U]};
  rows.stride = {view.stride[view.rank - 2U], view.stride[view.rank - 1U]};
  rows.address = view.address + token * rows.stride[0];
  if (view.rank >= 3 && view.extent[0] > 1) rows.address += sample * view.stride[0];
  if (view.rank == 4) rows.address += head * view.stride[1];
  return rows;
}

/// Calls visit(rows in the tensor, rows in the compact one) for every run of every head; stops at the first false.
template <typename Visit>
bool for_each_piece(const TensorView& view, const TensorView& compact, const RowGroup& group, std::uint32_t tokens,
                    bool is_table, Visit visit) {
  for (const Run& run : runs_of(group, tokens)) {
    for (std::uint32_t head = 0; head < heads_of(view); ++head) {
      const std::uint32_t sample = is_table ? 0 : run.sample;
      if (!visit(rows_of(view, sample, head, run.token, run.count),
                 rows_of(compact, run.compact_sample, head, run.position, run.count))) {
        return false;
      }
    }
  }
  return true;
}

bool gather_bits(const TensorView& view, const TensorView& compact, const RowGroup& group, std::uint32_t tokens,
                 CompactMemory& memory) {
  std::vector<std::uint8_t> bytes;
  if (!load_bytes(view, memory, bytes)) return false;
  const std::size_t groups = view.extent[1], words = view.extent[2], compact_words = compact.extent[2];
  std::vector<std::uint32_t> from(bytes.size() / sizeof(std::uint32_t)), to(compact.elements(), 0);
  std::memcpy(from.data(), bytes.data(), bytes.size());
  for (std::size_t i = 0; i < group.rows.size(); ++i) {
    const std::size_t sample = group.rows[i] / tokens, token = group.rows[i] % tokens;
    const std::size_t compact_sample = i / group.tokens, position = i % group.tokens;
    for (std::size_t g = 0; g < groups; ++g) {
      const std::uint32_t bit =
          from[(sample * groups + g) * words + token / kMaskWordBits] >> token % kMaskWordBits & 1U;
      to[(compact_sample * groups + g) * compact_words + position / kMaskWordBits] |= bit << position % kMaskWordBits;
    }
  }
  std::memcpy(memory.at(compact.address), to.data(), to.size() * sizeof(std::uint32_t));
  return true;
}

/// Words of samples with listed rows; bits of rows that are not listed are 0.
void scatter_bits(const TensorView& view, const TensorView& compact, const RowGroup& group, std::uint32_t tokens,
                  CompactMemory& memory, Result& result) {
  const std::size_t groups = view.extent[1], words = view.extent[2], compact_words = compact.extent[2];
  TensorView samples = view;
  samples.address += group.first_sample * view.stride[0];
  samples.extent[0] = group.samples;
  std::vector<std::uint32_t> from(compact.elements()), to(samples.elements(), 0);
  std::memcpy(from.data(), memory.at(compact.address), from.size() * sizeof(std::uint32_t));
  for (std::size_t i = 0; i < group.rows.size(); ++i) {
    const std::size_t sample = i / group.tokens, position = i % group.tokens, token = group.rows[i] % tokens;
    for (std::size_t g = 0; g < groups; ++g) {
      const std::uint32_t bit =
          from[(sample * groups + g) * compact_words + position / kMaskWordBits] >> position % kMaskWordBits & 1U;
      to[(sample * groups + g) * words + token / kMaskWordBits] |= bit << token % kMaskWordBits;
    }
  }
  std::memcpy(add_result(result, samples).bytes.data(), to.data(), to.size() * sizeof(std::uint32_t));
}

}  // namespace

void CompactMemory::open(std::uint64_t end, MemoryAccess& behind) {
  bytes_.resize(end - kCompactBase);
  behind_ = &behind;
}

bool CompactMemory::read(std::uint64_t address, void* destination, std::size_t length) {
  if (!holds(address)) return behind_->read(address, destination, length);
  std::memcpy(destination, at(address), length);
  return true;
}

bool CompactMemory::write(std::uint64_t address, const void* source, std::size_t length) {
  if (!holds(address)) return behind_->write(address, source, length);
  std::memcpy(at(address), source, length);
  return true;
}

CommandError gather_rows(const Command& command, const Command& compact, const RowGroup& group, CompactMemory& memory) {
  const std::uint32_t tokens = row_space(command).tokens;
  std::vector<std::uint8_t> bytes;
  for (unsigned i = 0; i < command.info->operands.size(); ++i) {
    const TensorView& view = command.operands[i];
    const RowRole role = row_role(command.info->value, i);
    if (!view || !is_gathered(role, view)) continue;
    if (command.info->operands[i].output && role != RowRole::kKeptRows) continue;
    const auto copy = [&](const TensorView& from, const TensorView& to) {
      if (!load_bytes(from, memory, bytes)) return false;
      std::memcpy(memory.at(to.address), bytes.data(), bytes.size());
      return true;
    };
    const TensorView& to = compact.operands[i];
    const bool readable = role == RowRole::kRowBits
                              ? gather_bits(view, to, group, tokens, memory)
                              : for_each_piece(view, to, group, tokens, role == RowRole::kTable, copy);
    if (!readable) return unreadable(command, i);
  }
  if (const TensorView& numbers = compact.operands[kRowListOperand]) {
    std::vector<std::uint32_t> row_tokens;
    for (const std::uint32_t row : group.rows) row_tokens.push_back(row % tokens);
    std::memcpy(memory.at(numbers.address), row_tokens.data(), row_tokens.size() * sizeof(std::uint32_t));
  }
  return {};
}

void scatter_rows(const Command& command, const Command& compact, const RowGroup& group, CompactMemory& memory,
                  Result& result) {
  const std::uint32_t tokens = row_space(command).tokens;
  for (unsigned i = 0; i < command.info->operands.size(); ++i) {
    const RowRole role = row_role(command.info->value, i);
    if (!command.info->operands[i].output || !is_gathered(role, command.operands[i])) continue;
    if (role == RowRole::kRowBits) {
      scatter_bits(command.operands[i], compact.operands[i], group, tokens, memory, result);
      continue;
    }
    const auto copy = [&](const TensorView& to, const TensorView& from) {
      Result::Tensor& tensor = add_result(result, to);
      std::memcpy(tensor.bytes.data(), memory.at(from.address), tensor.bytes.size());
      return true;
    };
    static_cast<void>(for_each_piece(command.operands[i], compact.operands[i], group, tokens, false, copy));
  }
}

}  // namespace dixion
