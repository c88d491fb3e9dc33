// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "host/device.h"

namespace dixion::host {

/// Core-local interruptor: software interrupts and the machine timer (layout of SiFive's CLINT).
/// mtime is computed from time when it is read; the shell arms one event per hart for mtimecmp.
class Clint final : public Device {
 public:
  struct Callbacks {
    std::function<std::uint64_t()> mtime;                     ///< current value of the free-running counter
    std::function<void(unsigned hart, bool level)> software;  ///< msip changed
    std::function<void(unsigned hart)> timer_changed;         ///< mtimecmp or mtime was written
  };
  Clint(unsigned harts, Callbacks callbacks);

  DeviceStatus read(std::uint64_t offset, unsigned size, std::uint64_t& value) override {
    return peek(offset, size, value);
  }
  DeviceStatus write(std::uint64_t offset, unsigned size, std::uint64_t value) override;
  DeviceStatus peek(std::uint64_t offset, unsigned size, std::uint64_t& value) const override;

  [[nodiscard]] std::uint64_t mtimecmp(unsigned hart) const { return mtimecmp_[hart]; }
  /// What a write to mtime added to the counter, modulo 2^64.
  [[nodiscard]] std::uint64_t mtime_offset() const { return mtime_offset_; }

 private:
  [[nodiscard]] std::uint64_t mtime() const { return callbacks_.mtime() + mtime_offset_; }

  Callbacks callbacks_;
  std::vector<bool> msip_;
  std::vector<std::uint64_t> mtimecmp_;
  std::uint64_t mtime_offset_ = 0;
};

}  // namespace dixion::host
