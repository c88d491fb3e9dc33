// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace dixion::host {

/// Why a device refuses an access.
enum class DeviceStatus : std::uint8_t {
  kOk,
  kNoRegister,  ///< nothing at this offset
  kSize,        ///< not with this many bytes, or not aligned to them
  kReadOnly,
};

/// A device as software sees it, without time and without SystemC. Offsets are from the window's base; values are
/// right-aligned; `size` is 1, 2, 4 or 8 bytes.
class Device {
 public:
  virtual ~Device() = default;
  virtual DeviceStatus read(std::uint64_t offset, unsigned size, std::uint64_t& value) = 0;
  virtual DeviceStatus write(std::uint64_t offset, unsigned size, std::uint64_t value) = 0;
  /// What read() would give, without its side effects.
  virtual DeviceStatus peek(std::uint64_t offset, unsigned size, std::uint64_t& value) const = 0;
};

}  // namespace dixion::host
