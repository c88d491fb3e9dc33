// SPDX-License-Identifier: Apache-2.0
#include "models/engines/execution_unit.h"

#include "models/abi/generated/commands_table.h"
#include "models/memory/global_buffer.h"
#include "platform/dram/simple_dram.h"
#include "tests/model/memory/bench.h"
#include "tests/support/simple_tlm_memory.h"

namespace dixion {
namespace {

/// The opcode with operands like those of the test's commands: one read, one written.
const abi::OpcodeInfo* copy_opcode() {
  const abi::OpcodeInfo* info = abi::kOpcodes;
  while (info->value != DIXION_OPCODE_DMA_COPY) ++info;
  return info;
}

using sc_core::SC_NS;
using sc_core::sc_time;

constexpr std::uint64_t kSource = 0x1000;
constexpr std::uint64_t kDestination = 0x2000;

TensorView row(std::uint64_t address, std::uint32_t bytes) {
  TensorView view;
  view.address = address;
  view.format = DIXION_FORMAT_INT8;
  view.rank = 1;
  view.extent[0] = bytes;
  view.stride[0] = 1;
  return view;
}

/// dst = src + 1; computes for immediates[0] cycles, immediates[2] of them for banks, and drains for immediates[1].
class Increment final : public Engine {
 public:
  [[nodiscard]] CommandError check(const Command& command) const override {
    if (command.operands[0].extent[0] == command.operands[1].extent[0]) return {};
    return {DIXION_CAUSE_BAD_SHAPE, DIXION_FIELD_OPERAND0 + 1, command.operands[1].extent[0], "as long as src"};
  }
  [[nodiscard]] Demand demand(const Command& command) const override {
    Demand demand;
    demand.compute = command.immediates[0];
    demand.drain = command.immediates[1];
    demand.operand_bank_cycles = command.immediates[2];
    demand.macs = command.operands[0].extent[0];
    demand.transfers = {{command.operands[0], 0, 1, false}, {command.operands[1], 1, 1, true}};
    return demand;
  }
  [[nodiscard]] CommandError execute(const Command& command, MemoryAccess& memory, Result& result) override {
    ++inside;
    most_inside = std::max(most_inside, inside);
    std::vector<std::uint8_t> bytes(command.operands[0].extent[0]);
    const bool read = memory.read(command.operands[0].address, bytes.data(), bytes.size());
    --inside;
    if (!read) return {DIXION_CAUSE_BUS_ERROR, DIXION_FIELD_OPERAND0, command.operands[0].address, "memory"};
    for (std::uint8_t& byte : bytes) ++byte;
    result.tensors.push_back({command.operands[1], bytes});
    return {};
  }
  int inside = 0;
  int most_inside = 0;
};

struct Listener final : public CompletionListener {
  struct Done {
    std::uint32_t id;
    CommandError error;
    CommandCost cost;
    Ticks time;
  };
  void command_done(const Command& command, const CommandError& error, const CommandCost& cost) override {
    done.push_back({command.id, error, cost, ticks_now()});
    if (on_done) on_done();
  }
  std::vector<Done> done;
  std::function<void()> on_done;
};

struct Trace final : public TraceSink {
  void event(const TraceEvent& event) override { events.push_back(event); }
  std::vector<TraceEvent> events;
};

struct UnitBench {
  template <typename Memory>
  explicit UnitBench(Memory& memory, unsigned workers = 2, std::uint64_t lane_bytes = 0, bool values = true)
      : buffer("buffer", test::gigahertz_config()),
        port("port", test::gigahertz_config(), buffer),
        checker("checker"),
        unit("unit", {Requester::kVector, test::gigahertz_config().clock_hz, 4, workers, lane_bytes, values}, engine,
             port, &trace) {
    port.memory.bind(checker.in);
    checker.out.bind(memory.port);
    hart.socket.bind(buffer.aperture);
    unit.set_listener(listener);
  }
  static Command command(std::uint32_t compute, std::uint32_t bytes = 100, CoreMask cores = 1) {
    Command result;
    result.info = copy_opcode();
    result.id = 7;
    result.tag = 0x55;
    result.cores = cores;
    result.operands[0] = row(kSource, bytes);
    result.operands[1] = row(kDestination, bytes);
    result.immediates[0] = compute;
    return result;
  }
  /// Runs the script and whatever it starts to the end.
  void run(const std::function<void()>& script) {
    scripts.add("script", script);
    scripts.run();
    for (const std::string& violation : checker.violations()) ADD_FAILURE() << violation;
  }
  std::uint64_t statistic(const std::string& name) {
    for (const Statistic& entry : unit.statistics("unit")) {
      if (entry.name == "unit." + name) return entry.value;
    }
    ADD_FAILURE() << name;
    return 0;
  }

  Increment engine;
  Listener listener;
  Trace trace;
  GlobalBuffer buffer;
  MemoryPort port;
  test::TlmProtocolChecker checker;
  test::TestInitiator hart{"hart"};
  ExecutionUnit unit;
  test::Scripts scripts;
};

/// Cycles of 1 ns; DRAM of 1 byte per ns after 20 ns.
struct ExecutionUnitTest : public testing::Test {
  SimpleDram dram{"dram", {.capacity_bytes = 1 << 20, .bytes_per_second = 1'000'000'000, .latency_ps = 20'000}};
  UnitBench bench{dram};
};

// Computing begins when the first bytes are there (20), lasts 500: 520. The read is through at 120 + what it lost while
// it shared with the write, long before.
TEST_F(ExecutionUnitTest, LongComputingDecidesTheEnd) {
  bench.run([this] {
    bench.unit.start(UnitBench::command(500));
    sc_core::wait(519, SC_NS);
    EXPECT_TRUE(bench.listener.done.empty());
    EXPECT_TRUE(bench.unit.busy());
    sc_core::wait(1, SC_NS);
    sc_core::wait(sc_core::SC_ZERO_TIME);
    ASSERT_EQ(bench.listener.done.size(), 1U);
    EXPECT_FALSE(bench.unit.busy());
  });
  const CommandCost& cost = bench.listener.done[0].cost;
  EXPECT_EQ(cost.start_cycle, 0U);
  EXPECT_EQ(cost.end_cycle, 520U);
  EXPECT_EQ(cost.busy_cycles, 500U);
  EXPECT_EQ(cost.lanes, 1U);
  EXPECT_EQ(cost.dram_read_bytes, 100U);
  EXPECT_EQ(cost.dram_write_bytes, 100U);
  EXPECT_EQ(cost.buffer_read_bytes, 0U);
}

// Read from 20 ns on; the write departs at 20, arrives at 40. Until then the read is alone: 20 bytes. Both at half
// speed: the read's other 80 take 160, until 200. The write has then 20 left: until 220.
TEST_F(ExecutionUnitTest, MemoryDecidesTheEndWhenComputingIsShort) {
  bench.run([this] {
    bench.unit.start(UnitBench::command(3));
    sc_core::wait(219'999, sc_core::SC_PS);
    EXPECT_TRUE(bench.listener.done.empty());
    sc_core::wait(1, sc_core::SC_PS);
    sc_core::wait(sc_core::SC_ZERO_TIME);
    EXPECT_EQ(bench.listener.done.size(), 1U);
  });
  EXPECT_EQ(bench.statistic("busy"), 3U);
  EXPECT_EQ(bench.statistic("stall.fill"), 20U);
  EXPECT_EQ(bench.statistic("stall.dram"), 200U - 23U);
  EXPECT_EQ(bench.statistic("stall.output"), 20U);
}

TEST_F(ExecutionUnitTest, DrainComesAfterEverything) {
  Command command = UnitBench::command(500);
  command.immediates[1] = 30;
  bench.run([&] { bench.unit.start(command); });
  EXPECT_EQ(bench.listener.done.at(0).cost.end_cycle, 550U);
  EXPECT_EQ(bench.statistic("stall.drain"), 30U);
  EXPECT_EQ(bench.statistic("stall.fill"), 20U);
}

TEST_F(ExecutionUnitTest, CyclesLostToBanksAreNotBusy) {
  Command command = UnitBench::command(500, 100, 0b11);
  command.immediates[2] = 120;
  bench.run([&] { bench.unit.start(command); });
  EXPECT_EQ(bench.listener.done.at(0).cost.end_cycle, 520U);
  EXPECT_EQ(bench.statistic("busy"), 2 * 380U);
  EXPECT_EQ(bench.statistic("stall.operand_bank"), 2 * 120U);
}

TEST_F(ExecutionUnitTest, OperandsOfACommandOnSeveralCoresMoveOnce) {
  bench.run([this] { bench.unit.start(UnitBench::command(500, 100, 0b1111)); });
  EXPECT_EQ(bench.listener.done.at(0).cost.end_cycle, 520U);
  EXPECT_EQ(bench.listener.done.at(0).cost.dram_read_bytes, 100U);
  for (const Statistic& each : dram.statistics("dram")) {
    if (each.name == "dram.vector.read_bytes") {
      EXPECT_EQ(each.value, 100U);
    }
    if (each.name == "dram.vector.read_requests") {
      EXPECT_EQ(each.value, 1U);
    }
  }
}

TEST_F(ExecutionUnitTest, WaitingIsGivenToTheCommandThatBegins) {
  bench.run([this] {
    sc_core::wait(5, SC_NS);
    WaitingLanes waiting;
    waiting.for_reason[index_of(StallReason::kSemaphore)] = 3;
    bench.unit.waits_for(waiting);
    sc_core::wait(10, SC_NS);
    bench.unit.waits_for({});
    bench.unit.start(UnitBench::command(500));
  });
  EXPECT_EQ(bench.listener.done.at(0).cost.stalls[index_of(StallReason::kSemaphore)], 30U);
  EXPECT_EQ(bench.statistic("stall.semaphore"), 30U);
}

TEST_F(ExecutionUnitTest, CommandBeginsAtAnEdge) {
  bench.run([this] {
    sc_core::wait(1'001, sc_core::SC_PS);
    bench.unit.start(UnitBench::command(500));
  });
  EXPECT_EQ(bench.listener.done.at(0).cost.start_cycle, 2U);
  EXPECT_EQ(bench.listener.done.at(0).cost.end_cycle, 522U);
}

TEST_F(ExecutionUnitTest, ResultsAppearAtTheEndAndOperandsAreReadAtTheBeginning) {
  dram.data()[kSource] = 41;
  bench.run([this] {
    bench.unit.start(UnitBench::command(500));
    sc_core::wait(1, SC_NS);
    dram.data()[kSource] = 99;  // too late for this command
    sc_core::wait(518, SC_NS);
    EXPECT_EQ(dram.data()[kDestination], 0);
    sc_core::wait(1, SC_NS);
    sc_core::wait(sc_core::SC_ZERO_TIME);
    EXPECT_EQ(dram.data()[kDestination], 42);
  });
}

TEST_F(ExecutionUnitTest, ResultsAreInMemoryWhenTheListenerIsTold) {
  bench.listener.on_done = [this] { EXPECT_EQ(dram.data()[kDestination], 1); };
  bench.run([this] { bench.unit.start(UnitBench::command(1)); });
  EXPECT_EQ(bench.listener.done.size(), 1U);
}

TEST_F(ExecutionUnitTest, BeginAndEndAreTraced) {
  bench.run([this] { bench.unit.start(UnitBench::command(500)); });
  ASSERT_EQ(bench.trace.events.size(), 2U);
  EXPECT_EQ(bench.trace.events[0].stage, Stage::kBegin);
  EXPECT_EQ(bench.trace.events[0].time_ticks, 0U);
  EXPECT_EQ(bench.trace.events[1].stage, Stage::kEnd);
  EXPECT_EQ(bench.trace.events[1].time_ticks, 520'000U);
  EXPECT_EQ(bench.trace.events[1].id, 7U);
  EXPECT_EQ(bench.trace.events[1].tag, 0x55U);
}

TEST_F(ExecutionUnitTest, CheckFailureEndsAtOnceWithoutTouchingMemory) {
  Command command = UnitBench::command(500);
  command.operands[1].extent[0] = 99;
  bench.run([&] {
    bench.unit.start(command);
    EXPECT_TRUE(bench.listener.done.empty());  // a later delta at the earliest
  });
  ASSERT_EQ(bench.listener.done.size(), 1U);
  EXPECT_EQ(bench.listener.done[0].error.cause, DIXION_CAUSE_BAD_SHAPE);
  EXPECT_EQ(bench.listener.done[0].time, 0U);
  EXPECT_EQ(bench.statistic("failed"), 1U);
  EXPECT_EQ(bench.statistic("macs"), 0U);
}

TEST_F(ExecutionUnitTest, UnreadableOperandAndUnwritableResultAreBusErrors) {
  Command unreadable = UnitBench::command(5);
  unreadable.operands[0].address = 1 << 20;
  Command unwritable = UnitBench::command(5);
  unwritable.operands[1].address = 1 << 20;
  bench.run([&] {
    bench.unit.start(unreadable);
    sc_core::wait(1, sc_core::SC_US);
    bench.unit.start(unwritable);
  });
  ASSERT_EQ(bench.listener.done.size(), 2U);
  EXPECT_EQ(bench.listener.done[0].error.cause, DIXION_CAUSE_BUS_ERROR);
  EXPECT_EQ(bench.listener.done[0].error.field, std::uint32_t{DIXION_FIELD_OPERAND0});
  EXPECT_EQ(bench.listener.done[1].error.cause, DIXION_CAUSE_BUS_ERROR);
  EXPECT_EQ(bench.listener.done[1].error.field, DIXION_FIELD_OPERAND0 + 1U);
  EXPECT_EQ(bench.listener.done[1].error.value, std::uint64_t{1} << 20);
}

TEST_F(ExecutionUnitTest, WorkersRunSideBySideAndTheListenerMayStartTheNext) {
  unsigned left = 1;
  bench.listener.on_done = [&] {
    if (left-- == 1) bench.unit.start(UnitBench::command(1000, 1, 1));
  };
  bench.run([this] {
    EXPECT_TRUE(bench.unit.available());
    bench.unit.start(UnitBench::command(1000, 1, 0b0001));
    EXPECT_TRUE(bench.unit.available());
    bench.unit.start(UnitBench::command(2000, 1, 0b0110));
    EXPECT_FALSE(bench.unit.available());
  });
  ASSERT_EQ(bench.listener.done.size(), 3U);
  EXPECT_EQ(bench.listener.done[0].cost.end_cycle, 1020U);
  EXPECT_EQ(bench.listener.done[1].cost.end_cycle, 2020U);
  EXPECT_EQ(bench.listener.done[2].cost.end_cycle, 2040U);
  EXPECT_EQ(bench.statistic("busy"), 1000U + 2 * 2000U + 1000U);
}

// 4 lanes, 2040 cycles; every lane-cycle has one reason.
TEST_F(ExecutionUnitTest, CyclesClose) {
  bench.run([this] {
    bench.unit.start(UnitBench::command(1000, 1, 0b0011));
    sc_core::wait(2000, SC_NS);
  });
  EXPECT_EQ(bench.statistic("total"), 4 * 2000U);
  EXPECT_EQ(bench.statistic("busy"), 2 * 1000U);
  EXPECT_EQ(bench.statistic("stall.fill"), 2 * 20U);
  EXPECT_EQ(bench.statistic("idle"), 4 * 2000U - 2 * 1020U);
  EXPECT_EQ(bench.statistic("unfinished"), 0U);
}

TEST_F(ExecutionUnitTest, OperandsInTheGlobalBufferUseNoDram) {
  Command command = UnitBench::command(1, 5120);
  command.operands[0].address = DIXION_GLOBAL_BUFFER_BASE;
  command.operands[1].address = DIXION_GLOBAL_BUFFER_BASE + 0x4000;
  bench.run([&] { bench.unit.start(command); });
  const CommandCost& cost = bench.listener.done.at(0).cost;
  EXPECT_EQ(cost.buffer_read_bytes, 5120U);
  EXPECT_EQ(cost.buffer_write_bytes, 5120U);
  EXPECT_EQ(bench.statistic("stall.fill"), 3U);
  // The read is through at 20 or later; only the buffer kept the command waiting for operands.
  EXPECT_EQ(bench.statistic("stall.dram"), 0U);
  EXPECT_EQ(bench.statistic("busy") + bench.statistic("stall.global_buffer") + bench.statistic("stall.output"), 20U);
  EXPECT_GE(bench.statistic("stall.global_buffer"), 16U);
  // Read from 3, write from 6 on, 512 bytes per cycle: 3 cycles alone, then shared; all 10240 bytes are through at 23.
  EXPECT_EQ(cost.end_cycle, 23U);
  EXPECT_EQ(bench.checker.transactions(), 0U);
}

// A lane takes 2 bytes per cycle: 1000 bytes in 500 cycles, with two lanes in 250.
TEST(ExecutionUnit, LanesLimitTheirStreams) {
  SimpleDram dram("dram", {.capacity_bytes = 1 << 20, .bytes_per_second = 100'000'000'000, .latency_ps = 0});
  UnitBench bench(dram, 1, 2);
  bench.run([&] {
    bench.unit.start(UnitBench::command(0, 1000, 0b01));
    sc_core::wait(10, sc_core::SC_US);
    bench.unit.start(UnitBench::command(0, 1000, 0b11));
  });
  EXPECT_EQ(bench.listener.done.at(0).cost.end_cycle, 500U);
  EXPECT_EQ(bench.listener.done.at(1).cost.end_cycle - bench.listener.done.at(1).cost.start_cycle, 250U);
}

TEST(ExecutionUnit, WithoutValuesTimeIsTheSameAndMemoryUntouched) {
  SimpleDram dram("dram", {.capacity_bytes = 1 << 20, .bytes_per_second = 1'000'000'000, .latency_ps = 20'000});
  UnitBench bench(dram, 2, 0, false);
  bench.run([&] { bench.unit.start(UnitBench::command(500)); });
  EXPECT_EQ(bench.listener.done.at(0).cost.end_cycle, 520U);
  EXPECT_EQ(dram.data()[kDestination], 0);
}

// Two commands of 600 bytes on a foreign memory of 10 ns per burst: read 3 + write 3 bursts (256, 256, 88) each. While
// one executes, the other waits for the engine.
TEST(ExecutionUnit, ForeignMemoryGivesTheSameBytes) {
  test::SimpleTlmMemory memory("memory", {.latency = sc_time(10, SC_NS), .grant_dmi = false});
  UnitBench bench(memory);
  memory.data()[kSource + 599] = 7;
  bench.run([&] {
    bench.unit.start(UnitBench::command(100, 600, 0b01));
    Command other = UnitBench::command(100, 600, 0b10);
    other.operands[1].address = 0x4000;
    bench.unit.start(other);
  });
  EXPECT_EQ(memory.data()[kDestination + 599], 8);
  EXPECT_EQ(memory.data()[0x4000 + 599], 8);
  EXPECT_EQ(bench.listener.done.at(0).cost.end_cycle, 30U + 100U + 30U);
  EXPECT_EQ(bench.listener.done.at(1).cost.end_cycle, 60U + 100U + 30U);
  EXPECT_EQ(bench.engine.most_inside, 1);
  // Operands come before computing, results go after it; the second command also waited for the engine.
  EXPECT_EQ(bench.statistic("stall.dram"), 30U + 60U);
  EXPECT_EQ(bench.statistic("stall.output"), 30U + 30U);
}

}  // namespace
}  // namespace dixion
