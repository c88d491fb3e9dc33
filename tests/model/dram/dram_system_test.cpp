// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/dram_system.h"

#include "models/common/check.h"
#include "models/interconnect/kernel_time.h"
#include "models/interconnect/stream_extension.h"
#include "platform/dram/dram_core_config.h"
#include "tests/model/memory/bench.h"

namespace dixion {
namespace {

using sc_core::SC_NS;
using sc_core::sc_time;

/// HBM2-2000 (clocks of 1 ns), four channels; 20 ns to the controller.
DramSystemConfig config_of(std::uint64_t capacity = 1 << 26) {
  DramSystemConfig config;
  config.preset = "HBM2-2000";
  config.capacity_bytes = capacity;
  return config;
}

struct DramSystemTest : public testing::Test {
  DramSystemTest() {
    initiator.socket.bind(checker.in);
    checker.out.bind(memory.port);
  }
  tlm::tlm_response_status stream(std::uint64_t address, std::uint64_t bytes, bool write = false,
                                  bool back_to_back = false, std::uint64_t limit = 0) {
    unsigned char beat[8] = {};
    StreamExtension extension;
    extension.direction = write ? StreamExtension::Direction::kWrite : StreamExtension::Direction::kRead;
    extension.shape.run_bytes = bytes;
    extension.total_bytes = bytes;
    extension.back_to_back = back_to_back;
    extension.max_bytes_per_second = limit;
    extension.requester = Requester::kDma;
    tlm::tlm_generic_payload txn;
    test::TestInitiator::set_up(txn, tlm::TLM_IGNORE_COMMAND, address, beat, 8);
    txn.set_extension(&extension);
    sc_time delay = sc_core::SC_ZERO_TIME;
    try {
      initiator.socket->b_transport(txn, delay);
    } catch (...) {  // killed: the extension must not be freed with the payload
      txn.clear_extension(&extension);
      throw;
    }
    txn.clear_extension(&extension);
    EXPECT_TRUE(extension.acknowledged);
    if (delay != sc_core::SC_ZERO_TIME) sc_core::wait(delay);
    return txn.get_response_status();
  }
  std::uint64_t statistic(const std::string& name) {
    for (const Statistic& entry : memory.statistics("dram")) {
      if (entry.name == name) return entry.value;
    }
    ADD_FAILURE() << name;
    return 0;
  }

  test::TestInitiator initiator{"initiator"};
  test::TlmProtocolChecker checker{"checker"};
  DramSystem memory{"dram", config_of()};
  test::Scripts scripts;
};

TEST_F(DramSystemTest, OrdinaryAccessAnnotatesWhatItsRowTakes) {
  scripts.add("hart", [this] {
    std::uint64_t value = 77;
    // 20 to the controller, cwl 5, rcd_write 12, burst 2.
    EXPECT_EQ(initiator.write(0x1000, &value, 8).delay, sc_time(39, SC_NS));
    EXPECT_EQ(ticks_now(), 0U);
    sc_core::wait(200, SC_NS);
    std::uint64_t back = 0;
    EXPECT_EQ(initiator.read(0x1000, &back, 8).delay, sc_time(20 + 14 + 2, SC_NS));  // open row: cl, burst
    EXPECT_EQ(back, 77U);
    sc_core::wait(200, SC_NS);
    EXPECT_EQ(initiator.read(0x1000 + 4 * 16384, &back, 8).delay, sc_time(20 + 14 + 14 + 14 + 2, SC_NS));  // conflict
  });
  scripts.run();
  test::expect_clean(checker);
  EXPECT_EQ(statistic("dram.other.read_bytes"), 16U);
  EXPECT_EQ(statistic("dram.other.write_requests"), 1U);
  EXPECT_EQ(statistic("dram.other.row_hits"), 1U);
  EXPECT_EQ(statistic("dram.other.row_opened"), 1U);
  EXPECT_EQ(statistic("dram.other.row_conflicts"), 1U);
  EXPECT_EQ(statistic("dram.activates"), 2U);
  EXPECT_EQ(statistic("dram.other.burst_latency"), 3U);
  for (const Statistic& each : memory.statistics("dram")) {
    if (each.name != "dram.other.burst_latency") continue;
    // 12 + 2 + 5 and 2 + 14; the conflict took 14 + 14 + 2 + 14.
    ASSERT_EQ(each.buckets.size(), 2U);
    EXPECT_EQ(each.buckets[0].below, 32U);
    EXPECT_EQ(each.buckets[0].count, 2U);
    EXPECT_EQ(each.buckets[1].below, 64U);
    EXPECT_EQ(each.buckets[1].count, 1U);
  }
  // 36, 39 and 64 ns.
  EXPECT_EQ(statistic("dram.other.access_latency"), 3U);
}

TEST_F(DramSystemTest, AnnotatedDelayComesBeforeTheAccess) {
  scripts.add("hart", [this] {
    std::uint64_t value = 0;
    EXPECT_EQ(initiator.access(tlm::TLM_READ_COMMAND, 0, &value, 8, sc_time(1000, SC_NS)).delay,
              sc_time(1000 + 20 + 14 + 14 + 2, SC_NS));
  });
  scripts.run();
  test::expect_clean(checker);
}

TEST_F(DramSystemTest, StreamWaitsUntilItsLastByteAndTheNextFollowsWithoutLatency) {
  Ticks first = 0;
  scripts.add("dma", [&] {
    EXPECT_EQ(stream(0, 4096), tlm::TLM_OK_RESPONSE);  // 32 bursts in each channel
    first = ticks_now();
    EXPECT_EQ(stream(4096, 4096, false, true), tlm::TLM_OK_RESPONSE);
  });
  scripts.run();
  test::expect_clean(checker);
  // 20 + cl 14 + rcd 14, then 32 x 2; four rows are opened one after the other, four clocks apart.
  EXPECT_GE(first, 112'000U);
  EXPECT_LE(first, 130'000U);
  EXPECT_EQ(ticks_now() - first, 64'000U);  // rows stay open: nothing but bursts
  EXPECT_EQ(statistic("dram.dma.read_bytes"), 8192U);
  EXPECT_EQ(statistic("dram.dma.bursts"), 256U);
  EXPECT_EQ(statistic("dram.busy_cycles"), 512U);
}

TEST_F(DramSystemTest, OverlappingStreamsShareAndEndAsTheCoreSays) {
  Ticks a = 0;
  Ticks b = 0;
  scripts.add("a", [&] {
    EXPECT_EQ(stream(0, 1 << 20), tlm::TLM_OK_RESPONSE);
    a = ticks_now();
  });
  scripts.add("b", [&] {
    sc_core::wait(5000, SC_NS);
    EXPECT_EQ(stream(1 << 25, 1 << 20, true), tlm::TLM_OK_RESPONSE);
    b = ticks_now();
  });
  scripts.run();
  test::expect_clean(checker);
  dram::Core core(dram_core_config(config_of()));
  const auto request = [](std::uint64_t address, bool write) {
    return dram::StreamRequest{address, {1 << 20, 0, {}, {}}, 1 << 20, write, 0, Requester::kDma};
  };
  const dram::Core::Id first = core.add_stream(20 + 14, request(0, false));
  const dram::Core::Id second = core.add_stream(5000 + 20 + 5, request(1 << 25, true));
  for (Cycles next = core.next_event(); next != dram::Core::kNothing; next = core.next_event()) core.advance(next);
  EXPECT_EQ(a, core.finish(first) * 1000);
  EXPECT_EQ(b, core.finish(second) * 1000);
}

// A hart that reads word after word from another row of the stream's banks: both lose, the stream at least the bursts
// and at most two turns of a row for each access; an access at least a turn more than alone in an open row.
TEST_F(DramSystemTest, HammeringHartAndStreamSlowEachOther) {
  const auto streamed = [this] {
    const Ticks begin = ticks_now();
    EXPECT_EQ(stream(0, 1 << 16), tlm::TLM_OK_RESPONSE);
    return ticks_now() - begin;
  };
  Ticks alone = 0;
  Ticks together = 0;
  unsigned accesses = 0;
  Ticks waited = 0;
  bool streaming = false;
  scripts.add("dma", [&] {
    alone = streamed();
    sc_core::wait(100, SC_NS);
    streaming = true;
    together = streamed();
    streaming = false;
  });
  scripts.add("hart", [&] {
    while (!streaming) sc_core::wait(10, SC_NS);
    for (std::uint64_t i = 0; streaming; ++i) {
      std::uint64_t value = 0;
      const sc_time delay = initiator.read((1 << 24) + i % 1024 * 8, &value, 8).delay;
      sc_core::wait(delay);
      if (!streaming) break;
      ++accesses;
      waited += delay.value();
    }
  });
  scripts.run();
  ASSERT_GT(accesses, 5U);
  EXPECT_GE(together, alone + accesses * 2'000 / 4);  // burst, in one of four channels
  EXPECT_LE(together, alone + accesses * 2 * (14 + 14 + 14 + 2) * 1000);
  EXPECT_GE(waited, accesses * Ticks{(20 + 14 + 2 + 2) * 1000});
}

TEST_F(DramSystemTest, StreamTakesNoLessThanItsRequesterNeeds) {
  scripts.add("dma", [this] { EXPECT_EQ(stream(0, 1'000'000, false, false, 1'000'000'000), tlm::TLM_OK_RESPONSE); });
  scripts.run();
  EXPECT_GE(ticks_now(), Ticks{1'000'000'000});
  EXPECT_LE(ticks_now(), Ticks{1'001'000'000});
}

TEST_F(DramSystemTest, KilledCallerLeavesNothingBehind) {
  Ticks end = 0;
  sc_core::sc_process_handle victim = sc_core::sc_spawn([this] { (void)stream(0, 1 << 24); });
  scripts.add("dma", [&] {
    sc_core::wait(1000, SC_NS);
    victim.kill();
    EXPECT_EQ(stream(1 << 25, 1 << 20), tlm::TLM_OK_RESPONSE);
    end = ticks_now();
  });
  scripts.run();
  EXPECT_LT(end, Ticks{1'000'000} + (1 << 20) / 64 * 1150);
}

TEST_F(DramSystemTest, ProbeAndErrorsAreAnsweredAsBySimpleMemory) {
  scripts.add("port", [this] {
    memory.data()[5] = 9;
    unsigned char beat[8] = {};
    StreamExtension extension;
    tlm::tlm_generic_payload txn;
    test::TestInitiator::set_up(txn, tlm::TLM_READ_COMMAND, 0, beat, 8);
    txn.set_extension(&extension);
    sc_time delay = sc_core::SC_ZERO_TIME;
    initiator.socket->b_transport(txn, delay);
    txn.clear_extension(&extension);
    EXPECT_TRUE(extension.acknowledged);
    EXPECT_EQ(beat[5], 9);
    EXPECT_EQ(delay, sc_core::SC_ZERO_TIME);
    EXPECT_EQ(stream((1 << 26) - 100, 101), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(stream((1 << 26) - 100, 100), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(initiator.read(1 << 26, beat, 8).response, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    tlm::tlm_dmi dmi;
    EXPECT_TRUE(initiator.dmi(77, dmi));
    EXPECT_EQ(dmi.get_end_address(), (1ULL << 26) - 1);
    EXPECT_EQ(dmi.get_read_latency(), sc_time(20 + 14 + 14, SC_NS));
    EXPECT_EQ(initiator.debug(tlm::TLM_READ_COMMAND, 5, beat, 1), 1U);
    EXPECT_EQ(beat[0], 9);
  });
  scripts.run();
  EXPECT_EQ(statistic("dram.other.read_bytes"), 0U);
}

TEST_F(DramSystemTest, RefreshGoesOnWhileNothingElseHappens) {
  scripts.add("clock", [] { sc_core::wait(1, sc_core::SC_SEC); });
  scripts.run();
  EXPECT_EQ(statistic("dram.refreshes"), 4U * (1'000'000'000 / 3900));
  EXPECT_EQ(statistic("dram.cycles"), 4'000'000'000U);
  EXPECT_EQ(statistic("dram.active_cycles"), 0U);
}

TEST(DramSystem, BadConfigurationIsRefused) {
  DramSystemConfig config = config_of(1ULL << 40);
  EXPECT_THROW(DramSystem::validate(config), ConfigError);
  config = config_of();
  config.outstanding = 0;
  EXPECT_THROW(DramSystem::validate(config), ConfigError);
  config = config_of();
  config.preset = "HBM9";
  EXPECT_THROW(DramSystem("dram", config), ConfigError);
  EXPECT_THROW(DramSystem("dram", config_of(), sizeof(DramSystemConfig) - 8), ConfigError);
  EXPECT_NO_THROW(DramSystem::validate(config_of()));
}

TEST(DramSystem, DefaultsAreThoseOfTheCore) {
  const dram::CoreConfig from_shell = dram_core_config({});
  const dram::CoreConfig core;
  EXPECT_EQ(from_shell.mapping.interleave_bytes, core.mapping.interleave_bytes);
  EXPECT_EQ(from_shell.mapping.order, core.mapping.order);
  EXPECT_EQ(from_shell.mapping.xors, core.mapping.xors);
  EXPECT_EQ(from_shell.controller.window, core.controller.window);
  EXPECT_EQ(from_shell.controller.starvation_limit, core.controller.starvation_limit);
  EXPECT_EQ(from_shell.controller.page_policy, core.controller.page_policy);
  EXPECT_EQ(from_shell.controller.refresh, core.controller.refresh);
  EXPECT_EQ(from_shell.capacity_bytes, core.capacity_bytes);
}

}  // namespace
}  // namespace dixion
