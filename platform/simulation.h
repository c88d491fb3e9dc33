// SPDX-License-Identifier: Apache-2.0
/// One simulation: the SoC with its observers, from loaded memory to verdict.
/// Read next: Simulation::run.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/elf_loader.h"
#include "platform/cli.h"
#include "platform/command_names.h"
#include "platform/console.h"
#include "platform/energy/energy_account.h"
#include "platform/event_log.h"
#include "platform/guest_error_log.h"
#include "platform/hang_report.h"
#include "platform/masks/mask_recorder.h"
#include "platform/masks/recorded_masks.h"
#include "platform/mmio_log.h"
#include "platform/progress.h"
#include "platform/results/layer_table.h"
#include "platform/run_control.h"
#include "platform/soc.h"
#include "platform/trace_hub.h"
#include "platform/verdict.h"

namespace dixion {

/// Bytes that are in memory before the first instruction.
struct LoadedBytes {
  std::string name;  ///< for messages: file or "workload"
  std::uint64_t address = 0;
  std::vector<std::uint8_t> bytes;
  std::uint64_t size = 0;  ///< address space taken, at least that of `bytes`; the rest stays as it is
};

/// What a simulation is made from; everything has been read and checked.
struct SimulationInput {
  SocParameters soc;
  host::ElfImage elf;
  std::vector<LoadedBytes> loads;
  std::optional<std::uint64_t> image_address;  ///< the packed workload, one of `loads`
  std::uint64_t image_size = 0;
  std::uint32_t steps = 0;  ///< denoising steps, for progress
  OperatorNames operators;
  DebugCategories debug;
  std::optional<Ticks> max_sim_time;
  unsigned threads = 0;                     ///< of the workstation, 0: see Soc
  std::unique_ptr<MaskSupply> masks;        ///< of timing mode
  RecordedMasks* recorded_masks = nullptr;  ///< `masks`, if that is what they are
  std::string record_masks;                 ///< file for masks; empty: none
  RecordedWorkload workload;                ///< what they are recorded with
};

/// Throws ConfigError when a segment of the program or other bytes do not fit into DRAM or overlap.
void check_placement(const SimulationInput& input);

class Simulation {
 public:
  /// Elaborates the SoC and fills its memory. `input` has passed check_placement().
  Simulation(SimulationInput input, Console& console);
  ~Simulation();

  /// Runs to the end. Never throws: a defect becomes its verdict.
  Verdict run();

  [[nodiscard]] Soc& soc() { return *soc_; }
  [[nodiscard]] const LayerTable& layers() const { return layers_; }
  [[nodiscard]] const EnergyAccount& energy() const { return energy_; }
  /// Completes what is written along the way. Throws ConfigError.
  void finish_recordings() {
    if (recorder_) recorder_->finish();
  }
  [[nodiscard]] std::uint64_t guest_errors() const { return errors_.count(); }
  [[nodiscard]] double wall_seconds() const { return progress_.wall_seconds(); }
  [[nodiscard]] static Ticks now();

 private:
  /// Memory as it is between accesses of the simulated machine.
  class DebugMemory;

  void load_memory();
  [[nodiscard]] host::HostConfig host_config();
  [[nodiscard]] std::vector<std::uint8_t> boot_rom() const;
  /// "pc 0x80000120 in main+0x1c (hart 0)" for the hart that runs now.
  [[nodiscard]] std::string hart_place() const;
  [[nodiscard]] std::vector<std::string> state_report(Standstill kind) const;

  SimulationInput input_;
  Console& console_;
  GuestErrorLog errors_;
  EventLog events_;
  MmioLog mmio_;
  LayerTable layers_;
  EnergyAccount energy_;
  Progress progress_;
  TraceHub trace_;
  std::unique_ptr<DebugMemory> debug_memory_;
  std::unique_ptr<MaskRecorder> recorder_;
  InterruptGuard interrupt_guard_;
  bool trap_loop_ = false;
  std::unique_ptr<RunControl> control_;
  std::unique_ptr<Soc> soc_;
};

}  // namespace dixion
