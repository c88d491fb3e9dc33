// SPDX-License-Identifier: Apache-2.0
// Fetch, DMA and cores on one port and one memory, against times worked out by hand. 1 byte per ns is 1 GB/s.
#include "models/interconnect/memory_port.h"
#include "models/memory/global_buffer.h"
#include "platform/dram/simple_dram.h"
#include "tests/model/memory/bench.h"

namespace dixion {
namespace {

using sc_core::SC_NS;

constexpr std::uint64_t kGigabyte = 1'000'000'000;

struct Contention : testing::Test {
  void build(std::uint64_t dram_bytes_per_ns, std::uint64_t latency_ns = 0) {
    dram = std::make_unique<SimpleDram>("dram", SimpleDramConfig{.capacity_bytes = 1 << 20,
                                                                 .bytes_per_second = dram_bytes_per_ns * kGigabyte,
                                                                 .latency_ps = latency_ns * 1000});
    port.memory.bind(dram->port);
    hart.socket.bind(buffer.aperture);
  }
  /// A stream that starts at `begin_ns` must be through at `end_ns` exactly. `limit` in bytes per ns, 0 for none.
  void stream(Requester requester, std::uint32_t bytes, std::uint64_t limit, unsigned begin_ns, unsigned end_ns) {
    scripts.add(requester_name(requester), [=, this] {
      sc_core::wait(begin_ns, SC_NS);
      MemoryPort::StreamRequest request;
      request.view.format = DIXION_FORMAT_INT8;
      request.view.rank = 1;
      request.view.extent[0] = bytes;
      request.view.stride[0] = 1;
      request.requester = requester;
      request.max_bytes_per_second = limit * kGigabyte;
      EXPECT_TRUE(port.stream(request));
      EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::sc_time(end_ns, SC_NS)) << requester_name(requester);
    });
  }
  std::uint64_t statistic(const std::string& name) {
    for (const Statistic& entry : dram->statistics("dram")) {
      if (entry.name == name) return entry.value;
    }
    ADD_FAILURE() << name;
    return 0;
  }

  GlobalBuffer buffer{"buffer", test::gigahertz_config()};
  MemoryPort port{"port", test::gigahertz_config(), buffer};
  test::TestInitiator hart{"hart"};
  std::unique_ptr<SimpleDram> dram;
  test::Scripts scripts;
};

// 48 for all: fetch takes its 8 and is through at 100, the core takes its 16 and is through at 150, DMA gets what is
// left: 24 until 100, 32 until 150, then 48 for the last 1920 of its 2400 + 1600 + 1920 bytes.
TEST_F(Contention, WhoCannotTakeAnEqualShareLeavesItToTheOthers) {
  build(48);
  stream(Requester::kFetch, 800, 8, 0, 100);
  stream(Requester::kMatrix, 2400, 16, 0, 150);
  stream(Requester::kDma, 5920, 0, 0, 190);
  scripts.run();
}

// The port's 64 are less than the memory's 100: 32 each until 100, then 64 for the last 3200 bytes.
TEST_F(Contention, ThePortIsSharedLikeTheMemory) {
  build(100);
  stream(Requester::kFetch, 3200, 0, 0, 100);
  stream(Requester::kDma, 6400, 0, 0, 150);
  scripts.run();
}

// Alone at 30 until 40, thirds of 10 until 100, halves of 15 until 140, and the last 600 bytes at 30.
TEST_F(Contention, SharesChangeWhenAStreamComesOrGoes) {
  build(30);
  stream(Requester::kDma, 1200 + 600 + 600 + 600, 0, 0, 160);
  stream(Requester::kMatrix, 600, 0, 40, 100);
  stream(Requester::kVector, 600 + 600, 0, 40, 140);
  scripts.run();
}

// 20 ns of latency, then half of the memory: 64 bytes in 128 ns, 32 in 64. The stream's 1000 take 96 ns longer.
TEST_F(Contention, CommandFetchAndRecordsShareTheMemoryWithStreams) {
  build(1, 20);
  stream(Requester::kDma, 1000, 0, 0, 20 + 1000 + 64 + 32);
  scripts.add("fetch", [this] {
    sc_core::wait(100, SC_NS);
    std::array<unsigned char, 64> command{};
    EXPECT_TRUE(port.timed(Requester::kFetch).read(0x100, command.data(), command.size()));
    EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::sc_time(100 + 20 + 128, SC_NS));
    EXPECT_TRUE(port.timed(Requester::kRecords).write(0x200, command.data(), 32));
    EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::sc_time(248 + 20 + 64, SC_NS));
  });
  scripts.run();
  EXPECT_EQ(statistic("dram.fetch.read_bytes"), 64U);
  EXPECT_EQ(statistic("dram.records.write_bytes"), 32U);
  EXPECT_EQ(statistic("dram.fetch.access_latency"), 1U);
  EXPECT_EQ(statistic("dram.records.access_latency"), 1U);
  EXPECT_EQ(statistic("dram.other.read_bytes"), 0U);
  EXPECT_EQ(statistic("dram.dma.stream_latency"), 1U);
}

// The memory has room for all (1000), the port has not: its 64 are shared by two streams and the bursts of 256 and 44
// bytes, 12 and 2.0625 ns at a third. The streams' 3200 each take 100 ns and 300 / 64 = 4.6875 ns more.
TEST_F(Contention, OrdinaryAccessesShareThePort) {
  build(1000);
  const auto streamed = [this] {
    MemoryPort::StreamRequest request;
    request.view.format = DIXION_FORMAT_INT8;
    request.view.rank = 1;
    request.view.extent[0] = 3200;
    request.view.stride[0] = 1;
    EXPECT_TRUE(port.stream(request));
    EXPECT_EQ(ticks_now(), 104'688U);
  };
  scripts.add("a", streamed);
  scripts.add("b", streamed);
  scripts.add("fetch", [this] {
    sc_core::wait(10, SC_NS);
    std::array<unsigned char, 300> list{};
    EXPECT_TRUE(port.timed(Requester::kFetch).read(0x100, list.data(), list.size()));
    EXPECT_EQ(ticks_now(), 10'000U + 12'000 + 2'063);
  });
  scripts.run();
}

TEST_F(Contention, LatenciesAreThoseUnderContention) {
  build(1);
  stream(Requester::kDma, 100, 0, 0, 200);
  stream(Requester::kMatrix, 100, 0, 0, 200);
  scripts.run();
  for (const Statistic& each : dram->statistics("dram")) {
    if (each.name != "dram.dma.stream_latency") continue;
    ASSERT_EQ(each.buckets.size(), 1U);
    EXPECT_EQ(each.buckets[0].below, 256U);  // 200, not the 100 ns it would have taken alone
  }
}

}  // namespace
}  // namespace dixion
