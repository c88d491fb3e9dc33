// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/simple_dram.h"

#include "models/common/check.h"
#include "tests/model/memory/bench.h"

namespace dixion {
namespace {

using sc_core::SC_NS;
using sc_core::sc_time;

/// 1 byte per ns after 100 ns.
constexpr SimpleDramConfig kConfig{.capacity_bytes = 1 << 20, .bytes_per_second = 1'000'000'000, .latency_ps = 100'000};

struct SimpleDramTest : public testing::Test {
  SimpleDramTest() {
    initiator.socket.bind(checker.in);
    checker.out.bind(dram.port);
  }
  /// Sends a stream of `bytes` from `address` and returns the response; waits out what is left of the delay.
  tlm::tlm_response_status stream(std::uint64_t address, std::uint64_t bytes, sc_time delay = sc_core::SC_ZERO_TIME,
                                  bool back_to_back = false) {
    unsigned char beat[8] = {};
    StreamExtension extension;
    extension.shape.run_bytes = bytes;
    extension.total_bytes = bytes;
    extension.back_to_back = back_to_back;
    extension.requester = Requester::kDma;
    tlm::tlm_generic_payload txn;
    test::TestInitiator::set_up(txn, tlm::TLM_IGNORE_COMMAND, address, beat, 8);
    txn.set_extension(&extension);
    initiator.socket->b_transport(txn, delay);
    txn.clear_extension(&extension);
    EXPECT_TRUE(extension.acknowledged);
    if (delay != sc_core::SC_ZERO_TIME) sc_core::wait(delay);
    return txn.get_response_status();
  }
  std::uint64_t statistic(const std::string& name) {
    for (const Statistic& entry : dram.statistics("dram")) {
      if (entry.name == name) return entry.value;
    }
    ADD_FAILURE() << name;
    return 0;
  }

  test::TestInitiator initiator{"initiator"};
  test::TlmProtocolChecker checker{"checker"};
  SimpleDram dram{"dram", kConfig};
  test::Scripts scripts;
};

TEST_F(SimpleDramTest, OrdinaryAccessAnnotatesLatencyAndTransfer) {
  scripts.add("hart", [this] {
    std::uint64_t value = 77;
    EXPECT_EQ(initiator.write(0x1000, &value, 8).delay, sc_time(108, SC_NS));
    EXPECT_EQ(ticks_now(), 0U);
    sc_core::wait(108, SC_NS);
    std::uint64_t back = 0;
    EXPECT_EQ(initiator.read(0x1000, &back, 8).delay, sc_time(108, SC_NS));
    EXPECT_EQ(back, 77U);
  });
  scripts.run();
  test::expect_clean(checker);
  EXPECT_EQ(statistic("dram.other.read_bytes"), 8U);
  EXPECT_EQ(statistic("dram.other.write_requests"), 1U);
}

// The stream moves from 100 ns on, the access from 200 ns on: 20 bytes at half speed.
TEST_F(SimpleDramTest, OrdinaryAccessAnnotatesItsShareBesideAStream) {
  scripts.add("dma", [this] {
    EXPECT_EQ(stream(0, 1000), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(ticks_now(), 1'120'000U);
  });
  scripts.add("hart", [this] {
    sc_core::wait(40, SC_NS);
    std::array<unsigned char, 20> data{};
    EXPECT_EQ(initiator.access(tlm::TLM_READ_COMMAND, 0, data.data(), 20, sc_time(60, SC_NS)).delay,
              sc_time(60 + 100 + 40, SC_NS));
    EXPECT_EQ(ticks_now(), 40'000U);
  });
  scripts.run();
}

TEST_F(SimpleDramTest, StreamTakesLatencyThenItsShare) {
  scripts.add("dma", [this] {
    EXPECT_EQ(stream(0, 1000), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(ticks_now(), 1'100'000U);
    EXPECT_EQ(stream(0, 1000, sc_core::SC_ZERO_TIME, true), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(ticks_now(), 2'100'000U);
  });
  scripts.run();
  test::expect_clean(checker);
  EXPECT_EQ(statistic("dram.dma.read_bytes"), 2000U);
  EXPECT_EQ(statistic("dram.dma.read_requests"), 2U);
}

// A begins moving at 100 ns. B's annotated 50 ns and latency pass first: it joins at 150 ns. A has 50 of its 100 bytes
// left, at half speed: 250 ns. B has then 50 left, alone: 300 ns.
TEST_F(SimpleDramTest, AnnotatedDelayIsWaitedOutBeforeCompeting) {
  Ticks a = 0;
  Ticks b = 0;
  scripts.add("a", [&] {
    EXPECT_EQ(stream(0, 100), tlm::TLM_OK_RESPONSE);
    a = ticks_now();
  });
  scripts.add("b", [&] {
    EXPECT_EQ(stream(0, 100, sc_time(50, SC_NS)), tlm::TLM_OK_RESPONSE);
    b = ticks_now();
  });
  scripts.run();
  EXPECT_EQ(a, 250'000U);
  EXPECT_EQ(b, 300'000U);
}

TEST_F(SimpleDramTest, StreamBeyondTheEndIsAnAddressError) {
  scripts.add("dma", [this] {
    EXPECT_EQ(stream((1 << 20) - 100, 100), tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(stream((1 << 20) - 100, 101), tlm::TLM_ADDRESS_ERROR_RESPONSE);
  });
  scripts.run();
}

TEST_F(SimpleDramTest, ProbeIsAnsweredLikeAReadAndCostsNothing) {
  scripts.add("port", [this] {
    dram.data()[5] = 9;
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
  });
  scripts.run();
  EXPECT_EQ(statistic("dram.other.read_bytes"), 0U);
}

TEST_F(SimpleDramTest, ByteEnablesAndStreamingWidth) {
  scripts.add("hart", [this] {
    unsigned char data[4] = {1, 2, 3, 4};
    unsigned char enables[2] = {TLM_BYTE_ENABLED, TLM_BYTE_DISABLED};
    tlm::tlm_generic_payload txn;
    test::TestInitiator::set_up(txn, tlm::TLM_WRITE_COMMAND, 0, data, 4);
    txn.set_byte_enable_ptr(enables);
    txn.set_byte_enable_length(2);
    sc_time delay = sc_core::SC_ZERO_TIME;
    initiator.socket->b_transport(txn, delay);
    EXPECT_EQ(txn.get_response_status(), tlm::TLM_OK_RESPONSE);
    test::TestInitiator::set_up(txn, tlm::TLM_WRITE_COMMAND, 0, data, 4);
    txn.set_streaming_width(2);
    initiator.socket->b_transport(txn, delay);
    EXPECT_EQ(txn.get_response_status(), tlm::TLM_BURST_ERROR_RESPONSE);
  });
  scripts.run();
  EXPECT_EQ(dram.data()[0], 1);
  EXPECT_EQ(dram.data()[1], 0);
  EXPECT_EQ(dram.data()[2], 3);
}

TEST_F(SimpleDramTest, DmiCoversAllOfItWithHonestLatency) {
  tlm::tlm_dmi dmi;
  ASSERT_TRUE(initiator.dmi(0xffff, dmi));
  EXPECT_EQ(dmi.get_start_address(), 0U);
  EXPECT_EQ(dmi.get_end_address(), (1U << 20) - 1);
  EXPECT_EQ(dmi.get_read_latency(), sc_time(100, SC_NS));
  tlm::tlm_dmi outside;
  EXPECT_FALSE(initiator.dmi(1 << 20, outside));
}

TEST(SimpleDram, HugeMemoryIsReservedNotCommitted) {
  SimpleDram dram("dram", {.capacity_bytes = std::uint64_t{64} << 30});
  dram.data()[(std::uint64_t{64} << 30) - 1] = 1;
  EXPECT_EQ(dram.data()[std::uint64_t{32} << 30], 0);
}

TEST(SimpleDram, BadConfigurationIsRefused) {
  EXPECT_THROW(SimpleDram::validate({.capacity_bytes = 0}), ConfigError);
  EXPECT_THROW(SimpleDram::validate({.bytes_per_second = 0}), ConfigError);
  EXPECT_THROW(SimpleDram::validate({.bytes_per_second = std::uint64_t{1} << 44}), ConfigError);
  EXPECT_NO_THROW(SimpleDram::validate({.bytes_per_second = (std::uint64_t{1} << 44) - 1}));
}

}  // namespace
}  // namespace dixion
