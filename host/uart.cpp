// SPDX-License-Identifier: Apache-2.0
// Registers and interrupt rules: National Semiconductor PC16550D data sheet, sections 8.1 to 8.7.
#include "host/uart.h"

#include <utility>

#include "models/abi/generated/uart_registers.h"

namespace dixion::host {
namespace {

constexpr std::uint8_t kIerReceive = 1;
constexpr std::uint8_t kIerTransmit = 2;
constexpr std::uint8_t kIirNone = 0x01;
constexpr std::uint8_t kIirTransmit = 0x02;
constexpr std::uint8_t kIirReceive = 0x04;
constexpr std::uint8_t kIirTimeout = 0x0C;
constexpr std::uint8_t kIirFifo = 0xC0;
constexpr std::uint8_t kLcrDivisor = 0x80;
constexpr std::uint8_t kLsrDataReady = 0x01;
constexpr std::uint8_t kLsrTransmitterEmpty = 0x60;  // THRE and TEMT
constexpr std::uint8_t kMcrLoop = 0x10;
constexpr std::size_t kFifoDepth = 16;

}  // namespace

Uart::Uart(Callbacks callbacks) : callbacks_(std::move(callbacks)) {}

std::size_t Uart::capacity() const { return fifo_ ? kFifoDepth : 1; }
bool Uart::divisor_access() const { return (lcr_ & kLcrDivisor) != 0; }

std::uint8_t Uart::interrupt_identity() const {
  const auto fifo = static_cast<std::uint8_t>(fifo_ ? kIirFifo : 0);
  std::uint8_t cause = kIirNone;
  if ((ier_ & kIerReceive) != 0 && received_.size() >= trigger_) {
    cause = kIirReceive;
  } else if ((ier_ & kIerReceive) != 0 && !received_.empty()) {
    cause = kIirTimeout;  // fewer than the trigger, and no time passes until "four characters later"
  } else if ((ier_ & kIerTransmit) != 0 && transmitter_interrupt_) {
    cause = kIirTransmit;
  }
  return static_cast<std::uint8_t>(cause | fifo);
}

std::uint8_t Uart::line_status() const {
  return static_cast<std::uint8_t>(kLsrTransmitterEmpty | (received_.empty() ? 0 : kLsrDataReady));
}

std::uint8_t Uart::modem_status() const {
  if ((mcr_ & kMcrLoop) == 0) return 0xB0;  // the other end is there: DCD, DSR, CTS
  // Loop-back: RTS -> CTS, DTR -> DSR, OUT1 -> RI, OUT2 -> DCD.
  return static_cast<std::uint8_t>(((mcr_ & 2U) << 3) | ((mcr_ & 1U) << 5) | ((mcr_ & 4U) << 4) | ((mcr_ & 8U) << 4));
}

void Uart::update() {
  const bool level = (interrupt_identity() & kIirNone) == 0;
  if (level == line_) return;
  line_ = level;
  if (callbacks_.interrupt) callbacks_.interrupt(level);
}

void Uart::receive(std::uint8_t byte) {
  received_.push_back(byte);
  update();
}

DeviceStatus Uart::peek(std::uint64_t offset, unsigned size, std::uint64_t& value) const {
  if (offset > DIXION_UART_SCR) return DeviceStatus::kNoRegister;
  if (size != 1) return DeviceStatus::kSize;
  switch (offset) {
    case DIXION_UART_DATA:
      value = divisor_access() ? divisor_[0] : received_.empty() ? 0 : received_.front();
      break;
    case DIXION_UART_IER:
      value = divisor_access() ? divisor_[1] : ier_;
      break;
    case DIXION_UART_IIR:
      value = interrupt_identity();
      break;
    case DIXION_UART_LCR:
      value = lcr_;
      break;
    case DIXION_UART_MCR:
      value = mcr_;
      break;
    case DIXION_UART_LSR:
      value = line_status();
      break;
    case DIXION_UART_MSR:
      value = modem_status();
      break;
    default:
      value = scr_;
      break;
  }
  return DeviceStatus::kOk;
}

DeviceStatus Uart::read(std::uint64_t offset, unsigned size, std::uint64_t& value) {
  const DeviceStatus status = peek(offset, size, value);
  if (status != DeviceStatus::kOk) return status;
  if (offset == DIXION_UART_DATA && !divisor_access() && !received_.empty()) received_.pop_front();
  // Reading it acknowledges the transmitter, if that is what it showed.
  if (offset == DIXION_UART_IIR && (value & 0x0F) == kIirTransmit) transmitter_interrupt_ = false;
  update();
  return status;
}

void Uart::write_fifo_control(std::uint8_t value) {
  constexpr std::array<std::size_t, 4> kTriggers = {1, 4, 8, 14};
  const bool enable = (value & 1U) != 0;
  if (enable != fifo_ || (value & 2U) != 0) received_.clear();
  fifo_ = enable;
  trigger_ = fifo_ ? kTriggers[value >> 6] : 1;
}

DeviceStatus Uart::write(std::uint64_t offset, unsigned size, std::uint64_t wide) {
  if (offset > DIXION_UART_SCR) return DeviceStatus::kNoRegister;
  if (size != 1) return DeviceStatus::kSize;
  const auto value = static_cast<std::uint8_t>(wide);
  switch (offset) {
    case DIXION_UART_DATA:
      if (divisor_access()) {
        divisor_[0] = value;
      } else {
        if ((mcr_ & kMcrLoop) != 0) {
          if (received_.size() < capacity()) received_.push_back(value);
        } else if (callbacks_.transmit) {
          callbacks_.transmit(value);
        }
        transmitter_interrupt_ = true;
      }
      break;
    case DIXION_UART_IER:
      if (divisor_access()) {
        divisor_[1] = value;
      } else {
        // Enabling it while the transmitter is empty interrupts at once.
        if ((value & kIerTransmit) != 0 && (ier_ & kIerTransmit) == 0) transmitter_interrupt_ = true;
        ier_ = value & 0x0F;
      }
      break;
    case DIXION_UART_IIR:
      write_fifo_control(value);
      break;
    case DIXION_UART_LCR:
      lcr_ = value;
      break;
    case DIXION_UART_MCR:
      mcr_ = value & 0x1F;
      break;
    case DIXION_UART_LSR:
    case DIXION_UART_MSR:
      return DeviceStatus::kReadOnly;
    default:
      scr_ = value;
      break;
  }
  update();
  return DeviceStatus::kOk;
}

}  // namespace dixion::host
