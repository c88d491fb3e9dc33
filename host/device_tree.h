// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/abi/generated/memory_map.h"

namespace dixion::host {

struct AddressRange {
  std::uint64_t base = 0;
  std::uint64_t size = 0;  ///< bytes
};

/// What the device tree tells the firmware. Defaults: the memory map of QEMU's `virt` machine
/// (docs/programming_model.md).
struct DeviceTreeConfig {
  unsigned harts = 1;
  std::uint32_t timebase_hz = 10'000'000;  ///< mtime
  AddressRange memory{DIXION_MAP_DRAM_BASE, 256ULL << 20};
  AddressRange clint{DIXION_MAP_CLINT_BASE, DIXION_MAP_CLINT_SIZE};
  AddressRange plic{DIXION_MAP_PLIC_BASE, DIXION_MAP_PLIC_SIZE};
  std::uint32_t plic_sources = 95;
  AddressRange uart{DIXION_MAP_UART_BASE, DIXION_MAP_UART_SIZE};
  std::uint32_t uart_interrupt = DIXION_MAP_UART_IRQ;
  std::uint32_t uart_clock_hz = 3'686'400;
  AddressRange finisher{DIXION_MAP_FINISHER_BASE, DIXION_MAP_FINISHER_SIZE};
  AddressRange accelerator{DIXION_MAP_ACCELERATOR_BASE, DIXION_MAP_ACCELERATOR_SIZE};
  std::vector<std::uint32_t> accelerator_interrupts{DIXION_MAP_ACCELERATOR_IRQ};
  std::optional<AddressRange> image{};  ///< /chosen "dixion,image": the packed workload in memory
  std::string boot_arguments{};         ///< /chosen "bootargs"; left out when empty
};

/// The flattened device tree, ready to be put where a1 points to at reset.
std::vector<std::uint8_t> build_device_tree(const DeviceTreeConfig& config);

}  // namespace dixion::host
