// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "platform/bus.h"
#include "platform/console.h"

namespace dixion {

/// "accelerator.queue0.DOORBELL" for an offset in a device's window, "uart.IER", or "plic+0x2000" where there is no
/// name; `value` (a 32-bit register's, or wider) adds the fields that are not zero: "CONTROL {ENABLE=1}".
std::string describe_register(const std::string& window, std::uint64_t offset, std::uint64_t value);

/// -d mmio: every access of a hart to a device, one line on stderr.
class MmioLog final : public BusObserver {
 public:
  /// `where`: the hart's place in words.
  MmioLog(Console& console, std::function<std::string()> where);
  void access(const BusAccess& access) override;

 private:
  Console& console_;
  std::function<std::string()> where_;
};

}  // namespace dixion
