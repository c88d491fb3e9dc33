// SPDX-License-Identifier: Apache-2.0
#include "models/engines/row_list_timing.h"

#include <algorithm>

namespace dixion {
namespace {

/// `count` rows of `view`, as far apart as so many in `tokens` can be: where exactly they lie makes no difference to
/// time.
TensorView spread(TensorView view, std::uint32_t count, std::uint32_t tokens) {
  const unsigned row = view.rank - 2U;
  view.extent[row] = count;
  view.stride[row] *= std::max<std::uint32_t>(1, tokens / count);
  return view;
}

/// One view where all samples have as many listed rows or lie one behind the other; otherwise one per sample.
void add_rows(const TensorView& view, const Transfer& like, const RowList& list, std::uint32_t tokens,
              std::vector<Transfer>& transfers) {
  const auto add = [&](const TensorView& rows) {
    transfers.push_back(like);
    transfers.back().view = rows;
  };
  const auto count = static_cast<std::uint32_t>(list.rows.size());
  const bool by_sample = view.rank >= 3 && view.extent[0] > 1;
  if (!by_sample) return add(spread(view, std::min(count, tokens), tokens));
  std::vector<std::uint32_t> counts(view.extent[0], 0);
  for (const std::uint32_t row : list.rows) ++counts[row / tokens];
  if (std::equal(counts.begin() + 1, counts.end(), counts.begin())) return add(spread(view, counts[0], tokens));
  if (view.stride[0] == tokens * view.stride[view.rank - 2U]) {
    TensorView flat = view;
    flat.extent[0] = 1;
    return add(spread(flat, count, view.extent[0] * tokens));
  }
  for (std::uint32_t sample = 0; sample < counts.size(); ++sample) {
    if (counts[sample] == 0) continue;
    TensorView one = view;
    one.address += sample * view.stride[0];
    one.extent[0] = 1;
    add(spread(one, counts[sample], tokens));
  }
}

std::uint32_t passes_of(const std::vector<Demand>& parts, std::uint32_t operand) {
  std::uint32_t passes = 1;
  for (const Demand& part : parts) {
    for (const Transfer& transfer : part.transfers) {
      if (transfer.operand == operand) passes = std::max(passes, transfer.passes);
    }
  }
  return passes;
}

bool is_each_samples_own(RowRole role) {
  return role == RowRole::kKeys || role == RowRole::kChannels || role == RowRole::kSchedule;
}

std::uint64_t bytes_of(const Transfer& transfer) { return transfer.view.payload_bytes() * transfer.passes; }

/// What the groups ask of an operand that is not gathered: each its samples' part, or one of them for all.
void add_whole(const std::vector<Demand>& parts, std::uint32_t operand, RowRole role, std::vector<Transfer>& transfers) {
  const Transfer* largest = nullptr;
  for (const Demand& part : parts) {
    for (const Transfer& transfer : part.transfers) {
      if (transfer.operand != operand) continue;
      if (is_each_samples_own(role)) {
        transfers.push_back(transfer);
      } else if (largest == nullptr || bytes_of(transfer) > bytes_of(*largest)) {
        largest = &transfer;
      }
    }
  }
  if (largest != nullptr) transfers.push_back(*largest);
}

Transfer list_transfer(const Command& command, const RowList& list) {
  Transfer transfer{command.operands[kRowListOperand], kRowListOperand, 1, false};
  transfer.view.extent[0] = kRowListHeader + static_cast<std::uint32_t>(list.rows.size());
  return transfer;
}

}  // namespace

Demand row_list_demand(const Command& command, const RowList& list, const std::vector<RowGroup>& groups,
                       const std::vector<Demand>& parts, std::uint64_t dense_macs) {
  const RowSpace space = row_space(command);
  Demand demand;
  for (const Demand& part : parts) {
    demand.compute += part.compute;
    demand.operand_bank_cycles += part.operand_bank_cycles;
    demand.drain = part.drain;
    demand.macs += part.macs;
    demand.mask += part.mask;
  }
  const std::uint64_t left_out = dense_macs - demand.macs;
  demand.macs = dense_macs;
  demand.mask.macs_marked += left_out;
  demand.mask.macs_exploited += left_out;
  demand.mask.tokens = std::uint64_t{space.samples} * space.tokens;
  demand.mask.active_tokens = list.rows.size();
  for (unsigned i = 0; i < command.info->operands.size() && !groups.empty(); ++i) {
    const TensorView& view = command.operands[i];
    if (!view) continue;
    const RowRole role = row_role(command.info->value, i);
    const Transfer whole{view, i, passes_of(parts, i), command.info->operands[i].output};
    if (role == RowRole::kRowBits) {
      demand.transfers.push_back(whole);
    } else if (is_gathered(role, view)) {
      add_rows(view, whole, list, space.tokens, demand.transfers);
    } else {
      add_whole(parts, i, role, demand.transfers);
    }
  }
  demand.transfers.push_back(list_transfer(command, list));
  return demand;
}

}  // namespace dixion
