// SPDX-License-Identifier: Apache-2.0
#include "models/engines/row_list_engine.h"

#include <optional>
#include <utility>

#include "models/common/tensor_io.h"
#include "models/engines/row_list_timing.h"

namespace dixion {
namespace {

/// Products are in proportion to rows.
std::uint64_t dense_macs(const Engine& engine, const Command& command, const RowList& list,
                         const std::vector<Demand>& parts) {
  if (list.rows.empty()) return engine.demand(command).macs;
  std::uint64_t macs = 0;
  for (const Demand& part : parts) macs += part.macs;
  const RowSpace space = row_space(command);
  return macs / list.rows.size() * space.samples * space.tokens;
}

}  // namespace

CommandError RowListEngine::check(const Command& command) const {
  CommandError error = engine_.check(command);
  return error || !has_row_list(command) ? error : check_row_list(command);
}

CommandError RowListEngine::execute(const Command& command, MemoryAccess& memory, Result& result) {
  if (!has_row_list(command)) return engine_.execute(command, memory, result);
  RowList list;
  if (CommandError error = load_row_list(command, memory, list)) return error;
  const std::vector<RowGroup> groups = group_rows(command, list);
  std::vector<Demand> parts;
  for (const RowGroup& group : groups) {
    const CompactCommand compact = compact_command(command, group);
    compact_.open(compact.end, memory);
    if (CommandError error = gather_rows(command, compact.command, group, compact_)) return error;
    Result part;
    if (CommandError error = engine_.execute(compact.command, compact_, part)) {
      error.expected += " (rows counted over those listed)";
      return error;
    }
    for (Result::Tensor& tensor : part.tensors) {
      if (CompactMemory::holds(tensor.view.address)) {
        static_cast<void>(store(tensor, compact_));
      } else {
        result.tensors.push_back(std::move(tensor));
      }
    }
    scatter_rows(command, compact.command, group, compact_, result);
    result.saturations += part.saturations;
    parts.push_back(part.demand ? *part.demand : engine_.demand(compact.command));
  }
  result.demand = row_list_demand(command, list, groups, parts, dense_macs(engine_, command, list, parts));
  result.listed = std::move(list.rows);
  return {};
}

CommandError RowListEngine::plan(const Command& command, MemoryAccess& memory, Result& result) {
  if (!has_row_list(command)) return engine_.plan(command, memory, result);
  RowList list;
  if (CommandError error = load_row_list(command, memory, list)) return error;
  const std::vector<RowGroup> groups = group_rows(command, list);
  std::vector<Demand> parts;
  for (const RowGroup& group : groups) {
    std::optional<MaskStore::Selection> selection;
    if (masks_ != nullptr) selection.emplace(*masks_, command, group.rows);
    parts.push_back(engine_.demand(compact_command(command, group).command));
  }
  result.demand = row_list_demand(command, list, groups, parts, dense_macs(engine_, command, list, parts));
  result.listed = std::move(list.rows);
  return {};
}

}  // namespace dixion
