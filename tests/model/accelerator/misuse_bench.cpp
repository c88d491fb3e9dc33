// SPDX-License-Identifier: Apache-2.0
#include "tests/model/accelerator/misuse_bench.h"

#include <cstring>

#include <gtest/gtest.h>

namespace dixion::test {

MisuseBench::MisuseBench(const AcceleratorConfig& config, const sc_core::sc_module_name& name)
    : sc_module(name),
      compute_values(config.compute_values),
      accelerator("accelerator", config, {this, this, nullptr, nullptr}),
      memory("memory", {1 << 20, sc_core::sc_time(80, sc_core::SC_NS), false, kBrokenMemory, kBrokenMemory + 0x1000}) {
  registers_.bind(register_checker_.in);
  register_checker_.out.bind(accelerator.registers);
  accelerator.memory.bind(memory_checker_.in);
  memory_checker_.out.bind(memory.port);
  buffer_.bind(accelerator.buffer);
}

void MisuseBench::run(const std::function<void()>& script) {
  bool finished = false;
  sc_core::sc_spawn([&] {
    script();
    finished = true;
  });
  sc_core::sc_start();
  EXPECT_TRUE(finished) << "the script waits for something that does not happen";
  for (const TlmProtocolChecker* checker : {&register_checker_, &memory_checker_}) {
    EXPECT_TRUE(checker->violations().empty()) << checker->violations().front();
  }
  EXPECT_NO_THROW(accelerator.check_counters());
}

tlm::tlm_response_status MisuseBench::access(tlm::tlm_command command, std::uint64_t address, unsigned length,
                                             std::uint32_t value) {
  unsigned char data[8] = {};
  std::memcpy(data, &value, sizeof value);
  tlm::tlm_generic_payload txn;
  txn.set_command(command);
  txn.set_address(address);
  txn.set_data_ptr(data);
  txn.set_data_length(length);
  txn.set_streaming_width(length);
  sc_core::sc_time delay;
  registers_->b_transport(txn, delay);
  sc_core::wait(delay);
  return txn.get_response_status();
}

void MisuseBench::write(std::uint64_t address, std::uint32_t value) {
  EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, address, 4, value), tlm::TLM_OK_RESPONSE);
}

std::uint32_t MisuseBench::read(std::uint64_t address) {
  std::uint32_t value = 0;
  tlm::tlm_generic_payload txn;
  txn.set_command(tlm::TLM_READ_COMMAND);
  txn.set_address(address);
  txn.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  txn.set_data_length(4);
  txn.set_streaming_width(4);
  sc_core::sc_time delay;
  registers_->b_transport(txn, delay);
  sc_core::wait(delay);
  EXPECT_TRUE(txn.is_response_ok());
  return value;
}

void MisuseBench::write_queue(std::uint32_t offset, std::uint32_t value, unsigned queue) {
  write(DIXION_QUEUE_PAGE_SIZE * (1 + queue) + offset, value);
}

std::uint32_t MisuseBench::read_queue(std::uint32_t offset, unsigned queue) {
  return read(DIXION_QUEUE_PAGE_SIZE * (1 + queue) + offset);
}

void MisuseBench::wait_until(const char* what, const std::function<bool()>& holds) {
  for (int i = 0; i < 2000 && !holds(); ++i) sc_core::wait(sc_core::sc_time(100, sc_core::SC_NS));
  EXPECT_TRUE(holds()) << "in vain: " << what;
}

void MisuseBench::wait_for_records(unsigned queue, std::uint32_t count) {
  wait_until("records", [&] { return read_queue(DIXION_QUEUE_COMPLETION_TAIL, queue) >= count; });
}

void MisuseBench::device_reset() {
  write(DIXION_ACCELERATOR_CONTROL, DIXION_ACCELERATOR_CONTROL_RESET_MASK);
  wait_until("RESET_DONE",
             [&] { return (read(DIXION_ACCELERATOR_STATUS) & DIXION_ACCELERATOR_STATUS_RESET_DONE_MASK) != 0; });
}

void MisuseBench::queue_reset(unsigned queue) {
  write_queue(DIXION_QUEUE_CONTROL, DIXION_QUEUE_CONTROL_RESET_MASK, queue);
  wait_until("IDLE", [&] { return read_queue(DIXION_QUEUE_STATUS, queue) == DIXION_QUEUE_STATUS_IDLE_MASK; });
}

void MisuseBench::prepare_memory() {
  std::memset(memory.data(), 0, kBrokenMemory);
  std::memset(memory.data() + kBrokenMemory + 0x1000, 0x5a, 0x1000);
  describe(kFilled0, result(0), DIXION_FORMAT_INT32, 4, {16});
  describe(kFilled1, result(1), DIXION_FORMAT_INT32, 4, {16});
  describe(kMatrix, kTensors, DIXION_FORMAT_INT12, 2, {4, 8});
  describe(kWeight, kTensors + 0x1000, DIXION_FORMAT_INT8, 1, {4, 8});
  describe(kProduct, result(0) + 0x100, DIXION_FORMAT_INT32, 4, {4, 4});
  describe(kList, kTensors + 0x2000, DIXION_FORMAT_UINT32, 4, {4});
  describe(kBad, result(0) + 0x200, DIXION_FORMAT_INT32, 4, {4, 4});
  describe(kBroken, kBrokenMemory, DIXION_FORMAT_INT32, 4, {16});
  describe(kHeads, kTensors + 0x3000, DIXION_FORMAT_INT12, 2, {1, 2, 4, 8});
  describe(kHeadsOut, result(0) + 0x300, DIXION_FORMAT_INT12, 2, {1, 2, 4, 8});
  describe(kRequant, kTensors + 0x4000, DIXION_FORMAT_REQUANT, 8, {4});
  describe(kConstants, kTensors + 0x5000, DIXION_FORMAT_INT32, 4, {6});
  describe(kStamp, result(0) + 0x400, DIXION_FORMAT_UINT32, 4, {2});
}

void MisuseBench::describe(unsigned index, std::uint64_t address, std::uint8_t format, unsigned element,
                           const std::vector<std::uint32_t>& extents) {
  dixion_descriptor_t& to = descriptor(index);
  to = {};
  to.address = address;
  to.format = format;
  for (const std::uint32_t extent : extents) to.extent[to.rank++] = extent;
  std::uint64_t stride = element;
  for (unsigned d = to.rank; d-- > 0; stride *= to.extent[d]) to.stride[d] = stride;
}

void MisuseBench::make_ready(unsigned queue) {
  write(DIXION_ACCELERATOR_INTR_STATUS, 0xffff);
  write(DIXION_ACCELERATOR_INTR_ENABLE, 0xffff);
  write(DIXION_ACCELERATOR_DESCRIPTOR_BASE_LO, kTable);
  write(DIXION_ACCELERATOR_DESCRIPTOR_BASE_HI, 0);
  write(DIXION_ACCELERATOR_DESCRIPTOR_COUNT, kDescriptors);
  write(DIXION_ACCELERATOR_CONTROL, DIXION_ACCELERATOR_CONTROL_ENABLE_MASK);
  if (read_queue(DIXION_QUEUE_CONTROL, queue) == 0) open_queue(queue);
}

void MisuseBench::open_queue(unsigned queue) {
  std::memset(memory.data() + records(queue), 0, 32 * kSlots);
  write_queue(DIXION_QUEUE_RING_BASE_LO, static_cast<std::uint32_t>(ring(queue)), queue);
  write_queue(DIXION_QUEUE_RING_BASE_HI, 0, queue);
  write_queue(DIXION_QUEUE_RING_SIZE, kSlots, queue);
  write_queue(DIXION_QUEUE_COMPLETION_BASE_LO, static_cast<std::uint32_t>(records(queue)), queue);
  write_queue(DIXION_QUEUE_COMPLETION_BASE_HI, 0, queue);
  write_queue(DIXION_QUEUE_COMPLETION_SIZE, kSlots, queue);
  write_queue(DIXION_QUEUE_CONTROL, DIXION_QUEUE_CONTROL_ENABLE_MASK, queue);
}

void MisuseBench::submit(unsigned queue, std::initializer_list<dixion_command_t> commands) {
  std::uint32_t tail = read_queue(DIXION_QUEUE_DOORBELL, queue);
  for (const dixion_command_t& each : commands) at<dixion_command_t>(ring(queue) + 64 * (tail++ % kSlots)) = each;
  write_queue(DIXION_QUEUE_DOORBELL, tail, queue);
}

void MisuseBench::expect_runs(unsigned queue) {
  dixion_command_t fill = command(DIXION_OPCODE_DMA_FILL, {queue == 0 ? kFilled0 : kFilled1});
  fill.immediates[0] = ++colour_;
  fill.tag = 1000 + colour_;
  const std::uint32_t written = compute_values ? colour_ : 0;
  for (unsigned i = 0; i < 16; ++i) at<std::uint32_t>(result(queue) + 4 * i) = ~written;
  const std::uint32_t before = read_queue(DIXION_QUEUE_COMPLETION_TAIL, queue);
  submit(queue, {fill});
  wait_for_records(queue, before + 1);
  EXPECT_EQ(record(queue, before).tag, fill.tag);
  EXPECT_EQ(record(queue, before).status, DIXION_STATUS_OK);
  for (unsigned i = 0; i < 16; ++i) EXPECT_EQ(at<std::uint32_t>(result(queue) + 4 * i), written);
}

dixion_command_t MisuseBench::command(std::uint8_t opcode, std::initializer_list<std::uint16_t> operands) const {
  dixion_command_t made{};
  made.opcode = opcode;
  unsigned i = 0;
  for (const std::uint16_t operand : operands) made.operands[i++] = operand;
  return made;
}

dixion_command_t MisuseBench::call(std::uint64_t list, const dixion_command_t& only, std::uint64_t parameters) {
  at<dixion_command_t>(list) = only;
  dixion_command_t made{};
  made.opcode = DIXION_OPCODE_CALL;
  made.call.list_address = list;
  made.call.list_count = 1;
  made.call.parameter_address = parameters;
  return made;
}

}  // namespace dixion::test
