// SPDX-License-Identifier: Apache-2.0
// The whole accelerator between checked sockets, on a memory with streams and on one without.
#include "models/accelerator/accelerator.h"

#include <cstring>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "models/abi/generated/accelerator_registers.h"
#include "models/abi/generated/commands.h"
#include "models/abi/generated/queue_registers.h"
#include "models/common/check.h"
#include "platform/dram/simple_dram.h"
#include "tests/model/accelerator/product_addresses.h"
#include "tests/support/simple_tlm_memory.h"
#include "tests/support/tlm_protocol_checker.h"

namespace dixion::test {
namespace {

constexpr unsigned kRows = 37;
constexpr unsigned kColumns = 21;
constexpr unsigned kDepth = 50;

/// Copies the source into the global buffer, multiplies from there, brings the result back.
class ProductBench : public sc_core::sc_module, public GuestErrorSink, public TraceSink {
 public:
  ProductBench(const sc_core::sc_module_name& name, bool streams, bool values = true)
      : sc_module(name),
        accelerator("accelerator", mode(values), {nullptr, this, this, nullptr}),
        dram("dram", {1 << 20}),
        simple("simple", {1 << 20, sc_core::sc_time(80, sc_core::SC_NS), false}) {
    SC_HAS_PROCESS(ProductBench);
    SC_THREAD(drive);
    register_socket.bind(register_checker.in);
    register_checker.out.bind(accelerator.registers);
    buffer_socket.bind(accelerator.buffer);
    accelerator.memory.bind(memory_checker.in);
    if (streams) {
      memory_checker.out.bind(dram.port);
      unused.bind(simple.port);
    } else {
      memory_checker.out.bind(simple.port);
      unused.bind(dram.port);
    }
    bytes = streams ? dram.data() : simple.data();
    fill();
  }

  void guest_error(const GuestError& error) override { ADD_FAILURE() << error.subject << ": " << error.expected; }
  void event(const TraceEvent& event) override {
    trace += std::to_string(event.time_ticks) + " " + std::to_string(static_cast<int>(event.stage)) + " " +
             std::to_string(event.id) + "\n";
  }

  template <typename T>
  T& at(std::uint64_t address) {
    return *reinterpret_cast<T*>(bytes + address);
  }
  static int src(unsigned row, unsigned k) { return static_cast<int>((row * 331 + k * 97) % 4001) - 2000; }
  static int weight(unsigned column, unsigned k) { return static_cast<int>((column * 53 + k * 29) % 255) - 127; }
  std::int32_t result(unsigned row, unsigned column) { return at<std::int32_t>(kDst + 4 * (row * kColumns + column)); }

  Accelerator accelerator;
  SimpleDram dram;
  SimpleTlmMemory simple;
  TlmProtocolChecker register_checker{"register_checker"};
  TlmProtocolChecker memory_checker{"memory_checker"};
  bool finished = false;
  std::string trace;

 private:
  static AcceleratorConfig mode(bool values) {
    AcceleratorConfig config;
    config.compute_values = values;
    return config;
  }
  void describe(unsigned index, std::uint64_t address, unsigned rows, unsigned columns, std::uint8_t format,
                unsigned element) {
    auto& descriptor = at<dixion_descriptor_t>(kTable + index * sizeof(dixion_descriptor_t));
    descriptor = {address, {rows, columns}, {std::uint64_t{columns} * element, element}, format, 2, 0, 0, {}};
  }
  void fill() {
    for (unsigned k = 0; k < kDepth; ++k) {
      for (unsigned i = 0; i < kRows; ++i) {
        at<std::int16_t>(kSrc + 2 * (i * kDepth + k)) = static_cast<std::int16_t>(src(i, k));
      }
      for (unsigned i = 0; i < kColumns; ++i) {
        at<std::int8_t>(kWeight + i * kDepth + k) = static_cast<std::int8_t>(weight(i, k));
      }
    }
    describe(1, kSrc, kRows, kDepth, DIXION_FORMAT_INT12, 2);
    describe(2, DIXION_GLOBAL_BUFFER_BASE + 64, kRows, kDepth, DIXION_FORMAT_INT12, 2);
    describe(3, kWeight, kColumns, kDepth, DIXION_FORMAT_INT8, 1);
    describe(4, DIXION_GLOBAL_BUFFER_BASE + 0x8000, kRows, kColumns, DIXION_FORMAT_INT32, 4);
    describe(5, kDst, kRows, kColumns, DIXION_FORMAT_INT32, 4);
    auto* commands = &at<dixion_command_t>(kRing);
    commands[0].opcode = DIXION_OPCODE_DMA_COPY;
    commands[0].operands[0] = 1;
    commands[0].operands[1] = 2;
    commands[0].signal_semaphore = 1;
    commands[0].signal_value = 1;
    commands[1].opcode = DIXION_OPCODE_MATMUL;
    commands[1].operands[0] = 2;
    commands[1].operands[1] = 3;
    commands[1].operands[4] = 4;
    commands[1].immediates[0] = 1;
    commands[1].wait_semaphore[0] = 1;
    commands[1].wait_value[0] = 1;
    commands[1].signal_semaphore = 2;
    commands[1].signal_value = 1;
    commands[2].opcode = DIXION_OPCODE_DMA_COPY;
    commands[2].operands[0] = 4;
    commands[2].operands[1] = 5;
    commands[2].wait_semaphore[1] = 2;
    commands[2].wait_value[1] = 1;
  }
  void write(std::uint64_t address, std::uint32_t value) { access(tlm::TLM_WRITE_COMMAND, address, value); }
  std::uint32_t access(tlm::tlm_command command, std::uint64_t address, std::uint32_t value) {
    tlm::tlm_generic_payload txn;
    txn.set_command(command);
    txn.set_address(address);
    txn.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    txn.set_data_length(4);
    txn.set_streaming_width(4);
    sc_core::sc_time delay;
    register_socket->b_transport(txn, delay);
    sc_core::wait(delay);
    EXPECT_TRUE(txn.is_response_ok());
    return value;
  }
  void drive() {
    write(DIXION_ACCELERATOR_DESCRIPTOR_BASE_LO, kTable);
    write(DIXION_ACCELERATOR_DESCRIPTOR_COUNT, 6);
    write(DIXION_ACCELERATOR_CONTROL, DIXION_ACCELERATOR_CONTROL_ENABLE_MASK);
    write(0x1000 + DIXION_QUEUE_RING_BASE_LO, kRing);
    write(0x1000 + DIXION_QUEUE_RING_SIZE, 8);
    write(0x1000 + DIXION_QUEUE_COMPLETION_BASE_LO, kRecords);
    write(0x1000 + DIXION_QUEUE_COMPLETION_SIZE, 8);
    write(0x1000 + DIXION_QUEUE_CONTROL, DIXION_QUEUE_CONTROL_ENABLE_MASK);
    write(0x1000 + DIXION_QUEUE_DOORBELL, 3);
    for (int i = 0; i < 1000 && !finished; ++i) {
      sc_core::wait(sc_core::sc_time(1, sc_core::SC_US));
      finished = access(tlm::TLM_READ_COMMAND, 0x1000 + DIXION_QUEUE_COMPLETION_TAIL, 0) == 3;
    }
  }

  tlm_utils::simple_initiator_socket<ProductBench, 64> register_socket{"register_socket"};
  tlm_utils::simple_initiator_socket<ProductBench, 64> buffer_socket{"buffer_socket"};
  tlm_utils::simple_initiator_socket<ProductBench, 64> unused{"unused"};
  unsigned char* bytes = nullptr;
};

void expect_product(ProductBench& bench) {
  sc_core::sc_start();
  ASSERT_TRUE(bench.finished);
  EXPECT_TRUE(bench.accelerator.idle());
  for (unsigned row = 0; row < kRows; ++row) {
    for (unsigned column = 0; column < kColumns; ++column) {
      int sum = 0;
      for (unsigned k = 0; k < kDepth; ++k) sum += ProductBench::src(row, k) * ProductBench::weight(column, k);
      ASSERT_EQ(bench.result(row, column), sum) << row << ", " << column;
    }
  }
  for (const TlmProtocolChecker* checker : {&bench.register_checker, &bench.memory_checker}) {
    EXPECT_GT(checker->transactions(), 0U);
    EXPECT_TRUE(checker->violations().empty()) << checker->violations().front();
  }
  EXPECT_NO_THROW(bench.accelerator.check_counters());
}

TEST(Accelerator, MultipliesThroughTheGlobalBufferOnAMemoryWithStreams) {
  ProductBench bench("bench", true);
  expect_product(bench);
}

TEST(Accelerator, MultipliesThroughTheGlobalBufferOnAMemoryThatOnlyReadsAndWrites) {
  ProductBench bench("bench", false);
  expect_product(bench);
}

TEST(Accelerator, TwoInSimulationTakeTheSameTimeToTheTick) {
  ProductBench first("first", true);
  ProductBench second("second", true);
  expect_product(first);
  EXPECT_TRUE(second.finished);
  EXPECT_FALSE(first.trace.empty());
  EXPECT_EQ(first.trace, second.trace);
}

/// Both modes side by side: the same events at the same ticks; timing mode leaves no result.
void expect_equal_modes(bool streams) {
  ProductBench functional("functional", streams);
  ProductBench timing("timing", streams, false);
  expect_product(functional);
  EXPECT_TRUE(timing.finished);
  EXPECT_EQ(functional.trace, timing.trace);
  EXPECT_EQ(timing.result(kRows - 1, kColumns - 1), 0);
  const StatisticsList expected = functional.accelerator.statistics();
  const StatisticsList seen = timing.accelerator.statistics();
  ASSERT_EQ(expected.size(), seen.size());
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(expected[i].value, seen[i].value) << seen[i].name;
}

TEST(Accelerator, TimingModeTakesTheSameTimeOnAMemoryWithStreams) { expect_equal_modes(true); }

TEST(Accelerator, TimingModeTakesTheSameTimeOnAMemoryThatOnlyReadsAndWrites) { expect_equal_modes(false); }

TEST(Accelerator, StatisticsHaveNamesOfTheirOwnAndSaySomething) {
  ProductBench bench("bench", true);
  expect_product(bench);
  std::set<std::string> names;
  for (const Statistic& statistic : bench.accelerator.statistics()) {
    EXPECT_TRUE(names.insert(statistic.name).second) << statistic.name;
    EXPECT_THAT(statistic.name, testing::StartsWith("accelerator."));
    EXPECT_FALSE(statistic.sentence.empty() || statistic.unit.empty()) << statistic.name;
  }
  EXPECT_TRUE(names.count("accelerator.command_processor.queue0.completed"));
}

TEST(AcceleratorConfiguration, IsRefusedOutsideItsBoundsAndTakenAtThem) {
  const auto refused = [](const std::function<void(AcceleratorConfig&)>& change) {
    AcceleratorConfig config;
    change(config);
    try {
      Accelerator::validate(config);
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(refused([](AcceleratorConfig&) {}), "");
  EXPECT_EQ(refused([](AcceleratorConfig& c) { c.cores = 65; }), "accelerator.cores: is 65, must be from 1 to 64");
  EXPECT_EQ(refused([](AcceleratorConfig& c) { c.cores = 64; }), "");
  EXPECT_NE(refused([](AcceleratorConfig& c) { c.cores = 0; }), "");
  EXPECT_NE(refused([](AcceleratorConfig& c) { c.queues = 9; }), "");
  EXPECT_EQ(refused([](AcceleratorConfig& c) { c.queues = 8; }), "");
  EXPECT_NE(refused([](AcceleratorConfig& c) { c.prefetch = 7; }), "");
  EXPECT_EQ(refused([](AcceleratorConfig& c) { c.prefetch = 8; }), "");
  EXPECT_NE(refused([](AcceleratorConfig& c) { c.clock_hz = 0; }), "");
  EXPECT_THAT(refused([](AcceleratorConfig& c) { c.global_buffer_banks = 12; }), testing::HasSubstr("global_buffer"));
  EXPECT_THAT(refused([](AcceleratorConfig& c) { c.core_sram_banks = 3; }), testing::HasSubstr("core_sram"));
}

TEST(AcceleratorConfiguration, OfAnotherHeaderIsRefused) {
  EXPECT_THROW(Accelerator("accelerator", {}, {}, sizeof(AcceleratorConfig) - 4), ConfigError);
}

}  // namespace
}  // namespace dixion::test
