// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/common/clock.h"
#include "models/common/command.h"
#include "models/common/mask_work.h"
#include "models/common/memory_access.h"

namespace dixion {

/// Traffic of one operand: the view is moved `passes` times (an operand that does not fit is read again).
struct Transfer {
  TensorView view;
  std::uint32_t operand = 0;  ///< its number in the command
  std::uint32_t passes = 1;
  bool write = false;
};

/// What a command asks of the machine, known when it starts. Formulas: docs/timing.md.
struct Demand {
  Cycles compute = 0;              ///< accel_cycles from first operand to last result if memory never made it wait
  Cycles operand_bank_cycles = 0;  ///< part of `compute` lost to operands in the same bank of the core SRAM
  Cycles drain = 0;                ///< part of the result that leaves after everything else is done
  std::uint64_t macs = 0;          ///< as if there were no mask
  MaskWork mask{};
  std::vector<Transfer> transfers;  ///< reads and writes, in operand order
};

/// Results of a command, held back until it completes: in memory they appear at its end.
struct Result {
  struct Tensor {
    TensorView view;
    std::vector<std::uint8_t> bytes;  ///< dense, row-major, in the view's format
  };
  std::vector<Tensor> tensors;
  std::uint64_t saturations = 0;
  std::optional<Demand> demand;                      ///< in place of the one told before, where data decide
  std::optional<std::vector<std::uint32_t>> listed;  ///< rows of the command's row list: sample * tokens + token
};

/// The plain core of an engine. One shell (models/engines/execution_unit.h) runs every engine: check, demand, execute
/// at the start; wait for compute and streams; write the result at the end.
class Engine {
 public:
  virtual ~Engine() = default;
  /// Formats, shapes and immediates of a decoded command; no memory is touched.
  [[nodiscard]] virtual CommandError check(const Command& command) const = 0;
  /// Cycles and traffic. Only for commands that pass check().
  [[nodiscard]] virtual Demand demand(const Command& command) const = 0;
  /// Reads operands and computes. An unreadable operand gives DIXION_CAUSE_BUS_ERROR, bad data (a list index out of
  /// range, a shift above 62) its cause. Only for commands that pass check().
  [[nodiscard]] virtual CommandError execute(const Command& command, MemoryAccess& memory, Result& result) = 0;
  /// In place of execute() where tensors hold no values (timing mode): reads row lists, which stay real, and writes
  /// those that the command makes; touches no other operand. Only for commands that pass check().
  [[nodiscard]] virtual CommandError plan(const Command& /*command*/, MemoryAccess& /*memory*/, Result& /*result*/) {
    return {};
  }
};

}  // namespace dixion
