// SPDX-License-Identifier: Apache-2.0
// The memory port's contract (docs/integration.md) on a memory that nobody here wrote for it.
#include "tests/support/foreign_memory.h"

#include <array>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>

#include "models/abi/generated/accelerator_registers.h"
#include "models/abi/generated/commands.h"
#include "models/abi/generated/queue_registers.h"
#include "models/accelerator/accelerator.h"
#include "tests/support/tlm_protocol_checker.h"

namespace dixion::test {
namespace {

using Dmi = ForeignMemory::Dmi;

constexpr std::uint64_t kRing = 0x1000, kRecords = 0x2000, kTable = 0x3000;
constexpr std::uint64_t kSrc = 0x10002, kWeight = 0x20001, kDst = 0x30004;  // as unaligned as their elements may be
constexpr unsigned kRows = 19, kColumns = 21, kDepth = 150;

/// Copies the source into the global buffer, multiplies from there, brings the result back. Three commands.
class ForeignBench : public sc_core::sc_module, public InterruptSink, public GuestErrorSink {
 public:
  explicit ForeignBench(const ForeignMemory::Options& options, const AcceleratorConfig& config = {},
                        const sc_core::sc_module_name& name = "bench")
      : sc_module(name), accelerator("accelerator", config, {this, this, nullptr, nullptr}), memory("memory", options) {
    SC_HAS_PROCESS(ForeignBench);
    SC_THREAD(drive);
    register_socket.register_nb_transport_bw(this, &ForeignBench::answer);
    buffer_socket.register_nb_transport_bw(this, &ForeignBench::answer);
    register_socket.bind(accelerator.registers);
    buffer_socket.bind(accelerator.buffer);
    accelerator.memory.bind(checker.in);
    checker.out.bind(memory.port);
    fill();
  }

  /// Runs to the end of the program or to an error; every access kept the contract.
  void run() {
    sc_core::sc_start(sc_core::sc_time(3, sc_core::SC_MS));
    EXPECT_TRUE(ended) << "neither three records nor an error";
    EXPECT_TRUE(checker.violations().empty()) << checker.violations().front();
    EXPECT_THAT(memory.violations, testing::IsEmpty());
    EXPECT_NO_THROW(accelerator.check_counters());
  }
  void expect_product() {
    EXPECT_TRUE(mistakes.empty());
    for (unsigned row = 0; row < kRows; ++row) {
      for (unsigned column = 0; column < kColumns; ++column) {
        std::int32_t sum = 0;
        for (unsigned k = 0; k < kDepth; ++k) sum += src(row, k) * weight(column, k);
        ASSERT_EQ(at<std::int32_t>(kDst + 4 * (row * kColumns + column)), sum) << row << ", " << column;
      }
    }
  }

  void set_level(unsigned line, bool level) override {
    if (level && line == 0) record_at_interrupt = at<dixion_completion_t>(kRecords + 2 * sizeof(dixion_completion_t));
    if (level && line == DIXION_LINE_ERROR) error_line = true;
  }
  void guest_error(const GuestError& error) override { mistakes.push_back(error); }

  /// A copy, as addresses need not be aligned here.
  template <typename T>
  T at(std::uint64_t address) {
    T value{};
    std::memcpy(&value, memory.data() + address, sizeof value);
    return value;
  }
  template <typename T>
  void put(std::uint64_t address, const T& value) {
    std::memcpy(memory.data() + address, &value, sizeof value);
  }
  dixion_completion_t record(unsigned index) { return at<dixion_completion_t>(kRecords + index * 32); }
  /// The first that tells of an error.
  dixion_completion_t failed_record() {
    for (unsigned i = 0; i < 3; ++i) {
      if (record(i).phase == 1 && record(i).status == DIXION_STATUS_ERROR) return record(i);
    }
    ADD_FAILURE() << "no record of an error";
    return {};
  }
  std::uint32_t access(tlm::tlm_command command, std::uint64_t address, std::uint32_t value = 0) {
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

  Accelerator accelerator;
  ForeignMemory memory;
  TlmProtocolChecker checker{"checker"};
  tlm_utils::simple_initiator_socket<ForeignBench, 64> register_socket{"register_socket"};
  tlm_utils::simple_initiator_socket<ForeignBench, 64> buffer_socket{"buffer_socket"};
  sc_core::sc_time move_every;  ///< the memory takes its pointers back that often; 0: never
  std::vector<GuestError> mistakes;
  std::optional<dixion_completion_t> record_at_interrupt;
  bool error_line = false;
  std::uint32_t error_cause = 0;  ///< the queue's register at the end
  sc_core::sc_event answered;     ///< BEGIN_RESP came
  bool ended = false;

 private:
  tlm::tlm_sync_enum answer(tlm::tlm_generic_payload&, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
    answered.notify(delay);
    return tlm::TLM_COMPLETED;
  }
  static std::int16_t src(unsigned row, unsigned k) {
    return static_cast<std::int16_t>((row * 331 + k * 97) % 4001 - 2000);
  }
  static std::int8_t weight(unsigned column, unsigned k) {
    return static_cast<std::int8_t>((column * 53 + k * 29) % 255 - 127);
  }

  void describe(unsigned index, std::uint64_t address, unsigned rows, unsigned columns, std::uint8_t format,
                unsigned element) {
    put(kTable + index * 64,
        dixion_descriptor_t{
            address, {rows, columns}, {std::uint64_t{columns} * element, element}, format, 2, 0, 0, {}});
  }
  void fill() {
    for (unsigned k = 0; k < kDepth; ++k) {
      for (unsigned i = 0; i < kRows; ++i) put(kSrc + 2 * (i * kDepth + k), src(i, k));
      for (unsigned i = 0; i < kColumns; ++i) put(kWeight + i * kDepth + k, weight(i, k));
    }
    describe(1, kSrc, kRows, kDepth, DIXION_FORMAT_INT12, 2);
    describe(2, DIXION_GLOBAL_BUFFER_BASE + 64, kRows, kDepth, DIXION_FORMAT_INT12, 2);
    describe(3, kWeight, kColumns, kDepth, DIXION_FORMAT_INT8, 1);
    describe(4, DIXION_GLOBAL_BUFFER_BASE + 0x8000, kRows, kColumns, DIXION_FORMAT_INT32, 4);
    describe(5, kDst, kRows, kColumns, DIXION_FORMAT_INT32, 4);
    std::array<dixion_command_t, 3> commands{};
    commands[0].opcode = commands[2].opcode = DIXION_OPCODE_DMA_COPY;
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
    commands[2].operands[0] = 4;
    commands[2].operands[1] = 5;
    commands[2].wait_semaphore[0] = 2;
    commands[2].wait_value[0] = 1;
    commands[2].flags = DIXION_COMMAND_FLAG_INTERRUPT;
    put(kRing, commands);
  }
  void drive() {
    const auto write = [&](std::uint64_t address, std::uint64_t value) {
      access(tlm::TLM_WRITE_COMMAND, address, static_cast<std::uint32_t>(value));
    };
    write(DIXION_ACCELERATOR_DESCRIPTOR_BASE_LO, kTable);
    write(DIXION_ACCELERATOR_DESCRIPTOR_COUNT, 6);
    write(DIXION_ACCELERATOR_INTR_ENABLE, 0xffff);
    write(DIXION_ACCELERATOR_CONTROL, DIXION_ACCELERATOR_CONTROL_ENABLE_MASK);
    write(0x1000 + DIXION_QUEUE_RING_BASE_LO, kRing);
    write(0x1000 + DIXION_QUEUE_RING_SIZE, 8);
    write(0x1000 + DIXION_QUEUE_COMPLETION_BASE_LO, kRecords);
    write(0x1000 + DIXION_QUEUE_COMPLETION_SIZE, 8);
    write(0x1000 + DIXION_QUEUE_CONTROL, DIXION_QUEUE_CONTROL_ENABLE_MASK);
    write(0x1000 + DIXION_QUEUE_DOORBELL, 3);
    const sc_core::sc_time step =
        move_every == sc_core::SC_ZERO_TIME ? sc_core::sc_time(1, sc_core::SC_US) : move_every;
    for (int i = 0; i < 2000 && !ended; ++i) {
      sc_core::wait(step);
      if (move_every != sc_core::SC_ZERO_TIME) memory.move_away();
      ended = access(tlm::TLM_READ_COMMAND, 0x1000 + DIXION_QUEUE_COMPLETION_TAIL) == 3 || error_line;
    }
    error_cause = access(tlm::TLM_READ_COMMAND, 0x1000 + DIXION_QUEUE_ERROR_CAUSE);
  }
};

struct Kind {
  const char* name;
  ForeignMemory::Options options;
};
std::ostream& operator<<(std::ostream& stream, const Kind& kind) { return stream << kind.name; }

std::string kind_name(const testing::TestParamInfo<Kind>& kind) { return kind.param.name; }

class ForeignTarget : public testing::TestWithParam<Kind> {};

TEST_P(ForeignTarget, GetsReadsAndWritesThatKeepTheContractAndGivesTheSameNumbers) {
  ForeignBench bench(GetParam().options);
  bench.run();
  bench.expect_product();
  EXPECT_GT(bench.memory.accesses, 0U);
}

TEST_P(ForeignTarget, HasTheRecordBeforeTheInterruptRises) {
  ForeignBench bench(GetParam().options);
  bench.run();
  ASSERT_TRUE(bench.record_at_interrupt);
  EXPECT_EQ(bench.record_at_interrupt->phase, 1);
  EXPECT_EQ(bench.record_at_interrupt->status, DIXION_STATUS_OK);
  EXPECT_EQ(bench.record_at_interrupt->command_id, 2U);
}

INSTANTIATE_TEST_SUITE_P(Kinds, ForeignTarget,
                         testing::Values(Kind{"DeniesDmi", {}}, Kind{"GrantsDmiWithoutStreams", {.dmi = Dmi::kGranted}},
                                         Kind{"GrantsReadOnlyDmi", {.dmi = Dmi::kReadOnly}},
                                         Kind{"SplitsIntoBeats", {.beat = 32}},
                                         Kind{"AnnotatesItsDelay", {.annotates = true}},
                                         Kind{"TakesNoTime", {.latency_ns = 0}},
                                         Kind{"LetsLaterOnesOvertake", {.overtakes = true}},
                                         Kind{"TakesOneAtATime", {.one_at_a_time = true}}),
                         kind_name);

class ForeignTargetBursts : public testing::TestWithParam<unsigned> {};

TEST_P(ForeignTargetBursts, AreAsLongAsConfiguredWhereTheBytesAllow) {
  AcceleratorConfig config;
  config.burst_bytes = GetParam();
  ForeignBench bench({.latency_ns = 1, .burst_limit = GetParam()}, config);
  bench.run();
  bench.expect_product();
  // The largest operand is 5,700 bytes and starts beside a boundary.
  EXPECT_EQ(bench.memory.longest, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Lengths, ForeignTargetBursts, testing::Values(8U, 64U, 1024U));

TEST(ForeignTargetOrder, AccessesOfDifferentRequestersAreInFlightTogetherAndMayOvertake) {
  ForeignBench bench({.overtakes = true});
  bench.run();
  bench.expect_product();
  EXPECT_GT(bench.memory.overtaken, 0U);
  // docs/integration.md: two per queue, one for timestamps, three per worker of a unit.
  const AcceleratorConfig config;
  EXPECT_GE(bench.memory.most_in_flight, 2U);
  EXPECT_LE(bench.memory.most_in_flight, 2 * config.queues + 1 + 3 * (2 * config.cores + config.dma_channels));
}

/// Understands streams and takes its pointers back again and again, at another moment of each command.
class MovingMemory : public testing::TestWithParam<unsigned> {};

TEST_P(MovingMemory, IsNeverReachedThroughAnOldPointer) {
  ForeignBench bench({.dmi = Dmi::kGranted, .streams = true});
  bench.move_every = sc_core::sc_time(GetParam(), sc_core::SC_NS);
  bench.run();
  bench.expect_product();
  EXPECT_GT(bench.memory.moves(), 1U);
  EXPECT_TRUE(bench.memory.old_storage_untouched());
}

INSTANTIATE_TEST_SUITE_P(Periods, MovingMemory, testing::Values(53U, 101U, 170U, 333U));

/// Where an access fails, and what the software is told. Ring slots and descriptors are read several at a time: the
/// first command that needs one of them fails.
struct Failure {
  const char* name;
  std::uint64_t address;
  unsigned command;
  unsigned field;
};
std::ostream& operator<<(std::ostream& stream, const Failure& failure) { return stream << failure.name; }

class FailingTarget : public testing::TestWithParam<std::tuple<Failure, tlm::tlm_response_status>> {};

TEST_P(FailingTarget, BecomesAnErrorCompletionOfTheCommand) {
  const auto& [failure, response] = GetParam();
  ForeignBench bench({.error_start = failure.address, .error_end = failure.address + 1, .error = response});
  bench.run();
  EXPECT_TRUE(bench.error_line);
  ASSERT_EQ(bench.mistakes.size(), 1U);
  const dixion_completion_t record = bench.failed_record();
  EXPECT_EQ(record.command_id, failure.command);
  EXPECT_EQ(record.status, DIXION_STATUS_ERROR);
  EXPECT_EQ(record.cause, DIXION_CAUSE_BUS_ERROR);
  EXPECT_EQ(record.field, failure.field);
}

constexpr std::uint64_t kLastResult = kDst + 4 * kRows * kColumns - 1;
INSTANTIATE_TEST_SUITE_P(
    Places, FailingTarget,
    testing::Combine(testing::Values(Failure{"Source", kSrc + 777, 0, DIXION_FIELD_OPERAND0},
                                     Failure{"Weight", kWeight + 3000, 1, DIXION_FIELD_OPERAND0 + 1},
                                     Failure{"Result", kLastResult, 2, DIXION_FIELD_OPERAND0 + 1},
                                     Failure{"DescriptorOfASecondLine", kTable + 5 * 64, 1, DIXION_FIELD_OPERAND0 + 4},
                                     Failure{"RingSlotOfOneBlock", kRing + 2 * 64, 0, DIXION_FIELD_NONE}),
                     testing::Values(tlm::TLM_ADDRESS_ERROR_RESPONSE, tlm::TLM_GENERIC_ERROR_RESPONSE,
                                     tlm::TLM_COMMAND_ERROR_RESPONSE, tlm::TLM_BURST_ERROR_RESPONSE)));

TEST(FailingRecord, ARecordThatCannotBeWrittenHaltsTheQueueAndRaisesTheErrorLine) {
  ForeignBench bench({.error_start = kRecords + 32, .error_end = kRecords + 33});
  bench.run();
  EXPECT_TRUE(bench.error_line);
  EXPECT_EQ(bench.error_cause, DIXION_CAUSE_BUS_ERROR);
  EXPECT_EQ(bench.record(0).phase, 1);
  EXPECT_EQ(bench.record(1).phase, 0);
  ASSERT_EQ(bench.mistakes.size(), 1U);
  EXPECT_THAT(bench.mistakes[0].expected, testing::HasSubstr("a writable completion ring"));
}

TEST(InitiatorId, BurstsCarryTheirRequester) {
  ForeignBench bench({});
  bench.run();
  bench.expect_product();
  EXPECT_EQ(bench.memory.requesters, (std::set<Requester>{Requester::kFetch, Requester::kDescriptors,
                                                          Requester::kRecords, Requester::kDma, Requester::kMatrix}));
}

TEST(InitiatorId, StreamsCarryRequesterAndCommand) {
  ForeignBench bench({.dmi = Dmi::kGranted, .streams = true});
  bench.run();
  bench.expect_product();
  ASSERT_EQ(bench.memory.streams.size(), 3U);  // what goes between DRAM and the global buffer or a core
  const std::array<ForeignMemory::StreamSeen, 3> expected{
      {{Requester::kDma, 0, false}, {Requester::kMatrix, 1, false}, {Requester::kDma, 2, true}}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(bench.memory.streams[i].requester, expected[i].requester) << i;
    EXPECT_EQ(bench.memory.streams[i].command_id, expected[i].command_id) << i;
    EXPECT_EQ(bench.memory.streams[i].write, expected[i].write) << i;
  }
}

/// Speaks the four phases to a socket of the accelerator and returns what it read.
std::uint32_t read_four_phase(ForeignBench& bench, tlm::tlm_fw_transport_if<>& target, std::uint64_t address) {
  std::uint32_t value = 0;
  tlm::tlm_generic_payload txn;
  txn.set_command(tlm::TLM_READ_COMMAND);
  txn.set_address(address);
  txn.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  txn.set_data_length(4);
  txn.set_streaming_width(4);
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay;
  EXPECT_NE(target.nb_transport_fw(txn, phase, delay), tlm::TLM_COMPLETED);
  sc_core::wait(sc_core::sc_time(10, sc_core::SC_US), bench.answered);
  EXPECT_TRUE(txn.is_response_ok());
  return value;
}

TEST(FourPhases, RegistersAndGlobalBufferAnswerThem) {
  ForeignBench bench({});
  std::uint32_t id = 0, word = 1;
  bool finished = false;
  sc_core::sc_spawn([&] {
    id = read_four_phase(bench, *bench.register_socket.operator->(), DIXION_ACCELERATOR_ID);
    word = read_four_phase(bench, *bench.buffer_socket.operator->(), 0x100000);
    finished = true;
  });
  sc_core::sc_start(
      sc_core::sc_time(5, sc_core::SC_US));  // no time is lost by waiting for an answer that does not come
  EXPECT_TRUE(finished);
  EXPECT_EQ(id, 0x314e5844U);
  EXPECT_EQ(word, 0U);
}

}  // namespace
}  // namespace dixion::test
