// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace dixion::host {

inline constexpr std::uint64_t kBootRomBase = 0x1000;
inline constexpr std::uint64_t kBootRomSize = 0xF000;  ///< bytes

/// Content of the boot ROM: every hart sets a0 = mhartid, a1 = address of the device tree and jumps to `entry`
/// (the protocol of QEMU's `virt` machine). Throws ConfigError when the device tree does not fit.
std::vector<std::uint8_t> make_boot_rom(std::uint64_t entry, std::span<const std::uint8_t> device_tree,
                                        std::uint64_t base = kBootRomBase);

}  // namespace dixion::host
