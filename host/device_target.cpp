// SPDX-License-Identifier: Apache-2.0
#include "host/device_target.h"

#include <cstring>
#include <string>

namespace dixion::host {
namespace {

bool is_register_size(unsigned size) { return size == 1 || size == 2 || size == 4 || size == 8; }

tlm::tlm_response_status response_of(DeviceStatus status) {
  switch (status) {
    case DeviceStatus::kOk:
      return tlm::TLM_OK_RESPONSE;
    case DeviceStatus::kNoRegister:
      return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    case DeviceStatus::kSize:
      return tlm::TLM_BURST_ERROR_RESPONSE;
    default:
      return tlm::TLM_COMMAND_ERROR_RESPONSE;
  }
}

const char* expectation(DeviceStatus status) {
  switch (status) {
    case DeviceStatus::kNoRegister:
      return "the offset of a register";
    case DeviceStatus::kSize:
      return "the register's own size and alignment";
    default:
      return "no write: it can only be read";
  }
}

}  // namespace

DeviceTarget::DeviceTarget(const sc_core::sc_module_name& name, Device& device, GuestErrorSink* guest_errors,
                           std::span<std::uint8_t> direct)
    : sc_module(name), device_(device), guest_errors_(guest_errors), direct_(direct) {
  socket.register_b_transport(this, &DeviceTarget::b_transport);
  socket.register_transport_dbg(this, &DeviceTarget::transport_dbg);
  socket.register_get_direct_mem_ptr(this, &DeviceTarget::get_direct_mem_ptr);
}

DeviceStatus DeviceTarget::access(tlm::tlm_generic_payload& txn) {
  const unsigned size = txn.get_data_length();
  if (!is_register_size(size) || txn.get_streaming_width() < size) return DeviceStatus::kSize;
  std::uint64_t value = 0;
  if (txn.is_write()) {
    std::memcpy(&value, txn.get_data_ptr(), size);
    return device_.write(txn.get_address(), size, value);
  }
  const DeviceStatus status = device_.read(txn.get_address(), size, value);
  if (status == DeviceStatus::kOk) std::memcpy(txn.get_data_ptr(), &value, size);
  return status;
}

void DeviceTarget::b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& /*delay*/) {
  ++accesses_;
  if (txn.get_byte_enable_ptr() != nullptr) {
    txn.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    return;
  }
  if (!txn.is_read() && !txn.is_write()) {
    txn.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
    return;
  }
  const DeviceStatus status = access(txn);
  if (status != DeviceStatus::kOk) report(txn, status);
  txn.set_dmi_allowed(status == DeviceStatus::kOk && txn.is_read() && txn.get_address() < direct_.size());
  txn.set_response_status(response_of(status));
}

void DeviceTarget::report(const tlm::tlm_generic_payload& txn, DeviceStatus status) {
  if (guest_errors_ == nullptr) return;
  const std::string what =
      (txn.is_write() ? "write of " : "read of ") + std::to_string(txn.get_data_length()) + " bytes at offset";
  guest_errors_->guest_error({name(), what, txn.get_address(), expectation(status)});
}

unsigned DeviceTarget::transport_dbg(tlm::tlm_generic_payload& txn) {
  const unsigned size = txn.get_data_length();
  if (!txn.is_read()) return 0;
  std::uint64_t value = 0;
  if (is_register_size(size) && device_.peek(txn.get_address(), size, value) == DeviceStatus::kOk) {
    std::memcpy(txn.get_data_ptr(), &value, size);
    return size;
  }
  // Longer reads, as debuggers make them, are answered from bytes only.
  unsigned count = 0;
  for (; count < size && txn.get_address() + count < direct_.size(); ++count) {
    txn.get_data_ptr()[count] = direct_[txn.get_address() + count];
  }
  return count;
}

bool DeviceTarget::get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi) {
  dmi.init();
  const std::uint64_t address = txn.get_address();
  if (address >= direct_.size()) {  // everything behind the bytes is registers
    dmi.set_start_address(direct_.size());
    return false;
  }
  dmi.set_start_address(0);
  dmi.set_end_address(direct_.size() - 1);
  dmi.set_dmi_ptr(direct_.data());
  if (!txn.is_read()) return false;
  dmi.allow_read();
  return true;
}

}  // namespace dixion::host
