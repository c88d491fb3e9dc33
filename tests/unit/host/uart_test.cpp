// SPDX-License-Identifier: Apache-2.0
#include "host/uart.h"

#include <string>

#include <gtest/gtest.h>

#include "models/abi/generated/uart_registers.h"

namespace dixion::host {
namespace {

class UartRegisters : public testing::Test {
 protected:
  std::uint64_t read(std::uint64_t offset) {
    std::uint64_t value = 0;
    EXPECT_EQ(uart.read(offset, 1, value), DeviceStatus::kOk);
    return value;
  }
  void write(std::uint64_t offset, std::uint64_t value) { EXPECT_EQ(uart.write(offset, 1, value), DeviceStatus::kOk); }
  void receive(const std::string& text) {
    for (const char byte : text) uart.receive(static_cast<std::uint8_t>(byte));
  }

  std::string sent;
  bool line = false;
  Uart uart{{.transmit = [this](std::uint8_t byte) { sent.push_back(static_cast<char>(byte)); },
             .interrupt = [this](bool level) { line = level; }}};
};

constexpr std::uint64_t kUartData = DIXION_UART_DATA;
constexpr std::uint64_t kIer = DIXION_UART_IER;
constexpr std::uint64_t kIir = DIXION_UART_IIR;
constexpr std::uint64_t kLcr = DIXION_UART_LCR;
constexpr std::uint64_t kMcr = DIXION_UART_MCR;
constexpr std::uint64_t kLsr = DIXION_UART_LSR;
constexpr std::uint64_t kMsr = DIXION_UART_MSR;

TEST_F(UartRegisters, AfterResetTheTransmitterIsEmptyAndNothingWaits) {
  EXPECT_EQ(read(kLsr), 0x60U);
  EXPECT_EQ(read(kIir), 0x01U);
  EXPECT_EQ(read(kIer), 0U);
  EXPECT_FALSE(line);
}

TEST_F(UartRegisters, WrittenBytesLeaveInOrder) {
  for (const char byte : std::string("Dixion")) write(kUartData, static_cast<std::uint8_t>(byte));
  EXPECT_EQ(sent, "Dixion");
}

TEST_F(UartRegisters, ReceivedBytesAreReadInOrderWhileDataReady) {
  receive("ab");
  EXPECT_EQ(read(kLsr), 0x61U);
  EXPECT_EQ(read(kUartData), std::uint64_t{'a'});
  EXPECT_EQ(read(kUartData), std::uint64_t{'b'});
  EXPECT_EQ(read(kLsr), 0x60U);
  EXPECT_EQ(read(kUartData), 0U);
}

TEST_F(UartRegisters, ReceiveInterruptsAtTheTriggerAndBelowItAsTimeout) {
  write(kIir, 0x41);  // FIFOs on, trigger 4
  write(kIer, 0x01);
  receive("abc");
  EXPECT_EQ(read(kIir), 0xCCU) << "fewer than the trigger";
  EXPECT_TRUE(line);
  receive("d");
  EXPECT_EQ(read(kIir), 0xC4U);
  for (int i = 0; i < 4; ++i) read(kUartData);
  EXPECT_FALSE(line);
  EXPECT_EQ(read(kIir), 0xC1U);
}

TEST_F(UartRegisters, TransmitInterruptRisesWhenEnabledAndIsAcknowledgedByReadingIt) {
  write(kIer, 0x02);
  EXPECT_TRUE(line);
  EXPECT_EQ(read(kIir), 0x02U);
  EXPECT_FALSE(line);
  write(kUartData, 'x');
  EXPECT_TRUE(line) << "empty again";
  write(kIer, 0);
  EXPECT_FALSE(line);
}

TEST_F(UartRegisters, ReceiveGoesBeforeTransmitAndKeepsItPending) {
  write(kIer, 0x03);
  receive("a");
  EXPECT_EQ(read(kIir), 0x04U);
  read(kUartData);
  EXPECT_EQ(read(kIir), 0x02U);
}

TEST_F(UartRegisters, DivisorLatchHidesDataAndInterruptEnable) {
  write(kIer, 0x01);
  write(kLcr, 0x83);
  write(kUartData, 0x12);
  write(kIer, 0x34);
  EXPECT_EQ(read(kUartData), 0x12U);
  EXPECT_EQ(read(kIer), 0x34U);
  write(kLcr, 0x03);
  EXPECT_EQ(read(kIer), 0x01U);
  EXPECT_TRUE(sent.empty());
}

TEST_F(UartRegisters, FifoResetDropsWhatWasReceived) {
  write(kIir, 0x01);
  receive("abc");
  write(kIir, 0x03);
  EXPECT_EQ(read(kLsr), 0x60U);
}

TEST_F(UartRegisters, LoopBackReceivesWhatItSendsAndShowsItsOutputsAsInputs) {
  write(kMcr, 0x1A);
  EXPECT_EQ(read(kMsr), 0x90U);
  write(kUartData, 'z');
  EXPECT_TRUE(sent.empty());
  EXPECT_EQ(read(kUartData), std::uint64_t{'z'});
  write(kMcr, 0);
  EXPECT_EQ(read(kMsr), 0xB0U);
}

TEST_F(UartRegisters, PeekTakesNothing) {
  receive("a");
  std::uint64_t value = 0;
  EXPECT_EQ(uart.peek(kUartData, 1, value), DeviceStatus::kOk);
  EXPECT_EQ(value, std::uint64_t{'a'});
  EXPECT_EQ(read(kLsr), 0x61U);
}

TEST_F(UartRegisters, RefuseWhatHasNoRegisterTheWrongSizeOrCannotBeWritten) {
  std::uint64_t value = 0;
  EXPECT_EQ(uart.read(8, 1, value), DeviceStatus::kNoRegister);
  EXPECT_EQ(uart.read(kUartData, 4, value), DeviceStatus::kSize);
  EXPECT_EQ(uart.write(kLsr, 1, 0), DeviceStatus::kReadOnly);
  EXPECT_EQ(uart.write(kMsr, 1, 0), DeviceStatus::kReadOnly);
}

}  // namespace
}  // namespace dixion::host
