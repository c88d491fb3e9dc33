// SPDX-License-Identifier: Apache-2.0
// The host's own devices seen over their sockets.
#include <array>
#include <string>

#include <gtest/gtest.h>

#include "models/abi/generated/clint_registers.h"
#include "models/abi/generated/plic_registers.h"
#include "models/abi/generated/uart_registers.h"
#include "tests/model/host/host_bench.h"

namespace dixion::host {
namespace {

using namespace assembler;  // NOLINT: the tests are written in it

TEST(UartOutput, ArrivesByteForByte) {
  HostBench bench;
  Code code;
  li(code, a0, TestBus::kUart);
  for (const char byte : std::string("hello\n")) {
    code.push_back(addi(a1, zero, byte));
    code.push_back(sb(a1, a0, DIXION_UART_DATA));
  }
  finish_passed(code);
  bench.load(code);
  bench.run();
  EXPECT_EQ(bench.output, "hello\n");
  EXPECT_EQ(bench.finish->kind, Finish::Kind::kPass);
}

TEST(UartInput, InterruptsAndIsClaimedAndRead) {
  HostBench bench;
  // Sleeps until the UART interrupts, claims, reads the byte, completes, echoes it.
  Code code;
  li(code, t0, 1U << 11);
  code.push_back(csrw(csr::mie, t0));
  store_word(code, TestBus::kPlic + DIXION_PLIC_PRIORITY(10), 1);
  store_word(code, TestBus::kPlic + DIXION_PLIC_ENABLE0(0), 1U << 10);
  li(code, a0, TestBus::kUart);
  code.push_back(addi(a1, zero, 1));
  code.push_back(sb(a1, a0, DIXION_UART_IER));
  code.push_back(wfi);
  li(code, a2, TestBus::kPlic + DIXION_PLIC_CLAIM(0));
  code.push_back(lw(a3, a2, 0));
  code.push_back(lbu(a4, a0, DIXION_UART_DATA));
  code.push_back(sw(a3, a2, 0));
  code.push_back(sb(a4, a0, DIXION_UART_DATA));
  code.push_back(addi(a3, a3, 'A' - 10));
  code.push_back(sb(a3, a0, DIXION_UART_DATA));
  finish_passed(code);
  bench.load(code);

  struct Typist final : sc_core::sc_module {
    Typist(const sc_core::sc_module_name& name, HostSubsystem& target) : sc_module(name), host(target) {
      SC_HAS_PROCESS(Typist);
      SC_THREAD(type);
    }
    void type() {
      wait(5, sc_core::SC_US);
      host.uart_receive('q');
    }
    HostSubsystem& host;
  } typist("typist", *bench.host);
  bench.run();
  EXPECT_EQ(bench.output, "qA") << "the byte, then the claimed source";
}

TEST(Finisher, StopsTheHartAtTheStoreAndPassesTheCode) {
  HostBench bench;
  Code code;
  store_word(code, TestBus::kFinisher, 0x002A'3333);
  store_word(code, TestBus::kScripted, 1);
  bench.load(code);
  bench.run();
  ASSERT_TRUE(bench.finish.has_value());
  EXPECT_EQ(bench.finish->kind, Finish::Kind::kFail);
  EXPECT_EQ(bench.finish->code, 42U);
  EXPECT_TRUE(bench.bus.stores.empty());
  EXPECT_EQ(bench.host->status().harts[0].activity, HartActivity::kStopped);
}

TEST(Mtime, CountsSimulatedTimeAndAgreesWithTheTimeRegister) {
  HostBench bench;
  Code code;
  li(code, a0, TestBus::kClint + DIXION_CLINT_MTIME_LO - 0x7F8);
  for (int i = 0; i < 300; ++i) code.push_back(nop);
  const std::uint64_t cycle = code.size();
  code.push_back(ld(a1, a0, 0x7F8));
  code.push_back(csrr(a2, csr::time));
  li(code, a3, HostBench::kData);
  code.push_back(sd(a1, a3, 0));
  code.push_back(sd(a2, a3, 8));
  finish_passed(code);
  bench.load(code);
  bench.run();
  EXPECT_EQ(bench.get<std::uint64_t>(HostBench::kData), cycle / 100);
  EXPECT_EQ(bench.get<std::uint64_t>(HostBench::kData + 8), (cycle + 1) / 100);
}

TEST(WrongAccessSize, GivesAFaultAndTwoLines) {
  HostBench bench;
  Code code;
  li(code, t0, HostBench::kHandler);
  code.push_back(csrw(csr::mtvec, t0));
  li(code, a0, TestBus::kUart);
  code.push_back(lw(a1, a0, 0));
  bench.load(code);
  Code handler;
  finish_passed(handler);
  bench.load(handler, HostBench::kHandler);
  bench.run();
  ASSERT_EQ(bench.recorder.errors.size(), 2U) << "the device's view, then the hart's";
  EXPECT_EQ(bench.recorder.errors[0].where, "host.uart_window");
  EXPECT_EQ(bench.recorder.errors[0].subject, "read of 4 bytes at offset");
  EXPECT_EQ(bench.recorder.errors[0].expected, "the register's own size and alignment");
  EXPECT_EQ(bench.recorder.errors[1].where, "host.hart0");
}

class DeviceSocket : public testing::Test {
 protected:
  HostBench bench;
  std::array<std::uint8_t, 8> bytes{};
  tlm::tlm_generic_payload txn;
  tlm::tlm_generic_payload& payload(tlm::tlm_command command, std::uint64_t address, unsigned length) {
    txn.set_command(command);
    txn.set_address(address);
    txn.set_data_ptr(bytes.data());
    txn.set_data_length(length);
    txn.set_streaming_width(length);
    txn.set_byte_enable_ptr(nullptr);
    txn.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    return txn;
  }
  tlm::tlm_response_status response(tlm_utils::simple_initiator_socket<TestBus, 64>& socket) {
    sc_core::sc_time delay;
    socket->b_transport(txn, delay);
    return txn.get_response_status();
  }
};

TEST_F(DeviceSocket, DebugReadsTakeNothingAndDebugWritesAreRefused) {
  bench.host->uart_receive('x');
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(bench.bus.uart->transport_dbg(payload(tlm::TLM_READ_COMMAND, DIXION_UART_DATA, 1)), 1U);
    EXPECT_EQ(bytes[0], 'x');
  }
  EXPECT_EQ(bench.bus.uart->transport_dbg(payload(tlm::TLM_WRITE_COMMAND, DIXION_UART_DATA, 1)), 0U);
  EXPECT_TRUE(bench.output.empty());
}

TEST_F(DeviceSocket, RefusesByteEnablesAndCommandsThatAreNeither) {
  std::uint8_t enable = 0xFF;
  payload(tlm::TLM_READ_COMMAND, 0, 4).set_byte_enable_ptr(&enable);
  EXPECT_EQ(response(bench.bus.clint), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  payload(tlm::TLM_IGNORE_COMMAND, 0, 4);
  EXPECT_EQ(response(bench.bus.clint), tlm::TLM_COMMAND_ERROR_RESPONSE);
  payload(tlm::TLM_READ_COMMAND, 0, 16);
  EXPECT_EQ(response(bench.bus.clint), tlm::TLM_BURST_ERROR_RESPONSE);
  payload(tlm::TLM_READ_COMMAND, 0x8000, 4);
  EXPECT_EQ(response(bench.bus.clint), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  payload(tlm::TLM_WRITE_COMMAND, DIXION_PLIC_PENDING(0), 4);
  EXPECT_EQ(response(bench.bus.plic), tlm::TLM_COMMAND_ERROR_RESPONSE);
}

}  // namespace
}  // namespace dixion::host
