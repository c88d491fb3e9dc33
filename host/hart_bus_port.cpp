// SPDX-License-Identifier: Apache-2.0
#include "host/hart_bus_port.h"

#include <algorithm>
#include <string>
#include <utility>

namespace dixion::host {
namespace {

// All attributes the base protocol asks for, before every call.
void prepare(tlm::tlm_generic_payload& txn, tlm::tlm_command command, std::uint64_t address, std::uint8_t* data,
             std::size_t length) {
  txn.set_command(command);
  txn.set_address(address);
  txn.set_data_ptr(data);
  txn.set_data_length(static_cast<unsigned>(length));
  txn.set_streaming_width(static_cast<unsigned>(length));
  txn.set_byte_enable_ptr(nullptr);
  txn.set_byte_enable_length(0);
  txn.set_dmi_allowed(false);
  txn.set_gp_option(tlm::TLM_MIN_PAYLOAD);
  txn.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
}

const char* expectation(tlm::tlm_response_status response) {
  switch (response) {
    case tlm::TLM_ADDRESS_ERROR_RESPONSE:
      return "an address where a device or memory answers";
    case tlm::TLM_COMMAND_ERROR_RESPONSE:
      return "an access in the direction the register allows";
    case tlm::TLM_BURST_ERROR_RESPONSE:
      return "an access of the size the register allows";
    default:
      return "an access the target accepts";
  }
}

const char* verb(AccessKind kind) {
  switch (kind) {
    case AccessKind::kFetch:
      return "instruction fetch";
    case AccessKind::kLoad:
      return "load";
    default:
      return "store";
  }
}

}  // namespace

HartBusPort::HartBusPort(unsigned hart, const HostConfig& config, const Clock& clock, BusAccess access)
    : hart_(hart), config_(config), clock_(clock), access_(std::move(access)), iss_(*this, config.dmi_latency) {
  iss_.state().reset(hart, config.reset_pc);
}

bool HartBusPort::is_memory(std::uint64_t address, std::uint64_t length) const {
  return DirectMemory{config_.dram_base, config_.dram_size, nullptr}.contains(address, length);
}

void HartBusPort::invalidate(std::uint64_t start, std::uint64_t end) {
  const auto overlaps = [&](const Region& region) {
    return region.memory.base <= end && region.memory.base + (region.memory.size - 1) >= start;
  };
  if (std::erase_if(regions_, overlaps) != 0) iss_.drop_direct_memory();
}

bool HartBusPort::direct(std::uint64_t address, AccessKind kind, DirectMemory& region) {
  // Exact memory concerns data; code comes through an instruction cache that always hits.
  if (kind != AccessKind::kFetch && !config_.dmi_data && is_memory(address, 1)) return false;
  const bool store = kind == AccessKind::kStore;
  for (const Region& known : regions_) {
    if (!known.memory.contains(address, 1) || !(store ? known.writable : known.readable)) continue;
    region = known.memory;
    return true;
  }
  tlm::tlm_generic_payload txn;
  tlm::tlm_dmi dmi;
  std::uint8_t dummy = 0;
  prepare(txn, store ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address, &dummy, 1);
  dmi.init();
  const bool granted = access_.direct(txn, dmi) && (store ? dmi.is_write_allowed() : dmi.is_read_allowed()) &&
                       dmi.get_start_address() <= address && address <= dmi.get_end_address();
  if (!granted) return false;
  const std::uint64_t span = dmi.get_end_address() - dmi.get_start_address();
  const Region fresh{{dmi.get_start_address(), span == ~0ULL ? span : span + 1, dmi.get_dmi_ptr()},
                     dmi.is_read_allowed(),
                     dmi.is_write_allowed()};
  regions_.push_back(fresh);
  region = fresh.memory;
  return true;
}

void HartBusPort::report(std::uint64_t address, std::uint64_t length, AccessKind kind, const char* expected) {
  ++counters_.faults;
  if (config_.guest_errors == nullptr) return;
  const std::string what = std::string(verb(kind)) + " of " + std::to_string(length) + " bytes at";
  config_.guest_errors->guest_error({"host.hart" + std::to_string(hart_), what, address, expected});
}

void HartBusPort::rejected(std::uint64_t address, std::uint64_t length, AccessKind kind, const char* expected) {
  report(address, length, kind, expected);
}

BusStatus HartBusPort::transport(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data,
                                 std::size_t length, AccessKind kind) {
  tlm::tlm_generic_payload txn;
  prepare(txn, command, address, data, length);
  sc_core::sc_time delay = sc_core::sc_time::from_value(delay_);
  access_.transport(txn, delay);
  delay_ = delay.value();
  if (!txn.is_response_error()) return BusStatus::kOk;
  report(address, length, kind, expectation(txn.get_response_status()));
  return BusStatus::kFault;
}

BusStatus HartBusPort::read(std::uint64_t address, std::span<std::uint8_t> bytes, AccessKind kind) {
  if (!granted_) return BusStatus::kNotNow;
  ++counters_.reads;
  return transport(tlm::TLM_READ_COMMAND, address, bytes.data(), bytes.size(), kind);
}

BusStatus HartBusPort::write(std::uint64_t address, std::span<const std::uint8_t> bytes) {
  if (!granted_) return BusStatus::kNotNow;
  ++counters_.writes;
  if (config_.trace != nullptr && !is_memory(address, bytes.size())) {
    config_.trace->event({.stage = Stage::kHostStore, .time_ticks = sc_core::sc_time_stamp().value(), .id = address});
  }
  std::array<std::uint8_t, 8> copy{};  // a target may not change it, but the payload's pointer is not const
  std::copy(bytes.begin(), bytes.end(), copy.begin());
  return transport(tlm::TLM_WRITE_COMMAND, address, copy.data(), bytes.size(), AccessKind::kStore);
}

void HartBusPort::trap_taken() {
  if (config_.trace == nullptr) return;
  config_.trace->event({.stage = Stage::kTrap, .time_ticks = local_time(), .id = iss_.state().mcause});
}

}  // namespace dixion::host
