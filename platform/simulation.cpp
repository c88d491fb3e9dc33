// SPDX-License-Identifier: Apache-2.0
#include "platform/simulation.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "host/boot_rom.h"
#include "host/device_tree.h"
#include "models/abi/generated/commands.h"
#include "models/abi/generated/memory_map.h"
#include "models/common/check.h"

namespace dixion {

namespace {

/// A range of DRAM that something was loaded to.
struct Placement {
  std::string name;
  std::uint64_t base;
  std::uint64_t size;
};

std::string hex(std::uint64_t value) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "0x%llx", static_cast<unsigned long long>(value));
  return text.data();
}

/// SystemC's own messages: what it tells about stopping is of no interest, warnings are; errors end the run.
void on_kernel_report(const sc_core::sc_report& report, const sc_core::sc_actions&) {
  if (report.get_severity() >= sc_core::SC_ERROR) throw report;
  if (report.get_severity() == sc_core::SC_WARNING) std::fprintf(stderr, "dixion-vp: warning: %s\n", report.what());
}

}  // namespace

void check_placement(const SimulationInput& input) {
  std::vector<Placement> placements;
  for (const host::ElfSegment& segment : input.elf.segments) {
    placements.push_back({"the program's segment", segment.address, segment.memory_size});
  }
  for (const LoadedBytes& load : input.loads) placements.push_back({load.name, load.address, load.size});
  const std::uint64_t capacity = input.soc.memory.capacity_bytes;
  for (const Placement& place : placements) {
    if (place.base < DIXION_MAP_DRAM_BASE || place.size > capacity ||
        place.base - DIXION_MAP_DRAM_BASE > capacity - place.size) {
      throw ConfigError("memory", place.name + " at " + hex(place.base) + ", " + std::to_string(place.size) +
                                      " bytes, lies outside DRAM (" + hex(DIXION_MAP_DRAM_BASE) + " to " +
                                      hex(DIXION_MAP_DRAM_BASE + capacity) + ", soc.memory." +
                                      (input.soc.memory.dram ? "dram" : "simple") + ".capacity_bytes)");
    }
  }
  std::sort(placements.begin(), placements.end(),
            [](const Placement& a, const Placement& b) { return a.base < b.base; });
  for (std::size_t i = 1; i < placements.size(); ++i) {
    const Placement& below = placements[i - 1];
    if (below.base + below.size > placements[i].base) {
      throw ConfigError("memory", below.name + " at " + hex(below.base) + " and " + placements[i].name + " at " +
                                      hex(placements[i].base) + " overlap");
    }
  }
}

class Simulation::DebugMemory final : public MemoryAccess {
 public:
  explicit DebugMemory(std::unique_ptr<Soc>& soc) : soc_(soc) {}
  bool read(std::uint64_t address, void* destination, std::size_t length) override {
    return soc_->read(address, destination, length);
  }
  bool write(std::uint64_t address, const void* source, std::size_t length) override {
    return soc_->write(address, source, length);
  }

 private:
  std::unique_ptr<Soc>& soc_;
};

Simulation::Simulation(SimulationInput input, Console& console)
    : input_(std::move(input)),
      console_(console),
      errors_(console, input_.debug.guest_errors, [this] { return hart_place(); }),
      events_(input_.debug, input_.operators, console, [this] { return hart_place(); }),
      mmio_(console, [this] { return hart_place(); }),
      energy_(make_energy_table(input_.soc.energy, input_.soc.accelerator), input_.soc.accelerator),
      progress_(console, input_.steps) {
  sc_core::sc_report_handler::set_handler(on_kernel_report);
  trace_.add(layers_);
  trace_.add(energy_);
  trace_.add(events_);
  trace_.add(progress_);
  if (!input_.record_masks.empty()) {
    debug_memory_ = std::make_unique<DebugMemory>(soc_);
    recorder_ = std::make_unique<MaskRecorder>(input_.record_masks, input_.workload, *debug_memory_);
    trace_.add(*recorder_);
  }
  control_ = std::make_unique<RunControl>("control", input_.max_sim_time);
  control_->nothing_can_happen = [this] { return soc_->host().status().only_devices_can_wake(); };
  soc_ = std::make_unique<Soc>("soc", input_.soc, host_config(),
                               Soc::Observers{errors_, trace_, input_.debug.mmio ? &mmio_ : nullptr}, input_.threads,
                               input_.masks.get());
  if (input_.recorded_masks != nullptr) {
    input_.recorded_masks->on_mistake = [this](const std::string& reason) {
      control_->end({Outcome::kUserError, reason, 0, {}});
    };
  }
  load_memory();
}

Simulation::~Simulation() = default;

host::HostConfig Simulation::host_config() {
  host::HostConfig config = make_host_config(input_.soc);
  config.boot_rom = boot_rom();
  config.stop_request = &InterruptGuard::flag();
  config.guest_errors = &errors_;
  config.trace = &trace_;
  config.on_uart_output = [this](std::uint8_t byte) { console_.guest_byte(byte); };
  config.on_finish = [this](const host::Finish& finish) {
    switch (finish.kind) {
      case host::Finish::Kind::kPass:
        control_->end({Outcome::kPassed, "the firmware reported success", 0, {}});
        break;
      case host::Finish::Kind::kFail:
        control_->end({Outcome::kFailed, "the firmware reported code " + std::to_string(finish.code), finish.code, {}});
        break;
      case host::Finish::Kind::kReset:
        control_->end({Outcome::kFailed, "the firmware asked for a reset, which ends the run", 1, {}});
        break;
    }
  };
  config.on_hang = [this](const std::string& reason) {
    trap_loop_ = true;
    control_->end({Outcome::kNoProgress, reason, 0, {}});
  };
  config.on_stop = [this] { control_->end({Outcome::kInterrupted, "by Ctrl-C", 0, {}}); };
  return config;
}

std::vector<std::uint8_t> Simulation::boot_rom() const {
  host::DeviceTreeConfig tree;
  tree.harts = input_.soc.host.harts;
  tree.timebase_hz = static_cast<std::uint32_t>(input_.soc.host.timer_hz);
  tree.memory = {DIXION_MAP_DRAM_BASE, input_.soc.memory.capacity_bytes};
  tree.accelerator = {DIXION_MAP_ACCELERATOR_BASE, DIXION_MAP_ACCELERATOR_SIZE};
  tree.accelerator_interrupts.clear();
  for (std::uint32_t line = 0; line < DIXION_LINES; ++line) {
    tree.accelerator_interrupts.push_back(DIXION_MAP_ACCELERATOR_IRQ + line);
  }
  if (input_.image_address) tree.image = host::AddressRange{*input_.image_address, input_.image_size};
  return host::make_boot_rom(input_.elf.entry, host::build_device_tree(tree));
}

void Simulation::load_memory() {
  for (const host::ElfSegment& segment : input_.elf.segments) {
    DIXION_CHECK(soc_->write(segment.address, segment.bytes.data(), segment.bytes.size()), "checked placement");
  }
  for (const LoadedBytes& load : input_.loads) {
    DIXION_CHECK(soc_->write(load.address, load.bytes.data(), load.bytes.size()), "checked placement");
  }
}

Ticks Simulation::now() { return sc_core::sc_time_stamp().value(); }

std::string Simulation::hart_place() const {
  if (!soc_) return "before the first instruction";
  const std::uint64_t pc = soc_->host().current_pc();
  const std::string function = input_.elf.function_at(pc);
  return "pc " + hex(pc) + (function.empty() ? "" : " in " + function) + " (hart " +
         std::to_string(soc_->host().current_hart()) + ")";
}

Verdict Simulation::run() {
  Verdict verdict;
  try {
    sc_core::sc_start();
    verdict = control_->verdict().value_or(
        Verdict{Outcome::kNoProgress, "all harts sleep and nothing is left that could wake one", 0, {}});
    if (verdict.outcome == Outcome::kNoProgress) {
      verdict.report = state_report(trap_loop_ ? Standstill::kTrapLoop : Standstill::kAsleep);
    } else if (verdict.outcome == Outcome::kTimeLimit || verdict.outcome == Outcome::kInterrupted) {
      verdict.report = state_report(Standstill::kRanOn);
    }
  } catch (const std::exception& error) {  // DefectError, or a SystemC report that carries it out of a process
    verdict = {Outcome::kDefect, error.what(), 0, {}};
  }
  errors_.flush();
  console_.clear_progress();
  console_.flush();
  return verdict;
}

std::vector<std::string> Simulation::state_report(Standstill kind) const {
  return describe_standstill({kind, now(), soc_->host().status(), soc_->accelerator().queue_status(), events_.recent()},
                             input_.elf);
}

}  // namespace dixion
