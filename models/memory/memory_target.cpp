// SPDX-License-Identifier: Apache-2.0
#include "models/memory/memory_target.h"

#include <algorithm>
#include <cstring>

namespace dixion {
namespace {

void copy_enabled(tlm::tlm_generic_payload& txn, unsigned char* to, const unsigned char* from) {
  const unsigned length = txn.get_data_length();
  const unsigned char* enables = txn.get_byte_enable_ptr();
  if (enables == nullptr) {
    std::memcpy(to, from, length);
    return;
  }
  for (unsigned i = 0; i < length; ++i) {
    if (enables[i % txn.get_byte_enable_length()] == TLM_BYTE_ENABLED) to[i] = from[i];
  }
}

}  // namespace

void access_memory(tlm::tlm_generic_payload& txn, unsigned char* data, std::uint64_t size) {
  const std::uint64_t address = txn.get_address();
  const unsigned length = txn.get_data_length();
  if (address >= size || length > size - address) {
    txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  if (txn.get_streaming_width() < length) {
    txn.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  if (txn.is_read()) copy_enabled(txn, txn.get_data_ptr(), data + address);
  if (txn.is_write()) copy_enabled(txn, data + address, txn.get_data_ptr());
  txn.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned debug_memory(tlm::tlm_generic_payload& txn, unsigned char* data, std::uint64_t size) {
  const std::uint64_t address = txn.get_address();
  if (address >= size) {
    txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return 0;
  }
  const auto length = static_cast<unsigned>(std::min<std::uint64_t>(txn.get_data_length(), size - address));
  if (txn.is_read()) std::memcpy(txn.get_data_ptr(), data + address, length);
  if (txn.is_write()) std::memcpy(data + address, txn.get_data_ptr(), length);
  txn.set_response_status(tlm::TLM_OK_RESPONSE);
  return length;
}

}  // namespace dixion
