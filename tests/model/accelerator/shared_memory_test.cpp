// SPDX-License-Identifier: Apache-2.0
// The whole accelerator on one DRAM of 1 byte per accel_cycle: what multicast saves and what fetch takes from a stream.
// The DRAM never idles once a command's first byte has come, so a command ends when all bytes are through
// (docs/timing.md).
#include <array>
#include <cstring>

#include <gtest/gtest.h>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "models/abi/generated/accelerator_registers.h"
#include "models/abi/generated/commands.h"
#include "models/abi/generated/queue_registers.h"
#include "models/accelerator/accelerator.h"
#include "platform/dram/simple_dram.h"
#include "tests/model/accelerator/product_addresses.h"

namespace dixion::test {
namespace {

constexpr Cycles kLatency = 100;

struct Bench : sc_core::sc_module, GuestErrorSink {
  Bench(const sc_core::sc_module_name& name, unsigned cores)
      : sc_module(name), accelerator("accelerator", config(cores), {nullptr, this, nullptr, nullptr}) {
    SC_HAS_PROCESS(Bench);
    SC_THREAD(drive);
    register_socket.bind(accelerator.registers);
    buffer_socket.bind(accelerator.buffer);
    accelerator.memory.bind(dram.port);
  }
  static AcceleratorConfig config(unsigned cores) {
    AcceleratorConfig config;
    config.clock_hz = 1'000'000'000;
    config.cores = cores;
    return config;
  }
  void guest_error(const GuestError& error) override { ADD_FAILURE() << error.subject << ": " << error.expected; }
  template <typename T>
  T& at(std::uint64_t address) {
    return *reinterpret_cast<T*>(dram.data() + address);
  }
  void describe(unsigned index, std::uint64_t address, std::uint32_t rows, std::uint32_t columns, std::uint8_t format,
                unsigned element) {
    at<dixion_descriptor_t>(kTable + index * sizeof(dixion_descriptor_t)) = {
        address, {rows, columns}, {std::uint64_t{columns} * element, element}, format, 2, 0, 0, {}};
  }
  dixion_command_t& command(unsigned queue, unsigned slot) {
    return at<dixion_command_t>(kRing + queue * 0x400 + slot * sizeof(dixion_command_t));
  }
  dixion_completion_t record(unsigned queue, unsigned slot) {
    return at<dixion_completion_t>(kRecords + queue * 0x400 + slot * sizeof(dixion_completion_t));
  }
  Cycles duration() { return record(0, 0).end_cycle - record(0, 0).start_cycle; }
  std::uint64_t dram_statistic(const std::string& name) {
    for (const Statistic& each : dram.statistics("dram")) {
      if (each.name == "dram." + name) return each.value;
    }
    ADD_FAILURE() << name;
    return 0;
  }

  void write(std::uint64_t address, std::uint32_t value) {
    tlm::tlm_generic_payload txn;
    txn.set_command(tlm::TLM_WRITE_COMMAND);
    txn.set_address(address);
    txn.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    txn.set_data_length(4);
    txn.set_streaming_width(4);
    sc_core::sc_time delay;
    register_socket->b_transport(txn, delay);
    wait(delay);
    EXPECT_TRUE(txn.is_response_ok());
  }
  void drive() {
    write(DIXION_ACCELERATOR_DESCRIPTOR_BASE_LO, kTable);
    write(DIXION_ACCELERATOR_DESCRIPTOR_COUNT, 4);
    write(DIXION_ACCELERATOR_CONTROL, DIXION_ACCELERATOR_CONTROL_ENABLE_MASK);
    for (unsigned queue = 0; queue < 2; ++queue) {
      const std::uint64_t window = 0x1000 * (1 + queue);
      write(window + DIXION_QUEUE_RING_BASE_LO, static_cast<std::uint32_t>(kRing + queue * 0x400));
      write(window + DIXION_QUEUE_RING_SIZE, 8);
      write(window + DIXION_QUEUE_COMPLETION_BASE_LO, static_cast<std::uint32_t>(kRecords + queue * 0x400));
      write(window + DIXION_QUEUE_COMPLETION_SIZE, 8);
      write(window + DIXION_QUEUE_CONTROL, DIXION_QUEUE_CONTROL_ENABLE_MASK);
    }
    write(0x1000 + DIXION_QUEUE_DOORBELL, 1);
    if (nops == 0) return;
    wait(sc_core::sc_time(2, sc_core::SC_US));  // the first command's streams are under way
    fetched_before = dram_statistic("fetch.read_bytes");
    write(0x2000 + DIXION_QUEUE_DOORBELL, nops);
  }

  Accelerator accelerator;
  SimpleDram dram{"dram",
                  {.capacity_bytes = 1 << 20, .bytes_per_second = 1'000'000'000, .latency_ps = 1000 * kLatency}};
  tlm_utils::simple_initiator_socket<Bench, 64> register_socket{"register_socket"};
  tlm_utils::simple_initiator_socket<Bench, 64> buffer_socket{"buffer_socket"};
  unsigned nops = 0;  ///< of queue 1, beside the command of queue 0
  std::uint64_t fetched_before = 0;
};

struct Split {
  const char* name;
  std::uint8_t rule;
  std::uint32_t rows, columns;
  unsigned cores;
};
std::ostream& operator<<(std::ostream& stream, const Split& split) { return stream << split.name; }

class Multicast : public testing::TestWithParam<Split> {};

constexpr std::uint32_t kOperandDepth = 64;

// Every operand moves once, whatever the number of cores: latency, src + weight + dst, then the last tiles of all cores
// through the port. Were the common operand sent to each core, cores - 1 times its bytes would come on top.
TEST_P(Multicast, OperandThatAllCoresTakeIsReadOnce) {
  const Split& split = GetParam();
  Bench bench("bench", split.cores);
  bench.describe(1, kSrc, split.rows, kOperandDepth, DIXION_FORMAT_INT12, 2);
  bench.describe(2, kWeight, split.columns, kOperandDepth, DIXION_FORMAT_INT8, 1);
  bench.describe(3, kDst, split.rows, split.columns, DIXION_FORMAT_INT32, 4);
  dixion_command_t& matmul = bench.command(0, 0);
  matmul.opcode = DIXION_OPCODE_MATMUL;
  matmul.split = split.rule;
  matmul.operands[0] = 1;
  matmul.operands[1] = 2;
  matmul.operands[4] = 3;
  matmul.immediates[0] = 1;
  sc_core::sc_start();
  const std::uint64_t read = split.rows * kOperandDepth * 2 + split.columns * kOperandDepth;
  const std::uint64_t written = split.rows * split.columns * 4;
  EXPECT_EQ(bench.dram_statistic("matrix.read_bytes"), read);
  EXPECT_EQ(bench.dram_statistic("matrix.write_bytes"), written);
  const Cycles drain = split.cores * 16 * 16 * 4 / Bench::config(1).memory_bytes_per_cycle;
  EXPECT_EQ(bench.duration(), kLatency + read + written + drain);
}

INSTANTIATE_TEST_SUITE_P(Splits, Multicast,
                         testing::Values(Split{"RowsOnOneCore", DIXION_SPLIT_ROWS, 64, 16, 1},
                                         Split{"RowsOnFourCores", DIXION_SPLIT_ROWS, 64, 16, 4},
                                         Split{"ColumnsOnOneCore", DIXION_SPLIT_COLUMNS, 16, 64, 1},
                                         Split{"ColumnsOnFourCores", DIXION_SPLIT_COLUMNS, 16, 64, 4}),
                         [](const auto& split) { return std::string(split.param.name); });

// A copy of 8 KiB reads and writes 16 KiB; another queue's seven commands and their records meanwhile take as many
// cycles from it as they have bytes. Thirds and sixths of bytes may cost the last edge.
TEST(FetchBesideAStream, TakesItsBytesFromTheStream) {
  Bench bench("bench", 1);
  bench.nops = 7;
  bench.describe(1, kSrc, 64, 128, DIXION_FORMAT_INT8, 1);
  bench.describe(2, kDst, 64, 128, DIXION_FORMAT_INT8, 1);
  bench.command(0, 0).opcode = DIXION_OPCODE_DMA_COPY;
  bench.command(0, 0).operands[0] = 1;
  bench.command(0, 0).operands[1] = 2;
  sc_core::sc_start();
  ASSERT_EQ(bench.record(1, 6).phase, 1) << "the other queue is through";
  ASSERT_LT(bench.record(1, 6).end_cycle, bench.record(0, 0).end_cycle);
  const std::uint64_t fetched = bench.dram_statistic("fetch.read_bytes") - bench.fetched_before;
  const std::uint64_t records = 7 * sizeof(dixion_completion_t);  // the eighth is the copy's own
  EXPECT_EQ(fetched, 7 * sizeof(dixion_command_t));
  const Cycles expected = kLatency + 2 * 8192 + fetched + records;
  EXPECT_GE(bench.duration(), expected);
  EXPECT_LE(bench.duration(), expected + 1);
  // A burst of fetch takes thrice what it takes alone: latency and 3 x 256 cycles.
  for (const Statistic& each : bench.dram.statistics("dram")) {
    if (each.name != "dram.fetch.access_latency") continue;
    EXPECT_EQ(each.buckets.back().below, 1024U);
  }
}

}  // namespace
}  // namespace dixion::test
