// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "host/device.h"
#include "host/host_config.h"

namespace dixion::host {

/// The register by which firmware ends a run (SiFive's test finisher): 0x5555 passed, 0x3333 + (code << 16) failed,
/// 0x7777 reset. Other values do nothing. Reads as zero.
class Finisher final : public Device {
 public:
  explicit Finisher(std::function<void(const Finish&)> on_finish);

  DeviceStatus read(std::uint64_t offset, unsigned size, std::uint64_t& value) override {
    return peek(offset, size, value);
  }
  DeviceStatus write(std::uint64_t offset, unsigned size, std::uint64_t value) override;
  DeviceStatus peek(std::uint64_t offset, unsigned size, std::uint64_t& value) const override;

 private:
  std::function<void(const Finish&)> on_finish_;
};

}  // namespace dixion::host
