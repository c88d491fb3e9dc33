// SPDX-License-Identifier: Apache-2.0
/// A base-protocol checker to splice between any initiator and target: initiator -> checker.in, checker.out -> target.
/// Passes everything on unchanged and counts what IEEE 1666-2011 does not allow; section and item stand at the rules.
/// Blocking transport, debug transport and DMI; a non-blocking call is a violation (nothing here speaks AT).
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

namespace dixion::test {

class TlmProtocolChecker final : public sc_core::sc_module {
 public:
  explicit TlmProtocolChecker(const sc_core::sc_module_name& name) : sc_module(name) {
    in.register_b_transport(this, &TlmProtocolChecker::b_transport);
    in.register_transport_dbg(this, &TlmProtocolChecker::transport_dbg);
    in.register_get_direct_mem_ptr(this, &TlmProtocolChecker::get_direct_mem_ptr);
    in.register_nb_transport_fw(this, &TlmProtocolChecker::nb_transport_fw);
    out.register_invalidate_direct_mem_ptr(this, &TlmProtocolChecker::invalidate_direct_mem_ptr);
  }

  tlm_utils::simple_target_socket<TlmProtocolChecker, 64> in{"in"};
  tlm_utils::simple_initiator_socket<TlmProtocolChecker, 64> out{"out"};

  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  [[nodiscard]] unsigned transactions() const { return transactions_; }

 private:
  using Payload = tlm::tlm_generic_payload;

  /// What no one may change on the way to the target and back.
  struct Snapshot {
    explicit Snapshot(const Payload& txn)
        : command(txn.get_command()),
          data(txn.get_data_ptr()),
          length(txn.get_data_length()),
          streaming_width(txn.get_streaming_width()),
          enables(txn.get_byte_enable_ptr()),
          enable_length(txn.get_byte_enable_length()) {}
    bool operator==(const Snapshot&) const = default;

    tlm::tlm_command command;
    const unsigned char* data;
    unsigned length;
    unsigned streaming_width;
    const unsigned char* enables;
    unsigned enable_length;
  };

  void expect(bool condition, const char* call, const char* rule) {
    if (!condition) violations_.push_back(std::string(call) + ": " + rule);
  }

  void check_attributes(const Payload& txn, const char* call) {
    expect(txn.get_data_ptr() != nullptr, call, "data pointer is null (14.11 e)");
    expect(txn.get_data_length() != 0, call, "data length is 0 (14.12 d)");
    expect(txn.get_streaming_width() != 0, call, "streaming width is 0 (14.15 f)");
    expect(txn.get_byte_enable_ptr() == nullptr || txn.get_byte_enable_length() != 0, call,
           "byte enables without length (14.14 f)");
    expect(!txn.is_dmi_allowed(), call, "DMI hint is set before the call (14.16)");
    expect(txn.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE, call,
           "response is not INCOMPLETE before the call (14.17 e)");
    expect(txn.get_gp_option() == tlm::TLM_MIN_PAYLOAD, call, "option is not MIN_PAYLOAD before the call (14.8 g)");
  }

  void b_transport(Payload& txn, sc_core::sc_time& delay) {
    constexpr const char* kCall = "b_transport";
    ++transactions_;
    check_attributes(txn, kCall);
    const sc_core::sc_process_handle process = sc_core::sc_get_current_process_handle();
    expect(process.valid() && process.proc_kind() == sc_core::SC_THREAD_PROC_, kCall,
           "not called from a thread (11.1.1.4 b)");
    const Snapshot before(txn);
    const bool copy = txn.get_data_ptr() != nullptr && txn.get_command() != tlm::TLM_READ_COMMAND;
    const std::vector<unsigned char> data(copy ? txn.get_data_ptr() : nullptr,
                                          copy ? txn.get_data_ptr() + txn.get_data_length() : nullptr);
    const sc_core::sc_time due = sc_core::sc_time_stamp() + delay;
    out->b_transport(txn, delay);
    expect(sc_core::sc_time_stamp() + delay >= due, kCall, "local time ran backwards (15.2.7 c)");
    check_unchanged(before, txn, kCall);
    expect(txn.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE, kCall,
           "the target left the response INCOMPLETE (14.17)");
    expect(!copy || txn.get_data_ptr() == nullptr || std::equal(data.begin(), data.end(), txn.get_data_ptr()), kCall,
           "data of a WRITE or IGNORE changed (14.7)");
  }

  unsigned transport_dbg(Payload& txn) {
    constexpr const char* kCall = "transport_dbg";
    expect(txn.get_data_ptr() != nullptr || txn.get_data_length() == 0, kCall, "data pointer is null (11.3.4)");
    const Snapshot before(txn);
    const sc_core::sc_time now = sc_core::sc_time_stamp();
    const unsigned count = out->transport_dbg(txn);
    expect(sc_core::sc_time_stamp() == now, kCall, "took time (11.3.4)");
    expect(count <= before.length, kCall, "more bytes than asked for (11.3.4)");
    check_unchanged(before, txn, kCall);
    return count;
  }

  bool get_direct_mem_ptr(Payload& txn, tlm::tlm_dmi& dmi) {
    constexpr const char* kCall = "get_direct_mem_ptr";
    expect(txn.get_command() != tlm::TLM_IGNORE_COMMAND, kCall, "asked with IGNORE (11.2.5)");
    expect(dmi.get_dmi_ptr() == nullptr && dmi.is_none_allowed() && dmi.get_start_address() == 0, kCall,
           "DMI descriptor was not reset (11.2.5 f)");
    const std::uint64_t address = txn.get_address();
    const Snapshot before(txn);
    const bool granted = out->get_direct_mem_ptr(txn, dmi);
    check_unchanged(before, txn, kCall);
    expect(txn.get_address() == address, kCall, "the address came back changed (14.7)");
    expect(dmi.get_start_address() <= dmi.get_end_address(), kCall, "region ends before it starts (11.2.5)");
    if (!granted) return false;
    expect(dmi.get_dmi_ptr() != nullptr, kCall, "granted without a pointer (11.2.5)");
    expect(dmi.get_start_address() <= address && address <= dmi.get_end_address(), kCall,
           "granted region does not hold the address (11.2.5)");
    expect(txn.is_write() ? dmi.is_write_allowed() : dmi.is_read_allowed(), kCall,
           "granted, but not for the command asked for (11.2.5)");
    return true;
  }

  tlm::tlm_sync_enum nb_transport_fw(Payload& txn, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    expect(false, "nb_transport_fw", "not spoken here");
    return out->nb_transport_fw(txn, phase, delay);
  }

  void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) {
    expect(start <= end, "invalidate_direct_mem_ptr", "region ends before it starts (11.2.5)");
    in->invalidate_direct_mem_ptr(start, end);
  }

  void check_unchanged(const Snapshot& before, const Payload& txn, const char* call) {
    expect(before == Snapshot(txn), call, "command, data pointer, lengths or byte enables changed in flight (14.7)");
  }

  std::vector<std::string> violations_;
  unsigned transactions_ = 0;
};

}  // namespace dixion::test
