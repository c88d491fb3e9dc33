// SPDX-License-Identifier: Apache-2.0
#include "models/command_processor/scoreboard.h"

#include <algorithm>

#include "models/command_processor/view_overlap.h"
#include "models/common/check.h"

namespace dixion {

namespace {

/// Operands behind the opcode's own (a row list) are only read.
bool is_output(const Command& command, unsigned operand) {
  return operand < command.info->operands.size() && command.info->operands[operand].output;
}

std::optional<Scoreboard::Overlap> find_overlap(const Command& starting, const Command& running) {
  for (unsigned i = 0; i < DIXION_MAX_OPERANDS; ++i) {
    for (unsigned j = 0; j < DIXION_MAX_OPERANDS; ++j) {
      if ((is_output(starting, i) || is_output(running, j)) && starting.operands[i] && running.operands[j] &&
          views_overlap(starting.operands[i], running.operands[j])) {
        return Scoreboard::Overlap{running.queue, running.id, running.info->value, i, j};
      }
    }
  }
  return std::nullopt;
}

}  // namespace

bool Scoreboard::free(abi::Unit unit, CoreMask cores) const {
  return (taken_[static_cast<std::size_t>(unit)] & cores) == 0;
}

std::optional<Scoreboard::Overlap> Scoreboard::begin(const Command& command) {
  DIXION_CHECK(free(command.info->unit, command.cores), command.info->name);
  taken_[static_cast<std::size_t>(command.info->unit)] |= command.cores;
  std::optional<Overlap> overlap;
  for (const Command& other : running_) {
    if (!overlap) overlap = find_overlap(command, other);
  }
  running_.push_back(command);
  return overlap;
}

void Scoreboard::end(const Command& command) {
  const auto same = [&command](const Command& other) {
    return other.queue == command.queue && other.id == command.id && other.list_index == command.list_index;
  };
  const auto found = std::find_if(running_.begin(), running_.end(), same);
  DIXION_CHECK(found != running_.end(), "a command ended that never started");
  taken_[static_cast<std::size_t>(found->info->unit)] &= ~found->cores;
  running_.erase(found);
}

}  // namespace dixion
