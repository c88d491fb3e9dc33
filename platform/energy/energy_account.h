// SPDX-License-Identifier: Apache-2.0
/// Adds up energy while a run goes on: per command kind and operator, per component, then what only time decides.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <unordered_map>

#include "models/common/clock.h"
#include "models/common/trace_sink.h"
#include "platform/energy/command_actions.h"
#include "platform/energy/energy_table.h"

namespace dixion {

/// pJ, by component.
using ComponentEnergy = std::array<EnergyRange, kComponents>;

[[nodiscard]] EnergyRange sum_of(const ComponentEnergy& energy);

/// What is known only when a run has ended.
struct RunTotals {
  Ticks simulated = 0;              ///< ps
  std::uint64_t fetched_bytes = 0;  ///< DRAM bytes of rings, lists, descriptors, records and timestamps
  std::uint64_t activations = 0;    ///< rows the DRAM opened; 0 where it does not count them
};

/// All in pJ. The total is the sum of everything above it.
struct EnergyReport {
  ComponentEnergy commands{};  ///< all commands together
  EnergyRange fetch;           ///< the command processor's own traffic
  EnergyRange dram_activation;
  EnergyRange leakage;
  EnergyRange dram_background;
  EnergyRange dram_refresh;
  EnergyRange total;
  ActionCounts counts{};  ///< of commands and fetch
};

class EnergyAccount final : public TraceSink {
 public:
  /// Commands of one tag and opcode, as in layers.csv, in the order in which they first ended.
  struct Row {
    std::uint32_t tag = 0;
    std::uint8_t opcode = 0;
    ComponentEnergy energy{};
  };

  EnergyAccount(const EnergyTable& table, const AcceleratorConfig& accelerator)
      : table_(table), accelerator_(accelerator) {}

  /// Each command's energy is rounded to whole pJ per component, so that all sums of it are exact.
  void event(const TraceEvent& event) override;
  [[nodiscard]] const std::deque<Row>& rows() const { return rows_; }
  /// DefectError unless the rows add up to the commands' part and all parts to the total.
  [[nodiscard]] EnergyReport report(const RunTotals& totals) const;

 private:
  [[nodiscard]] ComponentEnergy energy_of(const ActionCounts& counts) const;

  const EnergyTable table_;
  const AcceleratorConfig accelerator_;
  std::deque<Row> rows_;
  std::unordered_map<std::uint64_t, std::size_t> index_;  // tag << 8 | opcode
  ComponentEnergy commands_{};
  ActionCounts counts_{};
  std::uint64_t control_bytes_ = 0;  // moved by commands of the command processor itself: fetched_bytes has them too
};

}  // namespace dixion
