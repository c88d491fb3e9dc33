// SPDX-License-Identifier: Apache-2.0
#include "tests/driver/accelerator_bench.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include <gtest/gtest.h>

namespace dixion::test {

ArenaTarget::ArenaTarget(const sc_core::sc_module_name& name, Arena& arena) : sc_module(name), arena_(arena) {
  port.register_b_transport(this, &ArenaTarget::b_transport);
  port.register_get_direct_mem_ptr(this, &ArenaTarget::get_direct_mem_ptr);
}

bool ArenaTarget::contains(const tlm::tlm_generic_payload& txn) const {
  const std::uint64_t offset = txn.get_address() - arena_.base();
  return txn.get_address() >= arena_.base() && offset <= arena_.size() &&
         txn.get_data_length() <= arena_.size() - offset;
}

void ArenaTarget::b_transport(tlm::tlm_generic_payload& txn, sc_core::sc_time& delay) {
  delay += sc_core::sc_time(100, sc_core::SC_NS);
  if (!contains(txn)) {
    txn.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  std::uint8_t* bytes = arena_.at(txn.get_address());
  if (txn.is_read()) std::memcpy(txn.get_data_ptr(), bytes, txn.get_data_length());
  if (txn.is_write()) std::memcpy(bytes, txn.get_data_ptr(), txn.get_data_length());
  txn.set_response_status(tlm::TLM_OK_RESPONSE);
}

bool ArenaTarget::get_direct_mem_ptr(tlm::tlm_generic_payload& txn, tlm::tlm_dmi& dmi) {
  if (!contains(txn)) return false;
  dmi.set_dmi_ptr(arena_.data());
  dmi.set_start_address(arena_.base());
  dmi.set_end_address(arena_.base() + arena_.size() - 1);
  dmi.allow_read_write();
  return true;
}

AcceleratorBench::AcceleratorBench(const sc_core::sc_module_name& name, std::size_t memory_bytes,
                                   const AcceleratorConfig& config)
    : sc_module(name),
      arena_(kDram, memory_bytes),
      accelerator_("accelerator", config, {this, this, nullptr, nullptr}),
      memory_("memory", arena_) {
  SC_HAS_PROCESS(AcceleratorBench);
  SC_THREAD(process);
  registers_.bind(register_checker_.in);
  register_checker_.out.bind(accelerator_.registers);
  accelerator_.memory.bind(memory_checker_.in);
  memory_checker_.out.bind(memory_.port);
  buffer_.bind(accelerator_.buffer);
}

AcceleratorBench::~AcceleratorBench() {
  for (const std::string& violation : register_checker_.violations()) ADD_FAILURE() << "registers: " << violation;
  for (const std::string& violation : memory_checker_.violations()) ADD_FAILURE() << "memory: " << violation;
}

void AcceleratorBench::run(std::function<void()> program) {
  program_ = std::move(program);
  sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_SEC));
  EXPECT_TRUE(finished_) << "the program sleeps and nothing wakes it";
  accelerator_.check_counters();
}

void AcceleratorBench::process() {
  program_();
  finished_ = true;
  sc_core::sc_stop();
}

std::uint32_t AcceleratorBench::access(std::uint64_t address, std::uint32_t value, tlm::tlm_command command) {
  tlm::tlm_generic_payload txn;
  txn.set_command(command);
  txn.set_address(address - kRegisters);
  txn.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  txn.set_data_length(sizeof value);
  txn.set_streaming_width(sizeof value);
  sc_core::sc_time delay;
  registers_->b_transport(txn, delay);
  sc_core::wait(delay);
  EXPECT_TRUE(txn.is_response_ok()) << std::hex << address;
  return value;
}

std::uint32_t AcceleratorBench::read(std::uint64_t address) { return access(address, 0, tlm::TLM_READ_COMMAND); }

void AcceleratorBench::write(std::uint64_t address, std::uint32_t value) {
  access(address, value, tlm::TLM_WRITE_COMMAND);
}

void AcceleratorBench::set_level(unsigned line, bool level) {
  if (level && !lines_[line]) line_rose_.notify(sc_core::SC_ZERO_TIME);
  lines_[line] = level;
}

void AcceleratorBench::sleep() {
  ++sleeps_;
  const auto high = [this] {
    return std::find_if(lines_.begin(), lines_.end(), [](const auto& line) { return line.second; });
  };
  if (high() == lines_.end()) sc_core::wait(line_rose_);
  for (auto line = high(); line != lines_.end(); line = high()) {
    if (!handler_) throw std::logic_error("an interrupt without a handler");
    handler_(line->first);
  }
}

}  // namespace dixion::test
