// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/common/command.h"

namespace dixion {

inline constexpr unsigned kUnits = 6;  ///< abi::Unit

/// Which commands of all queues are running: cores taken per unit, and operands in use.
class Scoreboard {
 public:
  /// Two running commands touch the same bytes and at least one writes them.
  struct Overlap {
    std::uint8_t queue;  ///< of the one that was there first
    std::uint32_t id;
    std::uint8_t opcode;
    unsigned operand;  ///< of the one that starts
    unsigned their_operand;
  };

  /// None of these cores is taken on this unit.
  [[nodiscard]] bool free(abi::Unit unit, CoreMask cores) const;
  [[nodiscard]] CoreMask taken(abi::Unit unit) const { return taken_[static_cast<std::size_t>(unit)]; }
  /// The command starts. Tells the first overlap, which does not keep it from starting.
  std::optional<Overlap> begin(const Command& command);
  void end(const Command& command);
  [[nodiscard]] std::size_t running() const { return running_.size(); }

 private:
  std::array<CoreMask, kUnits> taken_{};
  std::vector<Command> running_;  // in order of start
};

}  // namespace dixion
