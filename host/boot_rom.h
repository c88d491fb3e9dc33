// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "host/device.h"
#include "models/abi/generated/memory_map.h"

namespace dixion::host {

inline constexpr std::uint64_t kBootRomBase = DIXION_MAP_BOOT_ROM_BASE;
inline constexpr std::uint64_t kBootRomSize = DIXION_MAP_BOOT_ROM_SIZE;  ///< bytes

/// Content of the boot ROM: every hart sets a0 = mhartid, a1 = address of the device tree and jumps to `entry`
/// (the protocol of QEMU's `virt` machine). Throws ConfigError when the device tree does not fit.
std::vector<std::uint8_t> make_boot_rom(std::uint64_t entry, std::span<const std::uint8_t> device_tree,
                                        std::uint64_t base = kBootRomBase);

/// Read-only bytes.
class BootRom final : public Device {
 public:
  explicit BootRom(std::vector<std::uint8_t> content) : content_(std::move(content)) {}

  DeviceStatus read(std::uint64_t offset, unsigned size, std::uint64_t& value) override {
    return peek(offset, size, value);
  }
  DeviceStatus write(std::uint64_t offset, unsigned size, std::uint64_t value) override;
  DeviceStatus peek(std::uint64_t offset, unsigned size, std::uint64_t& value) const override;

  [[nodiscard]] std::span<std::uint8_t> bytes() { return content_; }

 private:
  std::vector<std::uint8_t> content_;
};

}  // namespace dixion::host
