// SPDX-License-Identifier: Apache-2.0
/// The shell around every engine: runs commands, moves their traffic, keeps the books.
///
/// A command begins at an edge of the accelerator's clock. The engine checks it, tells its demand, and computes:
/// operands are read now. Then its streams run: reads and writes, of DRAM and of the global buffer, are four trains
/// that run side by side; inside a train transfers follow each other in operand order, the latency hidden from the
/// second on. Computing starts when the first bytes of every operand are there (the longest first-byte latency), writes
/// start with it. The command ends at the first edge at or after max(computing, trains) + drain; only then are results
/// stored. Models: overlap of computing and traffic, sharing of memory. Omits: where inside
/// computing a stall of a bank lies. Read next: ExecutionUnit::run_command.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <systemc>

#include "models/common/clock.h"
#include "models/common/engine.h"
#include "models/common/execution.h"
#include "models/common/statistics.h"
#include "models/common/trace_sink.h"
#include "models/engines/unit_account.h"
#include "models/interconnect/memory_port.h"

namespace dixion {

class CommandBooks;
class MaskStore;
class WrittenRows;

struct ExecutionUnitConfig {
  Requester requester = Requester::kOther;
  std::uint64_t clock_hz = 0;
  unsigned lanes = 1;    ///< cores, or DMA channels: bits of Command::cores this unit has, 1 to 64
  unsigned workers = 1;  ///< commands that may run at the same time
  /// What one lane takes or gives per accel_cycle in each train; 0 means no limit.
  std::uint64_t lane_bytes_per_cycle = 0;
  bool compute_values =
      true;  ///< false: engines plan in place of executing, no tensor is stored; foreign memory gets dummy bursts
  MaskStore* masks = nullptr;      ///< told which commands ran; may be null
  WrittenRows* written = nullptr;  ///< likewise; asked whether what they read was ever written
};

class ExecutionUnit final : public sc_core::sc_module, public ExecutionUnitIf {
 public:
  /// `trace` may be null. All references outlive the simulation.
  ExecutionUnit(const sc_core::sc_module_name& name, const ExecutionUnitConfig& config, Engine& engine,
                MemoryPort& memory, TraceSink* trace);
  ~ExecutionUnit() override;

  /// Must be called before simulation starts.
  void set_listener(CompletionListener& listener) { listener_ = &listener; }

  [[nodiscard]] bool available() const override;
  void start(const Command& command) override;
  [[nodiscard]] bool busy() const override;
  void waits_for(const WaitingLanes& waiting) override;

  /// Names start with `prefix`, e.g. "accelerator.matrix". Checks that busy + stalls + unfinished + idle = total.
  [[nodiscard]] StatisticsList statistics(const std::string& prefix) const;

 private:
  struct Train;
  struct Worker;

  void run_worker(Worker& worker);
  void run_train(Train& train);
  void run_command(Worker& worker);
  [[nodiscard]] CommandError prepare(Worker& worker);
  [[nodiscard]] CommandError execute(Worker& worker);
  [[nodiscard]] CommandError touch(const Worker& worker, bool write);
  /// In timing mode: the bytes themselves move, a row list's.
  [[nodiscard]] static bool is_real(const Worker& worker, const Transfer& transfer);
  void load_trains(Worker& worker);
  [[nodiscard]] CommandError move_and_compute(Worker& worker, CommandBooks& books);
  [[nodiscard]] CommandError store_results(Worker& worker);
  [[nodiscard]] sc_core::sc_time fill_time(const Worker& worker);
  void trace(Stage stage, const Command& command, const CommandCost* cost, const Demand* demand = nullptr);

  ExecutionUnitConfig config_;
  Engine& engine_;
  MemoryPort& memory_;
  TraceSink* trace_;
  CompletionListener* listener_ = nullptr;
  Clock clock_;
  UnitAccount account_;
  std::vector<std::unique_ptr<Worker>> workers_;
  bool engine_in_use_ = false;  // a worker is inside execute(), perhaps waiting on a burst route
  sc_core::sc_event engine_free_;
};

}  // namespace dixion
