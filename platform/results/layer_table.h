// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

#include "models/common/trace_sink.h"
#include "platform/command_names.h"

namespace dixion {

/// What each operator of each denoising step cost: layers.csv. Commands with the same tag and opcode share a row.
class LayerTable final : public TraceSink {
 public:
  void event(const TraceEvent& event) override;
  /// Lines with a heading, rows in the order in which operators first ended. accel_cycles: from begin to end, summed
  /// over commands; busy and all stalls: lane-cycles, which add up to the statistics of the units.
  [[nodiscard]] std::string csv(const OperatorNames& names) const;
  /// Sum over all commands; start_cycle is the first start, end_cycle the last end.
  [[nodiscard]] const CommandCost& total() const { return total_; }
  [[nodiscard]] std::uint64_t commands() const { return commands_; }

 private:
  struct Row {
    std::uint32_t tag = 0;
    std::uint8_t opcode = 0;
    std::uint64_t commands = 0;
    std::uint64_t cycles = 0;
    CommandCost cost;
  };
  std::deque<Row> rows_;  // grows without moving what is there
  std::unordered_map<std::uint64_t, std::size_t> index_;  // tag << 8 | opcode
  CommandCost total_;
  std::uint64_t commands_ = 0;
};

}  // namespace dixion
