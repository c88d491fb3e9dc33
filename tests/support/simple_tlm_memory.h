// SPDX-License-Identifier: Apache-2.0
/// A memory as someone else might have written it: knows no streams, takes what is not a READ for a write.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "models/interconnect/requester_extension.h"

namespace dixion::test {

class SimpleTlmMemory final : public sc_core::sc_module {
 public:
  struct Options {
    std::uint64_t bytes = 1 << 20;
    sc_core::sc_time latency{};  ///< annotated to every access
    bool grant_dmi = true;
    std::uint64_t error_start = 0;  ///< accesses that touch [error_start, error_end) get a generic error
    std::uint64_t error_end = 0;
  };

  SimpleTlmMemory(const sc_core::sc_module_name& name, const Options& options)
      : sc_module(name), options_(options), store_(options.bytes) {
    port.register_b_transport(this, &SimpleTlmMemory::b_transport);
    port.register_transport_dbg(this, &SimpleTlmMemory::transport_dbg);
    port.register_get_direct_mem_ptr(this, &SimpleTlmMemory::get_direct_mem_ptr);
  }

  tlm_utils::simple_target_socket<SimpleTlmMemory, 64> port{"port"};

  unsigned char* data() { return store_.data(); }
  void set_grant_dmi(bool grant) { options_.grant_dmi = grant; }
  void invalidate(std::uint64_t start, std::uint64_t end) { port->invalidate_direct_mem_ptr(start, end); }
  /// Accesses by b_transport so far.
  [[nodiscard]] unsigned reads() const { return reads_; }
  [[nodiscard]] Requester last_requester() const { return last_requester_; }
  [[nodiscard]] unsigned writes() const { return writes_; }

 private:
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
    delay += options_.latency;
    last_requester_ = requester_of(txn);
    const std::uint64_t address = txn.get_address();
    const std::uint64_t length = txn.get_data_length();
    if (address >= store_.size() || length > store_.size() - address) {
      txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    if (address < options_.error_end && address + length > options_.error_start) {
      txn.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
      return;
    }
    if (txn.get_command() == tlm::TLM_READ_COMMAND) {
      ++reads_;
      std::memcpy(txn.get_data_ptr(), store_.data() + address, length);
    } else {
      ++writes_;
      std::memcpy(store_.data() + address, txn.get_data_ptr(), length);
    }
    txn.set_response_status(tlm::TLM_OK_RESPONSE);
  }

  unsigned transport_dbg(tlm::tlm_generic_payload& txn) {
    const std::uint64_t address = txn.get_address();
    if (address >= store_.size()) return 0;
    const auto length = static_cast<unsigned>(std::min<std::uint64_t>(txn.get_data_length(), store_.size() - address));
    if (txn.is_read()) std::memcpy(txn.get_data_ptr(), store_.data() + address, length);
    if (txn.is_write()) std::memcpy(store_.data() + address, txn.get_data_ptr(), length);
    return length;
  }

  bool get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi) {
    if (!options_.grant_dmi || txn.get_address() >= store_.size()) return false;
    dmi.set_dmi_ptr(store_.data());
    dmi.set_start_address(0);
    dmi.set_end_address(store_.size() - 1);
    dmi.allow_read_write();
    dmi.set_read_latency(options_.latency);
    dmi.set_write_latency(options_.latency);
    return true;
  }

  Options options_;
  std::vector<unsigned char> store_;
  Requester last_requester_ = Requester::kOther;
  unsigned reads_ = 0;
  unsigned writes_ = 0;
};

}  // namespace dixion::test
