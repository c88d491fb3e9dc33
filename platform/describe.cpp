// SPDX-License-Identifier: Apache-2.0
#include <iomanip>
#include <iostream>

#include "models/abi/generated/commands.h"
#include "models/abi/generated/memory_map.h"
#include "platform/masks/mask_settings.h"
#include "platform/prepared_workload.h"
#include "platform/presets.h"
#include "platform/results/energy_rows.h"
#include "platform/results/statistics_report.h"
#include "platform/run.h"
#include "platform/settings.h"
#include "platform/soc.h"
#include "platform/soc_config.h"
#include "platform/time_units.h"
#include "traces/proto/text_config.h"

namespace dixion {

namespace {

void list(const std::string& title, const std::vector<std::string>& names) {
  std::cout << title;
  for (const std::string& name : names) std::cout << ' ' << name;
  std::cout << '\n';
}

void map_row(const char* name, std::uint64_t base, std::uint64_t size) {
  std::cout << "  0x" << std::hex << base << " to 0x" << base + size - 1 << std::dec << "  " << name << '\n';
}

void row(const std::string& name, std::uint64_t value, const std::string& unit) {
  std::cout << "  " << std::left << std::setw(34) << name << std::right << std::setw(24) << format_count(value) << "  "
            << unit << '\n';
}

struct NoErrors final : GuestErrorSink {
  void guest_error(const GuestError&) override {}
};

struct NoTrace final : TraceSink {
  void event(const TraceEvent&) override {}
};

StatisticsList statistics_of(const char* name, const SocParameters& parameters) {
  NoErrors errors;
  NoTrace trace;
  return Soc(name, parameters, make_host_config(parameters), {errors, trace}).statistics();
}

/// Asks SoCs that never run; the second has the DRAM model, whose statistics include the simple memory's.
void describe_statistics(const Options& options, const SocParameters& parameters) {
  std::vector<std::string> sets = options.sets;
  if (!parameters.memory.dram) sets.emplace_back("soc.memory.dram.channels=4");
  StatisticsList all = statistics_of("soc", parameters);
  for (const StatisticsList& more :
       {statistics_of("dram_soc", validate_soc_config(load_soc_config(options.soc, sets))), energy_statistics({})}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  std::cout << statistics_page(all);
}

/// Totals first, then a row per operator.
int describe_network(const Options& options) {
  const DescribedWorkload described = describe_workload(options.workload, options.sets);
  const WorkloadSummary& summary = described.summary;
  std::cout << "workload " << described.description.name() << ": " << described.description.description() << '\n'
            << "source: " << described.description.source() << '\n';
  row("steps", described.description.steps(), "denoising steps");
  row("rows", summary.rows, "samples x branches");
  row("operators", summary.operators.size(), "once, per step, at the end");
  row("weights", summary.weight_bytes, "bytes of constant tensors");
  row("per call", summary.macs_per_call(), "MACs of one sample, branch and step, once-per-run work counted in");
  row("once", summary.once_macs, "MACs, whole batch");
  row("per step", summary.step_macs, "MACs, whole batch");
  row("run", summary.run_macs, "MACs that the run does");
  std::cout << "operators:\n  phase   type            MACs                weights     operands    name, shapes\n";
  for (const OperatorSummary& op : summary.operators) {
    std::cout << "  " << std::left << std::setw(8) << op.phase << std::setw(16) << op.type << std::setw(20) << op.macs
              << std::setw(12) << op.weight_bytes << std::setw(12) << op.operand_bytes << op.name << "  " << op.shapes
              << '\n';
  }
  return 0;
}

}  // namespace

int check(const Options& options) {
  check_settings(options.sets);
  const SocParameters soc = validate_soc_config(load_soc_config(options.soc, options.sets));
  std::cout << "soc " << preset_name(options.soc) << ": ok, " << soc.accelerator.cores << " cores, "
            << format_count(soc.accelerator.global_buffer_bytes) << " bytes of global buffer, "
            << format_count(soc.memory.capacity_bytes) << " bytes of DRAM\n";
  if (options.workload.empty()) return 0;
  const PreparedWorkload workload =
      prepare_workload(options.workload, options.sets, options.seed, ImageContent::kTablesOnly);
  require_engines(workload, soc.accelerator);
  static_cast<void>(workload_masks(workload.techniques, soc.accelerator));
  std::cout << "workload " << workload.name << ": ok, " << workload.operators.size() << " operators, " << workload.steps
            << " steps, " << format_count(workload.image_size) << " bytes packed\n";
  return 0;
}

int describe(const Options& options) {
  check_settings(options.sets);
  if (!options.workload.empty()) return describe_network(options);
  const config::SocConfig config = load_soc_config(options.soc, options.sets);
  const SocParameters soc = validate_soc_config(config);
  if (options.keys) {
    for (const std::string& line : describe_keys(config)) std::cout << line << '\n';
    return 0;
  }
  if (options.statistics) {
    describe_statistics(options, soc);
    return 0;
  }
  list("SoC presets:", preset_names(soc_folders()));
  list("workloads:", preset_names(workload_folders()));
  std::cout << "memory map of " << preset_name(options.soc) << ":\n";
  map_row("boot ROM", DIXION_MAP_BOOT_ROM_BASE, DIXION_MAP_BOOT_ROM_SIZE);
  map_row("finisher", DIXION_MAP_FINISHER_BASE, DIXION_MAP_FINISHER_SIZE);
  map_row("CLINT", DIXION_MAP_CLINT_BASE, DIXION_MAP_CLINT_SIZE);
  map_row("accelerator registers, interrupts 64 and up", DIXION_MAP_ACCELERATOR_BASE, DIXION_MAP_ACCELERATOR_SIZE);
  map_row("PLIC", DIXION_MAP_PLIC_BASE, DIXION_MAP_PLIC_SIZE);
  map_row("UART, interrupt 10", DIXION_MAP_UART_BASE, DIXION_MAP_UART_SIZE);
  map_row("DRAM", DIXION_MAP_DRAM_BASE, soc.memory.capacity_bytes);
  map_row("global buffer", DIXION_MAP_GLOBAL_BUFFER_BASE, soc.accelerator.global_buffer_bytes);
  std::cout << "resolved configuration (describe --keys explains each key):\n" << print_text(config);
  return 0;
}

}  // namespace dixion
