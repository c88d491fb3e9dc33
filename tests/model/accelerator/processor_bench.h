// SPDX-License-Identifier: Apache-2.0
/// A command processor between a scripted driver and units that only take time.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <set>
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
#include "tests/support/tlm_protocol_checker.h"

namespace dixion::test {

/// Bytes with a fixed time per access; addresses from 0.
class SlowMemory final : public TimedMemory {
 public:
  bool read(std::uint64_t address, void* destination, std::size_t length) override {
    wait_a_while();
    if (!contains(address, length) || broken(address, length)) return false;
    std::memcpy(destination, bytes.data() + address, length);
    return true;
  }
  bool write(std::uint64_t address, const void* source, std::size_t length) override {
    wait_a_while();
    if (!contains(address, length) || broken(address, length)) return false;
    std::memcpy(bytes.data() + address, source, length);
    return true;
  }
  bool contains(std::uint64_t address, std::uint64_t length) override {
    return address < bytes.size() && length <= bytes.size() - address;
  }
  template <typename T>
  T& at(std::uint64_t address) {
    return *reinterpret_cast<T*>(bytes.data() + address);
  }

  std::vector<unsigned char> bytes = std::vector<unsigned char>(1 << 20);
  std::uint64_t broken_start = 0;  ///< bus errors in [broken_start, broken_end)
  std::uint64_t broken_end = 0;

 private:
  void wait_a_while() const { sc_core::wait(sc_core::sc_time(101, sc_core::SC_NS)); }
  [[nodiscard]] bool broken(std::uint64_t address, std::uint64_t length) const {
    return address < broken_end && address + length > broken_start;
  }
};

/// Takes as long as the script says, per tag; 10 accel_cycles otherwise.
class TimedUnit final : public sc_core::sc_module, public ExecutionUnitIf {
 public:
  TimedUnit(const sc_core::sc_module_name& name, const Clock& clock, CompletionListener& listener)
      : sc_module(name), clock_(clock), listener_(listener) {}

  bool available() const override { return true; }
  bool busy() const override { return running_ != 0; }
  void start(const Command& command) override {
    started.push_back(command);
    ++running_;
    sc_core::sc_spawn([this, command] {
      CommandCost cost;
      cost.start_cycle = wait_for_edge(clock_);
      wait_until(clock_.edge(cost.start_cycle + (cycles.count(command.tag) ? cycles[command.tag] : 10)));
      cost.end_cycle = clock_.cycle(ticks_now());
      CommandError error;
      if (failing.count(command.tag)) error = {DIXION_CAUSE_BAD_SHAPE, DIXION_FIELD_OPERAND0, 7, "another shape"};
      --running_;
      listener_.command_done(command, error, cost);
    });
  }

  std::vector<Command> started;
  std::map<std::uint32_t, Cycles> cycles;
  std::set<std::uint32_t> failing;

 private:
  Clock clock_;
  CompletionListener& listener_;
  int running_ = 0;
};

class ProcessorBench : public sc_core::sc_module, public InterruptSink, public GuestErrorSink, public TraceSink {
 public:
  explicit ProcessorBench(AcceleratorConfig accelerator_config = {}, const sc_core::sc_module_name& name = "bench")
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

  /// Runs the script as a process; it must reach its end.
  void run(std::function<void()> script) {
    bool finished = false;
    sc_core::sc_spawn([&] {
      script();
      finished = true;
    });
    sc_core::sc_start();
    EXPECT_TRUE(finished) << "the script waits for something that does not happen";
    EXPECT_TRUE(checker_.violations().empty()) << checker_.violations().front();
  }

  // Registers.
  tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t address, void* data, unsigned length) {
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
  std::uint32_t read(std::uint64_t address) {
    std::uint32_t value = 0;
    EXPECT_EQ(access(tlm::TLM_READ_COMMAND, address, &value, 4), tlm::TLM_OK_RESPONSE);
    return value;
  }
  void write(std::uint64_t address, std::uint32_t value) {
    EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, address, &value, 4), tlm::TLM_OK_RESPONSE);
  }
  std::uint32_t debug_read(std::uint64_t address) {
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

  // A driver's work.
  static std::uint64_t queue_register(unsigned queue, std::uint32_t offset) { return 0x1000 * (1 + queue) + offset; }
  void enable_device() {
    write(DIXION_ACCELERATOR_INTR_ENABLE, 0x1ffff);
    write(DIXION_ACCELERATOR_DESCRIPTOR_BASE_LO, kTable);
    write(DIXION_ACCELERATOR_DESCRIPTOR_COUNT, kDescriptors);
    write(DIXION_ACCELERATOR_CONTROL, DIXION_ACCELERATOR_CONTROL_ENABLE_MASK);
  }
  void enable_queue(unsigned queue, std::uint32_t slots = 32, std::uint32_t records = 64) {
    write(queue_register(queue, DIXION_QUEUE_RING_BASE_LO), static_cast<std::uint32_t>(ring(queue)));
    write(queue_register(queue, DIXION_QUEUE_RING_SIZE), slots);
    write(queue_register(queue, DIXION_QUEUE_COMPLETION_BASE_LO), static_cast<std::uint32_t>(records_of(queue)));
    write(queue_register(queue, DIXION_QUEUE_COMPLETION_SIZE), records);
    write(queue_register(queue, DIXION_QUEUE_CONTROL), DIXION_QUEUE_CONTROL_ENABLE_MASK);
    slots_[queue] = slots;
    tails_[queue] = 0;
  }
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
                        std::uint32_t tag = 0, std::uint8_t flags = 0) {
    for (std::size_t i = 0; i < commands.size(); ++i) memory.at<dixion_command_t>(list + i * 64) = commands[i];
    dixion_command_t command = nop(tag, flags);
    command.opcode = DIXION_OPCODE_CALL;
    command.call.list_address = list;
    command.call.list_count = static_cast<std::uint32_t>(commands.size());
    command.call.parameter_address = parameters;
    return command;
  }

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
