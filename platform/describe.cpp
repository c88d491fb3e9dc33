// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "models/abi/generated/commands.h"
#include "models/abi/generated/memory_map.h"
#include "platform/prepared_workload.h"
#include "platform/presets.h"
#include "platform/run.h"
#include "platform/settings.h"
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

}  // namespace

int check(const Options& options) {
  check_settings(options.sets);
  const SocParameters soc = validate_soc_config(load_soc_config(options.soc, options.sets));
  std::cout << "soc " << preset_name(options.soc) << ": ok, " << soc.accelerator.cores << " cores, "
            << format_count(soc.accelerator.global_buffer_bytes) << " bytes of global buffer, "
            << format_count(soc.memory.capacity_bytes) << " bytes of DRAM\n";
  if (options.workload.empty()) return 0;
  const PreparedWorkload workload = prepare_workload(options.workload, options.sets, options.seed);
  std::cout << "workload " << workload.name << ": ok, " << workload.operators.size() << " operators, " << workload.steps
            << " steps, " << format_count(workload.image.size()) << " bytes packed\n";
  return 0;
}

int describe(const Options& options) {
  check_settings(options.sets);
  const config::SocConfig config = load_soc_config(options.soc, options.sets);
  const SocParameters soc = validate_soc_config(config);
  if (options.keys) {
    for (const std::string& line : describe_keys(config)) std::cout << line << '\n';
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
