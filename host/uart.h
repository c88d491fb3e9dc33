// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>

#include "host/device.h"

namespace dixion::host {

/// UART 16550A. Bytes leave at once and arrive when the workstation delivers them: the line takes no time, so that the
/// transmitter is always empty. Omits: baud rate (the divisor is kept), break, parity and framing errors.
class Uart final : public Device {
 public:
  struct Callbacks {
    std::function<void(std::uint8_t)> transmit;
    std::function<void(bool)> interrupt;  ///< the line changed
  };
  explicit Uart(Callbacks callbacks);

  DeviceStatus read(std::uint64_t offset, unsigned size, std::uint64_t& value) override;
  DeviceStatus write(std::uint64_t offset, unsigned size, std::uint64_t value) override;
  DeviceStatus peek(std::uint64_t offset, unsigned size, std::uint64_t& value) const override;

  /// A byte arrives. It waits its turn when the receiver is full: the workstation's end honours flow control.
  void receive(std::uint8_t byte);

 private:
  [[nodiscard]] std::size_t capacity() const;
  [[nodiscard]] std::uint8_t interrupt_identity() const;
  [[nodiscard]] std::uint8_t line_status() const;
  [[nodiscard]] std::uint8_t modem_status() const;
  [[nodiscard]] bool divisor_access() const;
  void write_fifo_control(std::uint8_t value);
  void update();

  Callbacks callbacks_;
  std::deque<std::uint8_t> received_;
  std::size_t trigger_ = 1;  ///< bytes in the receiver that make it interrupt
  bool fifo_ = false;
  bool transmitter_interrupt_ = false;  ///< the transmitter became empty and nobody has looked
  bool line_ = false;
  std::uint8_t ier_ = 0;
  std::uint8_t lcr_ = 0;
  std::uint8_t mcr_ = 0;
  std::uint8_t scr_ = 0;
  std::array<std::uint8_t, 2> divisor_{};
};

}  // namespace dixion::host
