// SPDX-License-Identifier: Apache-2.0
#include "tests/model/host/host_bench.h"

#include <array>

#include <gtest/gtest.h>

namespace dixion::host {
namespace {

// IEEE 1666-2011, clause 14: what an initiator must have set before a call.
void expect_base_protocol(const tlm::tlm_generic_payload& txn) {
  EXPECT_NE(txn.get_data_ptr(), nullptr);
  EXPECT_NE(txn.get_data_length(), 0U);
  EXPECT_EQ(txn.get_streaming_width(), txn.get_data_length());
  EXPECT_EQ(txn.get_byte_enable_ptr(), nullptr);
  EXPECT_FALSE(txn.is_dmi_allowed());
  EXPECT_EQ(txn.get_response_status(), tlm::TLM_INCOMPLETE_RESPONSE);
}

constexpr std::uint64_t kScriptedSize = 0x1000;

}  // namespace

TestBus::TestBus(const sc_core::sc_module_name& name) : sc_module(name) {
  from_host.register_b_transport(this, &TestBus::b_transport);
  from_host.register_transport_dbg(this, &TestBus::transport_dbg);
  from_host.register_get_direct_mem_ptr(this, &TestBus::get_direct_mem_ptr);
}

void TestBus::b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  expect_base_protocol(txn);
  const std::uint64_t address = txn.get_address();
  struct Window {
    std::uint64_t base;
    std::uint64_t size;
    tlm_utils::simple_initiator_socket<TestBus, 64>* socket;
  };
  const std::array<Window, 5> windows = {{{kClint, 0x10000, &clint},
                                          {kPlic, 0x600000, &plic},
                                          {kUart, 0x100, &uart},
                                          {kFinisher, 0x1000, &finisher},
                                          {kBootRom, 0xF000, &boot_rom}}};
  for (const Window& window : windows) {
    if (address - window.base >= window.size) continue;
    txn.set_address(address - window.base);
    (*window.socket)->b_transport(txn, delay);
    txn.set_address(address);
    EXPECT_NE(txn.get_response_status(), tlm::TLM_INCOMPLETE_RESPONSE);
    return;
  }
  if (address - kDram < dram.size()) return access_dram(txn);
  if (address - kScripted < kScriptedSize) return access_scripted(txn, delay);
  txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

void TestBus::access_dram(tlm::tlm_generic_payload& txn) {
  ++dram_transactions;
  std::uint8_t* const bytes = &dram[txn.get_address() - kDram];
  if (txn.is_read()) std::memcpy(txn.get_data_ptr(), bytes, txn.get_data_length());
  if (txn.is_write()) std::memcpy(bytes, txn.get_data_ptr(), txn.get_data_length());
  txn.set_response_status(tlm::TLM_OK_RESPONSE);
}

void TestBus::access_scripted(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  if (txn.is_write()) {
    Store store{txn.get_address() - kScripted, 0, sc_core::sc_time_stamp().value()};
    std::memcpy(&store.value, txn.get_data_ptr(), txn.get_data_length());
    stores.push_back(store);
    if (on_store) on_store(store);
  } else {
    std::memcpy(txn.get_data_ptr(), &answer, txn.get_data_length());
    if (answer_waits) {
      wait(answer_delay);
    } else {
      delay += answer_delay;
    }
  }
  txn.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned TestBus::transport_dbg(tlm::tlm_generic_payload& /*txn*/) { return 0; }

bool TestBus::get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi) {
  expect_base_protocol(txn);
  const std::uint64_t address = txn.get_address();
  if (address - kBootRom < 0xF000) {
    txn.set_address(address - kBootRom);
    const bool granted = boot_rom->get_direct_mem_ptr(txn, dmi);
    txn.set_address(address);
    dmi.set_start_address(dmi.get_start_address() + kBootRom);
    dmi.set_end_address(dmi.get_end_address() + kBootRom);
    return granted;
  }
  dmi.init();
  if (!grant_dmi || address - kDram >= dram.size() || (txn.is_write() && address < no_store_dmi_below)) return false;
  dmi.set_dmi_ptr(dram.data());
  dmi.set_start_address(kDram);
  dmi.set_end_address(kDram + dram.size() - 1);
  if (no_store_dmi_below == kDram) {
    dmi.allow_read_write();
  } else {
    dmi.allow_read();
  }
  return true;
}

// Simulated-time limits are events: the end of sc_start(t) is invisible to harts that look for the next event.
struct HostBench::Limit final : sc_core::sc_module {
  explicit Limit(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_HAS_PROCESS(Limit);
    SC_METHOD(end);
    sensitive << event;
    dont_initialize();
  }
  void end() { sc_core::sc_stop(); }
  sc_core::sc_event event;
};

HostBench::HostBench(HostConfig config) : limit_(std::make_unique<Limit>("limit")) {
  config.dram_base = TestBus::kDram;
  config.dram_size = bus.dram.size();
  if (config.boot_rom.empty()) config.reset_pc = TestBus::kDram;
  config.guest_errors = &recorder;
  config.trace = &recorder;
  config.on_uart_output = [this](std::uint8_t byte) { output.push_back(static_cast<char>(byte)); };
  config.on_finish = [this](const Finish& value) {
    finish = value;
    sc_core::sc_stop();
  };
  config.on_hang = [this](const std::string& reason) {
    hangs.push_back(reason);
    sc_core::sc_stop();
  };
  config.on_idle = [this] { ++idle_calls; };
  validate(config);
  host = std::make_unique<HostSubsystem>("host", config);
  host->bus.bind(host_checker.in);
  host_checker.out.bind(bus.from_host);
  bus.clint.bind(host->clint);
  bus.plic.bind(host->plic);
  bus.uart.bind(host->uart);
  bus.finisher.bind(host->finisher);
  bus.boot_rom.bind(host->boot_rom);
}

HostBench::~HostBench() {
  for (const std::string& violation : host_checker.violations()) ADD_FAILURE() << "harts: " << violation;
}

void HostBench::load(const assembler::Code& code, std::uint64_t address) {
  std::memcpy(&bus.dram[address - TestBus::kDram], code.data(), code.size() * sizeof(assembler::Word));
}

void HostBench::run(const sc_core::sc_time& limit) {
  limit_->event.notify(limit);
  sc_core::sc_start();
}

std::uint64_t HostBench::statistic(const std::string& name) const {
  for (const Statistic& statistic : host->statistics()) {
    if (statistic.name == name) return statistic.value;
  }
  ADD_FAILURE() << "no statistic " << name;
  return 0;
}

void store_word(assembler::Code& code, std::uint64_t address, std::uint64_t value) {
  using namespace assembler;
  li(code, t5, address);
  li(code, t6, value);
  code.push_back(sw(t6, t5, 0));
}

void finish_passed(assembler::Code& code) {
  store_word(code, TestBus::kFinisher, 0x5555);
  code.push_back(assembler::wfi);
}

}  // namespace dixion::host
