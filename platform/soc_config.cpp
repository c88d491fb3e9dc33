// SPDX-License-Identifier: Apache-2.0
#include "platform/soc_config.h"

#include <cmath>

#include "models/common/check.h"
#include "models/engines/matrix/mask_rule.h"
#include "models/memory/bank_map.h"
#include "models/sparsity/merge_rule.h"
#include "models/sparsity/token_rule.h"
#include "platform/dram/dram_core_config.h"
#include "platform/dram_config.h"
#include "platform/energy/energy_config.h"
#include "platform/key_rules.h"
#include "platform/presets.h"
#include "platform/settings.h"
#include "traces/proto/text_config.h"

namespace dixion {

namespace {

void put_bank_map(const std::string& map, const std::vector<std::uint64_t>& masks, config::Accelerator::Buffer& to) {
  to.set_bank_map(map);
  to.mutable_bank_mask()->Assign(masks.begin(), masks.end());
}

void take_bank_map(const config::Accelerator::Buffer& from, std::string& map, std::vector<std::uint64_t>& masks) {
  map = from.bank_map();
  masks.assign(from.bank_mask().begin(), from.bank_mask().end());
}

void put(const AcceleratorConfig& from, config::Accelerator& to) {
  to.set_clock_hz(from.clock_hz);
  to.set_cores(from.cores);
  to.mutable_array()->set_rows(from.array_rows);
  to.mutable_array()->set_columns(from.array_columns);
  to.mutable_array()->set_dot_length(from.dot_length);
  to.set_vector_lanes(from.vector_lanes);
  to.mutable_list_mode()->set_groups(from.list_groups);
  to.mutable_list_mode()->set_words_per_cycle(from.list_words_per_cycle);
  to.mutable_list_mode()->set_fifo_depth(from.list_fifo_depth);
  to.mutable_list_mode()->set_multicast(from.list_multicast);
  to.set_mask_rule(from.mask_rule);
  to.mutable_mask_source()->set_density_permille(static_cast<std::uint32_t>(std::lround(1000 * from.mask_density)));
  to.mutable_mask_source()->set_seed(from.mask_seed);
  to.mutable_mask_source()->set_ffn_density_permille(
      static_cast<std::uint32_t>(std::lround(1000 * from.ffn_mask_density)));
  to.mutable_conmerge()->set_rule(from.merge_rule);
  to.mutable_conmerge()->set_check(from.check_schedules);
  to.mutable_conmerge()->set_columns_per_cycle(from.conmerge_columns_per_cycle);
  to.mutable_conmerge()->set_candidate_cycles(from.conmerge_candidate_cycles);
  to.mutable_mask_source()->set_token_permille(static_cast<std::uint32_t>(std::lround(1000 * from.token_share)));
  to.set_token_rule(from.token_rule);
  to.mutable_prediction()->set_rows(from.prediction_rows);
  to.mutable_prediction()->set_columns(from.prediction_columns);
  to.mutable_prediction()->set_length(from.prediction_length);
  to.mutable_core_sram()->set_bytes(from.core_sram_bytes);
  to.mutable_core_sram()->set_banks(from.core_sram_banks);
  to.mutable_core_sram()->set_word_bytes(from.core_sram_word_bytes);
  put_bank_map(from.core_sram_map, from.core_sram_masks, *to.mutable_core_sram());
  to.mutable_global_buffer()->set_bytes(from.global_buffer_bytes);
  to.mutable_global_buffer()->set_banks(from.global_buffer_banks);
  to.mutable_global_buffer()->set_word_bytes(from.global_buffer_word_bytes);
  put_bank_map(from.global_buffer_map, from.global_buffer_masks, *to.mutable_global_buffer());
  to.mutable_dma()->set_channels(from.dma_channels);
  to.mutable_dma()->set_bytes_per_cycle(from.dma_bytes_per_cycle);
  to.mutable_memory_port()->set_bytes_per_cycle(from.memory_bytes_per_cycle);
  to.mutable_memory_port()->set_burst_bytes(from.burst_bytes);
  to.mutable_command_processor()->set_queues(from.queues);
  to.mutable_command_processor()->set_prefetch(from.prefetch);
  to.mutable_command_processor()->set_register_cycles(from.register_cycles);
  to.mutable_command_processor()->set_dispatch_cycles(from.dispatch_cycles);
  to.set_mode(from.compute_values ? config::Accelerator::functional : config::Accelerator::timing);
}

AcceleratorConfig take(const config::Accelerator& from) {
  AcceleratorConfig to;
  to.clock_hz = from.clock_hz();
  to.cores = from.cores();
  to.array_rows = from.array().rows();
  to.array_columns = from.array().columns();
  to.dot_length = from.array().dot_length();
  to.vector_lanes = from.vector_lanes();
  to.list_groups = from.list_mode().groups();
  to.list_words_per_cycle = from.list_mode().words_per_cycle();
  to.list_fifo_depth = from.list_mode().fifo_depth();
  to.list_multicast = from.list_mode().multicast();
  to.mask_rule = from.mask_rule();
  to.mask_density = from.mask_source().density_permille() / 1000.0;
  to.mask_seed = from.mask_source().seed();
  to.ffn_mask_density = from.mask_source().ffn_density_permille() / 1000.0;
  to.merge_rule = from.conmerge().rule();
  to.check_schedules = from.conmerge().check();
  to.conmerge_columns_per_cycle = from.conmerge().columns_per_cycle();
  to.conmerge_candidate_cycles = from.conmerge().candidate_cycles();
  to.token_share = from.mask_source().token_permille() / 1000.0;
  to.token_rule = from.token_rule();
  to.prediction_rows = from.prediction().rows();
  to.prediction_columns = from.prediction().columns();
  to.prediction_length = from.prediction().length();
  to.core_sram_bytes = from.core_sram().bytes();
  to.core_sram_banks = from.core_sram().banks();
  to.core_sram_word_bytes = from.core_sram().word_bytes();
  take_bank_map(from.core_sram(), to.core_sram_map, to.core_sram_masks);
  to.global_buffer_bytes = from.global_buffer().bytes();
  to.global_buffer_banks = from.global_buffer().banks();
  to.global_buffer_word_bytes = from.global_buffer().word_bytes();
  take_bank_map(from.global_buffer(), to.global_buffer_map, to.global_buffer_masks);
  to.dma_channels = from.dma().channels();
  to.dma_bytes_per_cycle = from.dma().bytes_per_cycle();
  to.memory_bytes_per_cycle = from.memory_port().bytes_per_cycle();
  to.burst_bytes = from.memory_port().burst_bytes();
  to.queues = from.command_processor().queues();
  to.prefetch = from.command_processor().prefetch();
  to.register_cycles = from.command_processor().register_cycles();
  to.dispatch_cycles = from.command_processor().dispatch_cycles();
  to.compute_values = from.mode() != config::Accelerator::timing;
  return to;
}

void put(const HostParameters& from, config::Host& to) {
  to.set_harts(from.harts);
  to.set_clock_hz(from.clock_hz);
  to.set_timer_hz(from.timer_hz);
  to.set_quantum_ns(from.quantum_ticks / 1000);
  to.set_memory(from.exact_memory ? config::Host::exact : config::Host::fast);
  to.set_memory_latency_cycles(from.memory_latency);
  to.set_trap_loop_threshold(from.trap_loop_threshold);
}

HostParameters take(const config::Host& from) {
  HostParameters to;
  to.harts = from.harts();
  to.clock_hz = from.clock_hz();
  to.timer_hz = from.timer_hz();
  to.quantum_ticks = from.quantum_ns() * 1000;
  to.exact_memory = from.memory() == config::Host::exact;
  to.memory_latency = from.memory_latency_cycles();
  to.trap_loop_threshold = from.trap_loop_threshold();
  return to;
}

MemoryParameters take(const config::Memory::Simple& from) {
  return {from.capacity_bytes(), from.latency_ns(), from.bytes_per_second(), std::nullopt};
}

void complete(config::Memory::Simple& config) {
  const MemoryParameters defaults;
  if (!config.has_capacity_bytes()) config.set_capacity_bytes(defaults.capacity_bytes);
  if (!config.has_latency_ns()) config.set_latency_ns(defaults.latency_ns);
  if (!config.has_bytes_per_second()) config.set_bytes_per_second(defaults.bytes_per_second);
}

MemoryParameters take(const config::Memory::Dram& from) {
  const DramSystemConfig dram = dram_system_config(from);
  const dram::Preset preset = dram_core_config(dram).preset;
  return {dram.capacity_bytes, 0, preset.peak_bytes_per_second() * dram.channels, dram};
}

void require_whole_kibibytes(const std::string& key, std::uint64_t bytes) {
  if (bytes % 1024 != 0) throw ConfigError(key, std::to_string(bytes) + " is not a multiple of 1024");
}

void require_bank_map(const std::string& key, unsigned banks, const std::string& map,
                      const std::vector<std::uint64_t>& masks) {
  if (const std::string mistake = bank_map_mistake(map); !mistake.empty())
    throw ConfigError(key + ".bank_map", mistake);
  if (const std::string mistake = bank_masks_mistake(map, banks, masks); !mistake.empty())
    throw ConfigError(key + ".bank_mask", mistake);
}

void require_merge_rule(const std::string& key, const std::string& name) {
  std::string known;
  for (const auto& rule : merge_rules()) {
    if (rule->name() == name) return;
    known += (known.empty() ? "" : ", ") + std::string(rule->name());
  }
  throw ConfigError(key, "unknown rule '" + name + "'; there are " + known);
}

}  // namespace

config::SocConfig default_soc_config() {
  config::SocConfig config;
  put(HostParameters{}, *config.mutable_host());
  put(AcceleratorConfig{}, *config.mutable_accelerator());
  put_energy(EnergyParameters{}, *config.mutable_energy());
  complete(*config.mutable_memory()->mutable_simple());
  return config;
}

config::SocConfig load_soc_config(const std::string& name_or_file, const std::vector<std::string>& sets) {
  config::SocConfig config = default_soc_config();
  for (const std::string& file : preset_files("--soc", "SoC", soc_folders(), name_or_file)) {
    config::SocConfig given;
    parse_text_file(file, given);
    config.MergeFrom(given);
  }
  apply_settings("soc", sets, config);
  if (config.memory().has_dram()) {
    complete(*config.mutable_memory()->mutable_dram());
  } else {
    complete(*config.mutable_memory()->mutable_simple());
  }
  return config;
}

SocParameters validate_soc_config(const config::SocConfig& config) {
  check_key_ranges(config, "soc");
  const config::Accelerator& accelerator = config.accelerator();
  require_whole_kibibytes("soc.accelerator.core_sram.bytes", accelerator.core_sram().bytes());
  require_whole_kibibytes("soc.accelerator.global_buffer.bytes", accelerator.global_buffer().bytes());
  SocParameters parameters;
  parameters.host = take(config.host());
  parameters.accelerator = take(accelerator);
  const AcceleratorConfig& taken = parameters.accelerator;
  require_bank_map("soc.accelerator.core_sram", taken.core_sram_banks, taken.core_sram_map, taken.core_sram_masks);
  require_bank_map("soc.accelerator.global_buffer", taken.global_buffer_banks, taken.global_buffer_map,
                   taken.global_buffer_masks);
  if (const std::string mistake = mask_rule_mistake(taken.mask_rule); !mistake.empty())
    throw ConfigError("soc.accelerator.mask_rule", mistake);
  require_merge_rule("soc.accelerator.conmerge.rule", taken.merge_rule);
  static_cast<void>(make_token_rule("soc.accelerator.token_rule", taken.token_rule));
  parameters.energy = take_energy(config.energy());
  parameters.energy.activations_counted = config.memory().has_dram();
  parameters.memory = config.memory().has_dram() ? take(config.memory().dram()) : take(config.memory().simple());
  if (parameters.memory.capacity_bytes % 4096 != 0) {
    throw ConfigError(std::string("soc.memory.") + (config.memory().has_dram() ? "dram" : "simple") + ".capacity_bytes",
                      std::to_string(parameters.memory.capacity_bytes) + " is not a multiple of 4096");
  }
  return parameters;
}

std::vector<std::string> describe_keys(const config::SocConfig& config) { return describe_key_rules(config, "soc"); }

}  // namespace dixion
