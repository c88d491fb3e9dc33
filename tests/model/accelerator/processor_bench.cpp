// SPDX-License-Identifier: Apache-2.0
#include "tests/model/accelerator/processor_bench.h"

#include "models/abi/generated/accelerator_registers.h"
#include "models/abi/generated/queue_registers.h"

namespace dixion::test {

ProcessorBench::ProcessorBench(AcceleratorConfig accelerator_config, const sc_core::sc_module_name& name)
    : sc_module(name),
      config(accelerator_config),
      processor("processor", config, memory, {this, this, this}),
      clock(make_clock(config.clock_hz)),
      dma("dma", clock, processor),
      matrix("matrix", clock, processor),
      vector("vector", clock, processor) {
  socket_.bind(checker_.in);
  checker_.out.bind(processor.registers);
  processor.attach(abi::Unit::kDma, dma);
  processor.attach(abi::Unit::kMatrix, matrix);
  processor.attach(abi::Unit::kVector, vector);
  // Descriptor i describes 64 INT32 of its own.
  for (std::uint32_t i = 1; i < kDescriptors; ++i) {
    dixion_descriptor_t& descriptor = memory.at<dixion_descriptor_t>(kTable + i * 64);
    descriptor = {};
    descriptor.address = kTensors + i * 0x100;
    descriptor.extent[0] = 64;
    descriptor.stride[0] = 4;
    descriptor.format = DIXION_FORMAT_INT32;
    descriptor.rank = 1;
  }
}

void ProcessorBench::run(const std::function<void()>& script) {
  bool finished = false;
  sc_core::sc_spawn([&] {
    script();
    finished = true;
  });
  sc_core::sc_start();
  EXPECT_TRUE(finished) << "the script waits for something that does not happen";
  EXPECT_TRUE(checker_.violations().empty()) << checker_.violations().front();
}

tlm::tlm_response_status ProcessorBench::access(tlm::tlm_command command, std::uint64_t address, void* data,
                                                unsigned length) {
  tlm::tlm_generic_payload txn;
  txn.set_command(command);
  txn.set_address(address);
  txn.set_data_ptr(static_cast<unsigned char*>(data));
  txn.set_data_length(length);
  txn.set_streaming_width(length);
  sc_core::sc_time delay;
  socket_->b_transport(txn, delay);
  sc_core::wait(delay);
  return txn.get_response_status();
}

std::uint32_t ProcessorBench::read(std::uint64_t address) {
  std::uint32_t value = 0;
  EXPECT_EQ(access(tlm::TLM_READ_COMMAND, address, &value, 4), tlm::TLM_OK_RESPONSE);
  return value;
}

std::uint32_t ProcessorBench::debug_read(std::uint64_t address) {
  std::uint32_t value = 0;
  tlm::tlm_generic_payload txn;
  txn.set_command(tlm::TLM_READ_COMMAND);
  txn.set_address(address);
  txn.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  txn.set_data_length(4);
  txn.set_streaming_width(4);
  EXPECT_EQ(socket_->transport_dbg(txn), 4U);
  return value;
}

void ProcessorBench::enable_device() {
  write(DIXION_ACCELERATOR_INTR_ENABLE, 0x1ffff);
  write(DIXION_ACCELERATOR_DESCRIPTOR_BASE_LO, kTable);
  write(DIXION_ACCELERATOR_DESCRIPTOR_COUNT, kDescriptors);
  write(DIXION_ACCELERATOR_CONTROL, DIXION_ACCELERATOR_CONTROL_ENABLE_MASK);
}

void ProcessorBench::enable_queue(unsigned queue, std::uint32_t slots, std::uint32_t records) {
  write(queue_register(queue, DIXION_QUEUE_RING_BASE_LO), static_cast<std::uint32_t>(ring(queue)));
  write(queue_register(queue, DIXION_QUEUE_RING_SIZE), slots);
  write(queue_register(queue, DIXION_QUEUE_COMPLETION_BASE_LO), static_cast<std::uint32_t>(records_of(queue)));
  write(queue_register(queue, DIXION_QUEUE_COMPLETION_SIZE), records);
  write(queue_register(queue, DIXION_QUEUE_CONTROL), DIXION_QUEUE_CONTROL_ENABLE_MASK);
  slots_[queue] = slots;
  tails_[queue] = 0;
}

dixion_command_t ProcessorBench::call(std::uint64_t list, const std::vector<dixion_command_t>& commands,
                                      std::uint64_t parameters, std::uint32_t tag, std::uint8_t flags) {
  for (std::size_t i = 0; i < commands.size(); ++i) memory.at<dixion_command_t>(list + i * 64) = commands[i];
  dixion_command_t command = nop(tag, flags);
  command.opcode = DIXION_OPCODE_CALL;
  command.call.list_address = list;
  command.call.list_count = static_cast<std::uint32_t>(commands.size());
  command.call.parameter_address = parameters;
  return command;
}

}  // namespace dixion::test
