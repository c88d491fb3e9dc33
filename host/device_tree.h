// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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
  AddressRange memory{0x8000'0000, 256ULL << 20};
  AddressRange clint{0x0200'0000, 0x1'0000};
  AddressRange plic{0x0C00'0000, 0x60'0000};
  std::uint32_t plic_sources = 95;
  AddressRange uart{0x1000'0000, 0x100};
  std::uint32_t uart_interrupt = 10;
  std::uint32_t uart_clock_hz = 3'686'400;
  AddressRange finisher{0x0010'0000, 0x1000};
  AddressRange accelerator{0x0400'0000, 0x200'0000};
  std::vector<std::uint32_t> accelerator_interrupts{64};
  std::optional<AddressRange> image;  ///< /chosen "dixion,image": the packed workload in memory
  std::string boot_arguments;         ///< /chosen "bootargs"; left out when empty
};

/// The flattened device tree, ready to be put where a1 points to at reset.
std::vector<std::uint8_t> build_device_tree(const DeviceTreeConfig& config);

}  // namespace dixion::host
