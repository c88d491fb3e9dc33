// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "models/common/accelerator_config.h"
#include "models/interconnect/kernel_time.h"
#include "tests/support/tlm_protocol_checker.h"

namespace dixion::test {

/// 1 GHz, port of 64 bytes per ns, global buffer of 512 bytes per ns.
inline AcceleratorConfig gigahertz_config() {
  AcceleratorConfig result;
  result.clock_hz = 1'000'000'000;
  result.global_buffer_bytes = 64 * 1024;
  return result;
}

/// Runs scripts as SystemC threads. A script that does not reach its end fails the test.
class Scripts {
 public:
  void add(std::string name, std::function<void()> script) {
    const std::size_t index = names_.size();
    names_.push_back(std::move(name));
    ended_.push_back(false);
    sc_core::sc_spawn([this, index, body = std::move(script)] {
      body();
      ended_[index] = true;
    });
  }
  /// Until nothing happens any more.
  void run() {
    sc_core::sc_start();
    for (std::size_t i = 0; i < names_.size(); ++i) EXPECT_TRUE(ended_[i]) << names_[i] << " did not end";
  }

 private:
  std::vector<std::string> names_;
  std::vector<bool> ended_;
};

inline void expect_clean(const TlmProtocolChecker& checker) {
  for (const std::string& violation : checker.violations()) ADD_FAILURE() << checker.name() << ": " << violation;
  EXPECT_GT(checker.transactions(), 0U) << checker.name() << " saw nothing";
}

/// An initiator for tests: one access per call, all attributes set; delays are returned, not waited out.
class TestInitiator final : public sc_core::sc_module {
 public:
  explicit TestInitiator(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.register_invalidate_direct_mem_ptr(this, &TestInitiator::invalidate);
  }
  tlm_utils::simple_initiator_socket<TestInitiator, 64> socket{"socket"};

  struct Answer {
    tlm::tlm_response_status response;
    sc_core::sc_time delay;
  };
  static void set_up(tlm::tlm_generic_payload& txn, tlm::tlm_command command, std::uint64_t address, void* data,
                     unsigned length) {
    txn.set_command(command);
    txn.set_address(address);
    txn.set_data_ptr(static_cast<unsigned char*>(data));
    txn.set_data_length(length);
    txn.set_streaming_width(length);
    txn.set_byte_enable_ptr(nullptr);
    txn.set_dmi_allowed(false);
    txn.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  }
  Answer access(tlm::tlm_command command, std::uint64_t address, void* data, unsigned length,
                sc_core::sc_time delay = sc_core::SC_ZERO_TIME) {
    tlm::tlm_generic_payload txn;
    set_up(txn, command, address, data, length);
    socket->b_transport(txn, delay);
    return {txn.get_response_status(), delay};
  }
  Answer read(std::uint64_t address, void* data, unsigned length) {
    return access(tlm::TLM_READ_COMMAND, address, data, length);
  }
  Answer write(std::uint64_t address, void* data, unsigned length) {
    return access(tlm::TLM_WRITE_COMMAND, address, data, length);
  }
  unsigned debug(tlm::tlm_command command, std::uint64_t address, void* data, unsigned length) {
    tlm::tlm_generic_payload txn;
    set_up(txn, command, address, data, length);
    return socket->transport_dbg(txn);
  }
  bool dmi(std::uint64_t address, tlm::tlm_dmi& descriptor) {
    unsigned char beat[8] = {};
    tlm::tlm_generic_payload txn;
    set_up(txn, tlm::TLM_READ_COMMAND, address, beat, 8);
    return socket->get_direct_mem_ptr(txn, descriptor);
  }

  std::vector<std::pair<std::uint64_t, std::uint64_t>> invalidated;

 private:
  void invalidate(sc_dt::uint64 start, sc_dt::uint64 end) { invalidated.emplace_back(start, end); }
};

}  // namespace dixion::test
