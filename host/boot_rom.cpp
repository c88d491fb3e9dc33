// SPDX-License-Identifier: Apache-2.0
#include "host/boot_rom.h"

#include <array>
#include <cstring>

#include "models/common/check.h"

namespace dixion::host {
namespace {

// Position-independent: the two addresses stand behind the code.
constexpr std::array<std::uint32_t, 6> kCode = {
    0x00000297,  // auipc t0, 0
    0xf1402573,  // csrr  a0, mhartid
    0x0202b583,  // ld    a1, 32(t0)
    0x0182b283,  // ld    t0, 24(t0)
    0x00028067,  // jr    t0
    0x00000013,  // nop
};
constexpr std::uint64_t kDeviceTreeOffset = 40;

}  // namespace

std::vector<std::uint8_t> make_boot_rom(std::uint64_t entry, std::span<const std::uint8_t> device_tree,
                                        std::uint64_t base) {
  if (device_tree.size() > kBootRomSize - kDeviceTreeOffset) {
    throw ConfigError("soc.host.boot_rom", "the device tree has " + std::to_string(device_tree.size()) +
                                               " bytes, more than the boot ROM's " +
                                               std::to_string(kBootRomSize - kDeviceTreeOffset));
  }
  std::vector<std::uint8_t> content(kDeviceTreeOffset + device_tree.size());
  const std::array<std::uint64_t, 2> addresses = {entry, base + kDeviceTreeOffset};
  std::memcpy(content.data(), kCode.data(), sizeof kCode);
  std::memcpy(content.data() + sizeof kCode, addresses.data(), sizeof addresses);
  if (!device_tree.empty()) {
    std::memcpy(content.data() + kDeviceTreeOffset, device_tree.data(), device_tree.size());
  }
  return content;
}

DeviceStatus BootRom::write(std::uint64_t /*offset*/, unsigned /*size*/, std::uint64_t /*value*/) {
  return DeviceStatus::kReadOnly;
}

DeviceStatus BootRom::peek(std::uint64_t offset, unsigned size, std::uint64_t& value) const {
  if (offset >= kBootRomSize || kBootRomSize - offset < size) return DeviceStatus::kNoRegister;
  value = 0;  // beyond the content the ROM is blank
  for (unsigned i = 0; i < size && offset + i < content_.size(); ++i) {
    value |= static_cast<std::uint64_t>(content_[offset + i]) << (8 * i);
  }
  return DeviceStatus::kOk;
}

}  // namespace dixion::host
