// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/simple_dram.h"

#include "models/common/check.h"
#include "models/interconnect/kernel_time.h"
#include "models/interconnect/requester_extension.h"
#include "models/memory/memory_target.h"

namespace dixion {

void SimpleDram::validate(const SimpleDramConfig& config) {
  if (config.capacity_bytes == 0) throw ConfigError("soc.memory.simple.capacity_bytes", "must be at least 1");
  if (config.bytes_per_second == 0 || config.bytes_per_second >= (1ULL << 44)) {
    throw ConfigError("soc.memory.simple.bytes_per_second", "must be from 1 to 2^44 - 1");
  }
}

SimpleDram::SimpleDram(const sc_core::sc_module_name& name, const SimpleDramConfig& config)
    : sc_module(name),
      store_(config.capacity_bytes),
      latency_(static_cast<double>(config.latency_ps), sc_core::SC_PS),
      bandwidth_(config.bytes_per_second),
      waiting_(ticks_per_second()) {
  port.register_b_transport(this, &SimpleDram::b_transport);
  port.register_transport_dbg(this, &SimpleDram::transport_dbg);
  port.register_get_direct_mem_ptr(this, &SimpleDram::get_direct_mem_ptr);
}

void SimpleDram::b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  auto* extension = txn.get_extension<StreamExtension>();
  if (extension != nullptr && txn.get_command() == tlm::TLM_IGNORE_COMMAND) {
    stream(txn, *extension, delay);
    return;
  }
  access_memory(txn, store_.data(), store_.size());
  if (extension != nullptr) {
    // The probe: whoever asks may send streams. It costs nothing, as it exists in the simulation only.
    extension->acknowledged = true;
    return;
  }
  const sc_core::sc_time request = sc_core::sc_time_stamp() + delay;
  delay += latency_;
  if (txn.is_response_error() || txn.get_command() == tlm::TLM_IGNORE_COMMAND) return;
  const Ticks finish = bandwidth_.access(ticks_now() + delay.value(), txn.get_data_length());
  delay = time_of(finish - ticks_now());
  const Requester requester = requester_of(txn);
  traffic_.add(requester, txn.is_write(), txn.get_data_length());
  waiting_.access(requester, finish - request.value());
}

void SimpleDram::stream(tlm::tlm_generic_payload& txn, StreamExtension& stream, sc_core::sc_time& delay) {
  stream.acknowledged = true;
  if (!contains(txn.get_address(), stream.shape.span())) {
    txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  const Ticks begin = ticks_now();
  const bool write = stream.direction == StreamExtension::Direction::kWrite;
  traffic_.add(stream.requester, write, stream.total_bytes);
  // The stream competes from the moment its first byte could move; until then it is on its way.
  const sc_core::sc_time arrival = delay + (stream.back_to_back ? sc_core::SC_ZERO_TIME : latency_);
  delay = sc_core::SC_ZERO_TIME;
  bandwidth_.transfer(stream.total_bytes, stream.max_bytes_per_second, begin + arrival.value());
  waiting_.stream(stream.requester, ticks_now() - begin);
  txn.set_response_status(tlm::TLM_OK_RESPONSE);
}

StatisticsList SimpleDram::statistics(const std::string& prefix) const {
  StatisticsList list = traffic_.statistics(prefix);
  const StatisticsList latency = waiting_.statistics(prefix);
  list.insert(list.end(), latency.begin(), latency.end());
  return list;
}

unsigned SimpleDram::transport_dbg(tlm::tlm_generic_payload& txn) {
  return debug_memory(txn, store_.data(), store_.size());
}

bool SimpleDram::get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi) {
  if (txn.get_address() >= store_.size()) {
    dmi.allow_none();
    dmi.set_start_address(store_.size());
    return false;
  }
  dmi.set_dmi_ptr(store_.data());
  dmi.set_start_address(0);
  dmi.set_end_address(store_.size() - 1);
  dmi.allow_read_write();
  dmi.set_read_latency(latency_);
  dmi.set_write_latency(latency_);
  return true;
}

bool SimpleDram::contains(std::uint64_t address, std::uint64_t length) const {
  return address < store_.size() && length <= store_.size() - address;
}

}  // namespace dixion
