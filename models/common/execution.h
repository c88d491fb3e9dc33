// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/common/command.h"
#include "models/common/trace_sink.h"

namespace dixion {

/// Told when a unit is through with a command. Called from the unit's process; must not wait.
class CompletionListener {
 public:
  virtual ~CompletionListener() = default;
  /// Results are in memory when this is called (none if `error` is set). `cost.start_cycle`, `end_cycle` are filled.
  virtual void command_done(const Command& command, const CommandError& error, const CommandCost& cost) = 0;
};

/// Something that runs commands: DMA, matrix engine, vector engine. Commands whose core masks do not overlap may run
/// at the same time; the scoreboard takes care that they do not overlap.
class ExecutionUnitIf {
 public:
  virtual ~ExecutionUnitIf() = default;
  /// A worker is idle.
  [[nodiscard]] virtual bool available() const = 0;
  /// Takes the command now (a copy is kept); command_done follows exactly once, in a later delta at the earliest.
  virtual void start(const Command& command) = 0;
  /// True while anything is running.
  [[nodiscard]] virtual bool busy() const = 0;
  /// What the lanes that are free from now on wait for. Called again whenever that changes.
  virtual void waits_for(const WaitingLanes& /*waiting*/) {}
};

/// Memory with time: a call from an SC_THREAD that returns when the bytes have moved. Used for rings, lists,
/// descriptors and records.
class TimedMemory {
 public:
  virtual ~TimedMemory() = default;
  /// False on a bus error; the destination is then undefined.
  [[nodiscard]] virtual bool read(std::uint64_t address, void* destination, std::size_t length) = 0;
  [[nodiscard]] virtual bool write(std::uint64_t address, const void* source, std::size_t length) = 0;
  /// True if [address, address + length) lies in DRAM or global buffer as far as can be told without an access.
  [[nodiscard]] virtual bool contains(std::uint64_t address, std::uint64_t length) = 0;
};

}  // namespace dixion
