// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "host/device.h"
#include "models/common/guest_error.h"

namespace dixion::host {

/// TLM shell around any Device: one access of 1, 2, 4 or 8 bytes per transaction, no byte enables, no time of its own.
/// Addresses are relative to the window's base. Refused accesses give an error response and a guest error.
/// Debug reads have no side effects; debug writes are refused.
class DeviceTarget final : public sc_core::sc_module {
 public:
  /// `direct`: bytes that may be read by DMI, from offset 0; empty for registers.
  DeviceTarget(const sc_core::sc_module_name& name, Device& device, GuestErrorSink* guest_errors,
               std::span<std::uint8_t> direct = {});

  tlm_utils::simple_target_socket<DeviceTarget, 64> socket{"socket"};

  [[nodiscard]] std::uint64_t accesses() const { return accesses_; }

 private:
  void b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& txn);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi);
  DeviceStatus access(tlm::tlm_generic_payload& txn);
  void report(const tlm::tlm_generic_payload& txn, DeviceStatus status);

  Device& device_;
  GuestErrorSink* guest_errors_;
  std::span<std::uint8_t> direct_;
  std::uint64_t accesses_ = 0;
};

}  // namespace dixion::host
