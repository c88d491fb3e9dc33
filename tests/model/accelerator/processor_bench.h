// SPDX-License-Identifier: Apache-2.0
/// A command processor between a scripted driver and units that only take time.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "models/abi/generated/accelerator_registers.h"
#include "models/abi/generated/queue_registers.h"
#include "models/command_processor/command_processor.h"
#include "tests/model/accelerator/timed_parts.h"
#include "tests/support/tlm_protocol_checker.h"

namespace dixion::test {

class ProcessorBench : public sc_core::sc_module, public InterruptSink, public GuestErrorSink, public TraceSink {
 public:
  explicit ProcessorBench(AcceleratorConfig accelerator_config = {}, const sc_core::sc_module_name& name = "bench");

  /// Runs the script as a process; it must reach its end.
  void run(const std::function<void()>& script);

  // Registers.
  tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t address, void* data, unsigned length);
  std::uint32_t read(std::uint64_t address);
  void write(std::uint64_t address, std::uint32_t value) {
    EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, address, &value, 4), tlm::TLM_OK_RESPONSE);
  }
  std::uint32_t debug_read(std::uint64_t address);

  // A driver's work.
  static std::uint64_t queue_register(unsigned queue, std::uint32_t offset) { return 0x1000 * (1 + queue) + offset; }
  void enable_device();
  void enable_queue(unsigned queue, std::uint32_t slots = 32, std::uint32_t records = 64);
  void enable_all() {
    enable_device();
    for (unsigned q = 0; q < config.queues; ++q) enable_queue(q);
  }
  void put(unsigned queue, const dixion_command_t& command) {
    memory.at<dixion_command_t>(ring(queue) + (tails_[queue]++ % slots_[queue]) * 64) = command;
  }
  void ring_doorbell(unsigned queue) { write(queue_register(queue, DIXION_QUEUE_DOORBELL), tails_[queue]); }
  void submit(unsigned queue, const std::vector<dixion_command_t>& commands) {
    for (const dixion_command_t& command : commands) put(queue, command);
    ring_doorbell(queue);
  }
  dixion_completion_t& record(unsigned queue, unsigned index) {
    return memory.at<dixion_completion_t>(records_of(queue) + index * sizeof(dixion_completion_t));
  }
  void wait_until_true(const std::function<bool()>& holds) {
    for (int i = 0; i < 10000 && !holds(); ++i) sc_core::wait(sc_core::sc_time(50, sc_core::SC_NS));
    EXPECT_TRUE(holds()) << "not within half a millisecond";
  }
  void wait_for_records(unsigned queue, std::uint32_t count) {
    wait_until_true([&] { return read(queue_register(queue, DIXION_QUEUE_COMPLETION_TAIL)) >= count; });
  }
  void wait_cycles(Cycles count) { sc_core::wait(time_of(clock.edge(count))); }

  // Commands.
  static dixion_command_t nop(std::uint32_t tag = 0, std::uint8_t flags = 0) {
    dixion_command_t command{};
    command.opcode = DIXION_OPCODE_NOP;
    command.tag = tag;
    command.flags = flags;
    return command;
  }
  /// Writes tensor `dst`; on DMA channel 0.
  static dixion_command_t fill(std::uint32_t tag, std::uint16_t dst, std::uint8_t flags = 0) {
    dixion_command_t command = nop(tag, flags);
    command.opcode = DIXION_OPCODE_DMA_FILL;
    command.core_count = 1;
    command.operands[0] = dst;
    return command;
  }
  /// Reads tensor `src`, writes tensor `dst`; on all cores.
  static dixion_command_t convert(std::uint32_t tag, std::uint16_t src, std::uint16_t dst, std::uint8_t flags = 0) {
    dixion_command_t command = nop(tag, flags);
    command.opcode = DIXION_OPCODE_CONVERT;
    command.operands[0] = src;
    command.operands[1] = dst;
    return command;
  }
  static dixion_command_t waiting(dixion_command_t command, std::uint8_t semaphore, std::uint32_t value) {
    const unsigned slot = command.wait_semaphore[0] == 0 ? 0 : 1;
    command.wait_semaphore[slot] = semaphore;
    command.wait_value[slot] = value;
    return command;
  }
  static dixion_command_t signalling(dixion_command_t command, std::uint8_t semaphore, std::uint16_t value = 1) {
    command.signal_semaphore = semaphore;
    command.signal_value = value;
    return command;
  }
  dixion_command_t call(std::uint64_t list, const std::vector<dixion_command_t>& commands, std::uint64_t parameters = 0,
                        std::uint32_t tag = 0, std::uint8_t flags = 0);

  // Observers.
  void set_level(unsigned line, bool level) override {
    if (level && on_rise) on_rise(line);
    lines[line] = level;
  }
  void guest_error(const GuestError& error) override { errors.push_back(error); }
  void event(const TraceEvent& event) override {
    events.push_back(event);
    events.back().cost = nullptr;
  }
  /// Tags of commands in the order in which they reached this stage.
  std::vector<std::uint32_t> tags(Stage stage) const {
    std::vector<std::uint32_t> list;
    for (const TraceEvent& each : events) {
      if (each.stage == stage) list.push_back(each.tag);
    }
    return list;
  }

  static constexpr std::uint64_t kTable = 0x8000;
  static constexpr std::uint32_t kDescriptors = 64;
  static constexpr std::uint64_t kTensors = 0x20000;
  static constexpr std::uint64_t kList = 0x40000;
  static constexpr std::uint64_t kParameters = 0x50000;
  static std::uint64_t ring(unsigned queue) { return 0x10000 + 0x1000 * queue; }
  static std::uint64_t records_of(unsigned queue) { return 0x18000 + 0x1000 * queue; }

  AcceleratorConfig config;
  SlowMemory memory;
  CommandProcessor processor;
  Clock clock;
  TimedUnit dma, matrix, vector;
  std::map<unsigned, bool> lines;
  std::function<void(unsigned line)> on_rise;
  std::vector<GuestError> errors;
  std::vector<TraceEvent> events;

 private:
  tlm_utils::simple_initiator_socket<ProcessorBench, 64> socket_{"socket"};
  TlmProtocolChecker checker_{"checker"};
  std::map<unsigned, std::uint32_t> slots_;
  std::map<unsigned, std::uint32_t> tails_;
};

}  // namespace dixion::test
