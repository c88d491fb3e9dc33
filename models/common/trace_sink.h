// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "models/common/mask_work.h"
#include "models/common/stall_reason.h"

namespace dixion {

struct Command;  // models/common/command.h
struct Demand;   // models/common/engine.h

/// The hops of one command's life, in the order of docs/tour.md.
enum class Stage : std::uint8_t {
  kHostStore,  ///< a hart's store reaches a device; id = physical address
  kDoorbell,   ///< a queue's tail was published; id = new tail
  kFetch,      ///< a command's 64 bytes arrived
  kDecode,     ///< bytes became a command
  kDispatch,   ///< dependencies are met, an engine accepted it
  kBegin,      ///< the engine started; operands are read now
  kEnd,        ///< the engine finished; results are visible now
  kComplete,   ///< the completion record is in DRAM
  kInterrupt,  ///< an interrupt line rose; id = line
  kTrap,       ///< a hart took the trap; id = mcause
  kMarker,     ///< outside that order: software wrote TRACE_MARKER; id = the value
};

/// What one command cost; filled for Stage::kEnd only. Lane-cycles: accel_cycles summed over the lanes (cores or DMA
/// channels) it ran on. busy_cycles and the stalls in the command add up to lanes x (end_cycle - start_cycle).
struct CommandCost {
  std::uint64_t start_cycle = 0;  ///< accel_cycles
  std::uint64_t end_cycle = 0;    ///< accel_cycles
  std::uint64_t busy_cycles = 0;  ///< lane-cycles computing
  std::uint64_t macs = 0;         ///< as if there were no mask
  std::uint64_t dram_read_bytes = 0;
  std::uint64_t dram_write_bytes = 0;
  std::uint64_t buffer_read_bytes = 0;
  std::uint64_t buffer_write_bytes = 0;
  std::uint64_t saturations = 0;  ///< values changed by saturation
  unsigned lanes = 0;             ///< 0 for CALL and the commands of the control unit
  /// Lane-cycles in the command, and those in which free lanes of its unit waited since the command before it began.
  Stalls stalls{};
  MaskWork mask{};
};

/// One recorded event. Plain data; a sink decides what becomes of it.
struct TraceEvent {
  Stage stage;
  std::uint64_t time_ticks;
  std::uint64_t id;       ///< command id, or what the stage says
  std::uint32_t tag = 0;  ///< step, layer, operator (abi/tag.h)
  std::uint8_t queue = 0;
  std::uint8_t opcode = 0;
  const CommandCost* cost = nullptr;  ///< valid during the call only
  /// Like `cost`: the command, at kBegin and kEnd; what it asked for, at the end of one that had no error.
  const Command* command = nullptr;
  const Demand* demand = nullptr;
};

/// Observers plug in here: viewers, statistics per layer, test recorders. Models know no file format.
class TraceSink {
 public:
  virtual ~TraceSink() = default;
  virtual void event(const TraceEvent& event) = 0;
};

}  // namespace dixion
