// SPDX-License-Identifier: Apache-2.0
#include "platform/energy/energy_table.h"

namespace dixion {

namespace {

struct ActionInfo {
  const char* name;
  Component component;
};

constexpr std::array<ActionInfo, kActions> kActionInfo{{
    {"mac_int8", Component::kMatrix},
    {"mac_int12_int8", Component::kMatrix},
    {"mac_int12", Component::kMatrix},
    {"mac_float16", Component::kMatrix},
    {"register_byte", Component::kMatrix},
    {"vector_element", Component::kVector},
    {"core_sram_byte", Component::kCoreSram},
    {"global_buffer_byte", Component::kGlobalBuffer},
    {"network_byte", Component::kNetwork},
    {"dma_byte", Component::kDma},
    {"dram_byte", Component::kDram},
    {"log_product", Component::kPrediction},
}};

constexpr std::array<const char*, kComponents> kComponentNames{"matrix",  "vector", "core_sram", "global_buffer",
                                                               "network", "dma",    "dram",      "prediction"};

/// Largest whole number whose square is not above `value`.
std::uint64_t whole_root(std::uint64_t value) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1) {
    if ((root | bit) * (root | bit) <= value) root |= bit;
  }
  return root;
}

/// On the line through (x0, y0) and (x1, y1), y1 >= y0; never below 0.
std::uint64_t on_line(std::uint64_t x, std::uint64_t x0, std::uint64_t y0, std::uint64_t x1, std::uint64_t y1) {
  const std::uint64_t width = x1 - x0;
  if (x >= x0) return y0 + ((x - x0) * (y1 - y0) + width / 2) / width;
  const std::uint64_t down = ((x0 - x) * (y1 - y0) + width / 2) / width;
  return down < y0 ? y0 - down : 0;
}

/// Nominal fJ per accel_cycle with every unit at work.
std::uint64_t peak_per_cycle(const EnergyTable& table, const AcceleratorConfig& config) {
  const auto of = [&](Action action) { return table.action[static_cast<std::size_t>(action)].nominal; };
  const std::uint64_t units = std::uint64_t{config.array_rows} * config.array_columns * config.dot_length;
  const std::uint64_t operand_bytes =
      std::uint64_t{config.dot_length} * (std::uint64_t{2} * config.array_rows + config.array_columns);
  const std::uint64_t core = units * of(Action::kMacInt12Int8) + units * 5 / 2 * of(Action::kRegisterByte) +
                             operand_bytes * of(Action::kCoreSramByte) +
                             config.vector_lanes * of(Action::kVectorElement);
  return config.cores * core +
         std::uint64_t{config.global_buffer_banks} * config.global_buffer_word_bytes * of(Action::kGlobalBufferByte);
}

}  // namespace

Component component_of(Action action) { return kActionInfo[static_cast<std::size_t>(action)].component; }
const char* action_name(Action action) { return kActionInfo[static_cast<std::size_t>(action)].name; }
const char* component_name(Component component) { return kComponentNames[static_cast<std::size_t>(component)]; }

EnergyRange sram_byte(const EnergyParameters& parameters, std::uint64_t bytes) {
  const std::uint64_t small = whole_root(8 << 10), middle = whole_root(32 << 10), large = whole_root(1 << 20);
  const std::uint64_t x = whole_root(bytes);
  const auto one = [&](std::uint64_t EnergyRange::*bound) {
    const std::uint64_t at_middle = parameters.sram_32k_byte.*bound;
    return x < middle ? on_line(x, small, parameters.sram_8k_byte.*bound, middle, at_middle)
                      : on_line(x, middle, at_middle, large, parameters.sram_1m_byte.*bound);
  };
  return {one(&EnergyRange::low), one(&EnergyRange::nominal), one(&EnergyRange::high)};
}

EnergyTable make_energy_table(const EnergyParameters& parameters, const AcceleratorConfig& accelerator) {
  EnergyTable table;
  const auto set = [&](Action action, const EnergyRange& range) {
    table.action[static_cast<std::size_t>(action)] = range;
  };
  set(Action::kMacInt8, parameters.mac_int8);
  set(Action::kMacInt12Int8, parameters.mac_int12_int8);
  set(Action::kMacInt12, parameters.mac_int12);
  set(Action::kMacFloat16, parameters.mac_float16);
  set(Action::kLogProduct, parameters.log_product);
  set(Action::kRegisterByte, parameters.register_byte);
  set(Action::kVectorElement, parameters.vector_element);
  set(Action::kCoreSramByte, sram_byte(parameters, accelerator.core_sram_bytes / accelerator.core_sram_banks));
  set(Action::kGlobalBufferByte,
      sram_byte(parameters, accelerator.global_buffer_bytes / accelerator.global_buffer_banks));
  EnergyRange network = parameters.network_hop_byte;
  network += scaled(parameters.network_mm_byte, parameters.network_um, 1000);
  set(Action::kNetworkByte, network);
  set(Action::kDmaByte, parameters.dma_byte);

  EnergyRange dram = parameters.dram_byte;
  if (parameters.activations_counted) {
    table.activation = parameters.dram_activation;
    const EnergyRange share = scaled(parameters.dram_activation, 1, kStreamedPageBytes);
    const auto without = [](std::uint64_t whole, std::uint64_t part) { return whole > part ? whole - part : 0; };
    dram = {without(dram.low, share.low), without(dram.nominal, share.nominal), without(dram.high, share.high)};
  }
  set(Action::kDramByte, dram);

  // fJ per second are 10^-9 uW; the share is per mille.
  __extension__ using Wide = unsigned __int128;
  const std::uint64_t peak = peak_per_cycle(table, accelerator);
  const auto leaks = [&](std::uint64_t share) {
    return static_cast<std::uint64_t>(Wide{peak} * accelerator.clock_hz * share / 1'000'000'000'000);
  };
  table.leakage_uw = {leaks(parameters.leakage.low), leaks(parameters.leakage.nominal), leaks(parameters.leakage.high)};
  table.dram_background_uw = parameters.dram_background;
  table.dram_refresh_uw = parameters.dram_refresh;
  return table;
}

}  // namespace dixion
