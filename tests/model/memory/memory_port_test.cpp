// SPDX-License-Identifier: Apache-2.0
#include "models/interconnect/memory_port.h"

#include <numeric>

#include "models/memory/global_buffer.h"
#include "platform/dram/simple_dram.h"
#include "tests/model/memory/bench.h"
#include "tests/support/simple_tlm_memory.h"

namespace dixion {
namespace {

using sc_core::SC_NS;
using sc_core::sc_time;
using test::SimpleTlmMemory;

TensorView bytes_view(std::uint64_t address, std::uint32_t rows, std::uint32_t columns, std::uint64_t stride) {
  TensorView view;
  view.address = address;
  view.format = DIXION_FORMAT_INT8;
  view.rank = 2;
  view.extent = {rows, columns};
  view.stride = {stride, 1};
  return view;
}

struct PortBench {
  template <typename Memory>
  explicit PortBench(Memory& memory, const AcceleratorConfig& shape = test::gigahertz_config())
      : buffer("buffer", shape), port("port", shape, buffer), checker("checker") {
    port.memory.bind(checker.in);
    checker.out.bind(memory.port);
    hart.socket.bind(buffer.aperture);
  }
  bool stream(const TensorView& view, bool write = false, std::uint32_t passes = 1, bool back_to_back = false) {
    MemoryPort::StreamRequest request;
    request.view = view;
    request.write = write;
    request.passes = passes;
    request.back_to_back = back_to_back;
    request.requester = Requester::kMatrix;
    return port.stream(request);
  }
  void run(const std::function<void()>& script) {
    scripts.add("script", script);
    scripts.run();
    for (const std::string& violation : checker.violations()) ADD_FAILURE() << violation;
  }

  GlobalBuffer buffer;
  MemoryPort port;
  test::TlmProtocolChecker checker;
  test::TestInitiator hart{"hart"};
  test::Scripts scripts;
};

/// DRAM of 1 byte per ns after 100 ns.
struct StreamRoute : public testing::Test {
  SimpleDram dram{"dram", {.capacity_bytes = 1 << 20, .bytes_per_second = 1'000'000'000, .latency_ps = 100'000}};
  PortBench bench{dram};
};

TEST_F(StreamRoute, BytesMoveInNoTime) {
  bench.run([this] {
    std::uint64_t value = 0x0102030405060708;
    EXPECT_TRUE(bench.port.bytes().write(0x123, &value, 8));
    std::uint64_t back = 0;
    EXPECT_TRUE(bench.port.bytes().read(0x123, &back, 8));
    EXPECT_EQ(back, value);
    EXPECT_EQ(ticks_now(), 0U);
  });
  EXPECT_EQ(dram.data()[0x123], 8);
}

TEST_F(StreamRoute, StreamTakesLatencyAndBandwidthAndMovesNothing) {
  dram.data()[0] = 1;
  bench.run([this] {
    EXPECT_TRUE(bench.stream(bytes_view(0, 10, 100, 1000)));
    EXPECT_EQ(ticks_now(), 1'100'000U);
    EXPECT_TRUE(bench.stream(bytes_view(0, 10, 100, 1000), true, 1, true));
    EXPECT_EQ(ticks_now(), 2'100'000U);
    EXPECT_TRUE(bench.stream(bytes_view(0, 1, 100, 0), false, 3, true));
    EXPECT_EQ(ticks_now(), 2'400'000U);
  });
  EXPECT_EQ(dram.data()[0], 1);
  EXPECT_EQ(bench.checker.transactions(), 4U);  // one probe, three streams
}

// Two streams of 500 bytes meet from 100 ns on and share: 100 + 1000 ns both.
TEST_F(StreamRoute, TwoStreamsShareTheMemory) {
  Ticks other = 0;
  bench.scripts.add("other", [&] {
    EXPECT_TRUE(bench.stream(bytes_view(0, 1, 500, 0)));
    other = ticks_now();
  });
  bench.run([this] {
    EXPECT_TRUE(bench.stream(bytes_view(0x1000, 1, 500, 0)));
    EXPECT_EQ(ticks_now(), 1'100'000U);
  });
  EXPECT_EQ(other, 1'100'000U);
}

TEST_F(StreamRoute, FirstByteLatencyIsTheTargets) {
  bench.run([this] {
    EXPECT_EQ(bench.port.first_byte_latency(bytes_view(0, 1, 8, 0), false), sc_time(100, SC_NS));
    EXPECT_EQ(bench.port.first_byte_latency(bytes_view(DIXION_GLOBAL_BUFFER_BASE, 1, 8, 0), false), sc_time(3, SC_NS));
  });
}

TEST_F(StreamRoute, BeyondTheEndIsABusError) {
  bench.run([this] {
    unsigned char byte = 0;
    EXPECT_TRUE(bench.port.bytes().read((1 << 20) - 1, &byte, 1));
    EXPECT_FALSE(bench.port.bytes().read(1 << 20, &byte, 1));
    EXPECT_FALSE(bench.port.bytes().write((1 << 20) - 1, "ab", 2));
    EXPECT_FALSE(bench.port.timed().read(1 << 20, &byte, 1));
  });
}

TEST_F(StreamRoute, TimedAccessTakesTheTargetsTime) {
  bench.run([this] {
    std::array<unsigned char, 64> record{};
    record[63] = 5;
    EXPECT_TRUE(bench.port.timed().write(0x40, record.data(), 64));
    EXPECT_EQ(ticks_now(), 164'000U);
    EXPECT_TRUE(bench.port.timed().read(0x40, record.data(), 64));
    EXPECT_EQ(ticks_now(), 328'000U);
  });
  EXPECT_EQ(dram.data()[0x7f], 5);
}

TEST_F(StreamRoute, ContainsKnowsBothEnds) {
  bench.run([this] {
    TimedMemory& memory = bench.port.timed();
    EXPECT_TRUE(memory.contains(0, 1 << 20));
    EXPECT_FALSE(memory.contains(0, (1 << 20) + 1));
    EXPECT_FALSE(memory.contains(1 << 20, 1));
    EXPECT_FALSE(memory.contains(~std::uint64_t{0}, 2));
    EXPECT_TRUE(memory.contains(DIXION_GLOBAL_BUFFER_BASE, 64 * 1024));
    EXPECT_FALSE(memory.contains(DIXION_GLOBAL_BUFFER_BASE, 64 * 1024 + 1));
    EXPECT_EQ(ticks_now(), 0U);
  });
}

TEST_F(StreamRoute, GlobalBufferIsReachedByAddress) {
  bench.run([this] {
    const std::uint64_t base = DIXION_GLOBAL_BUFFER_BASE + 0x100;
    std::uint64_t value = 99;
    EXPECT_TRUE(bench.port.bytes().write(base, &value, 8));
    EXPECT_TRUE(bench.stream(bytes_view(base, 1, 5120, 0)));
    EXPECT_EQ(ticks_now(), 3'000U + 10'000U);
    EXPECT_TRUE(bench.port.timed().read(base, &value, 8));
    EXPECT_EQ(value, 99U);
    EXPECT_FALSE(bench.stream(bytes_view(DIXION_GLOBAL_BUFFER_BASE, 1, 64 * 1024 + 1, 0)));
    EXPECT_FALSE(bench.port.bytes().read(DIXION_GLOBAL_BUFFER_BASE + 64 * 1024, &value, 1));
  });
  EXPECT_EQ(bench.checker.transactions(), 0U);
}

// Memory gives 1000 bytes per ns, the port 64: two streams of 6400 bytes share the port.
TEST(MemoryPort, PortWidthLimitsAllStreamsTogether) {
  SimpleDram dram("dram", {.capacity_bytes = 1 << 20, .bytes_per_second = 1'000'000'000'000, .latency_ps = 0});
  PortBench bench(dram);
  bench.scripts.add("other", [&] { EXPECT_TRUE(bench.stream(bytes_view(0, 1, 6400, 0))); });
  bench.run([&] {
    EXPECT_TRUE(bench.stream(bytes_view(0, 1, 6400, 0)));
    EXPECT_EQ(ticks_now(), 200'000U);
  });
}

/// Someone else's memory, 10 ns per access: knows no streams.
struct BurstRoute : public testing::TestWithParam<bool> {
  SimpleTlmMemory memory{"memory", {.latency = sc_time(10, SC_NS), .grant_dmi = GetParam()}};
  PortBench bench{memory};
};

TEST_P(BurstRoute, BytesTakeTheirTimeInBurstsThatDoNotCrossBoundaries) {
  bench.run([this] {
    std::vector<unsigned char> data(600);
    std::iota(data.begin(), data.end(), static_cast<unsigned char>(0));
    EXPECT_TRUE(bench.port.bytes().write(0x80, data.data(), data.size()));  // 128, 256, 216
    EXPECT_EQ(ticks_now(), 30'000U);
    std::vector<unsigned char> back(600);
    EXPECT_TRUE(bench.port.bytes().read(0x80, back.data(), back.size()));
    EXPECT_EQ(ticks_now(), 60'000U);
    EXPECT_EQ(back, data);
  });
  EXPECT_EQ(memory.writes(), 3U);
}

TEST_P(BurstRoute, StreamIsNotChargedAgainButForFurtherPasses) {
  bench.run([this] {
    EXPECT_TRUE(bench.stream(bytes_view(0, 1, 512, 0)));
    EXPECT_TRUE(bench.stream(bytes_view(0, 1, 512, 0), true));
    EXPECT_EQ(ticks_now(), 0U);
    EXPECT_TRUE(bench.stream(bytes_view(0, 1, 512, 0), false, 3));
    EXPECT_EQ(ticks_now(), 40'000U);
    EXPECT_EQ(bench.port.first_byte_latency(bytes_view(0, 1, 8, 0), false), sc_core::SC_ZERO_TIME);
  });
  EXPECT_EQ(memory.writes(), 0U);
}

TEST_P(BurstRoute, NothingIsOverwrittenByAsking) {
  memory.data()[0] = 0xaa;
  memory.data()[7] = 0xbb;
  bench.run([this] { EXPECT_TRUE(bench.stream(bytes_view(0, 1, 512, 0), true)); });
  EXPECT_EQ(memory.data()[0], 0xaa);
  EXPECT_EQ(memory.data()[7], 0xbb);
}

TEST_P(BurstRoute, ContainsAsksByDebugAccess) {
  bench.run([this] {
    EXPECT_TRUE(bench.port.timed().contains(0, 1 << 20));
    EXPECT_FALSE(bench.port.timed().contains(0, (1 << 20) + 1));
    EXPECT_EQ(ticks_now(), 0U);
  });
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutDmi, BurstRoute, testing::Bool());

TEST(MemoryPort, ErrorResponseIsReported) {
  SimpleTlmMemory memory("memory", {.grant_dmi = false, .error_start = 0x100, .error_end = 0x101});
  PortBench bench(memory);
  bench.run([&] {
    unsigned char byte = 0;
    EXPECT_TRUE(bench.port.bytes().read(0xff, &byte, 1));
    EXPECT_FALSE(bench.port.bytes().read(0x100, &byte, 1));
    EXPECT_FALSE(bench.port.timed().write(0x100, &byte, 1));
  });
}

/// Grants DMI to one of two banks of bytes and can switch. Notes the last stream's shape.
class SwitchingMemory final : public sc_core::sc_module {
 public:
  explicit SwitchingMemory(const sc_core::sc_module_name& name) : sc_module(name) {
    port.register_b_transport(this, &SwitchingMemory::b_transport);
    port.register_transport_dbg(this, &SwitchingMemory::transport_dbg);
    port.register_get_direct_mem_ptr(this, &SwitchingMemory::get_direct_mem_ptr);
  }
  tlm_utils::simple_target_socket<SwitchingMemory, 64> port{"port"};
  void remap() {
    current = 1 - current;
    port->invalidate_direct_mem_ptr(0, 0xff);
  }
  std::array<std::array<unsigned char, 256>, 2> banks{};
  unsigned current = 0;
  StreamShape shape;

 private:
  void b_transport(tlm::tlm_generic_payload& txn, sc_time&) {
    if (txn.is_read()) std::memcpy(txn.get_data_ptr(), &banks[current][txn.get_address()], txn.get_data_length());
    if (auto* extension = txn.get_extension<StreamExtension>()) {
      extension->acknowledged = true;
      shape = extension->shape;
    }
    txn.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  unsigned transport_dbg(tlm::tlm_generic_payload&) { return 0; }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
    dmi.set_dmi_ptr(banks[current].data());
    dmi.set_end_address(0xff);
    dmi.allow_read_write();
    return true;
  }
};

TEST(MemoryPort, InvalidatedPointerIsNotUsedAgain) {
  SwitchingMemory memory("memory");
  memory.banks[0][3] = 10;
  memory.banks[1][3] = 20;
  PortBench bench(memory);
  bench.run([&] {
    unsigned char byte = 0;
    EXPECT_TRUE(bench.port.bytes().read(3, &byte, 1));
    EXPECT_EQ(byte, 10);
    memory.remap();
    EXPECT_TRUE(bench.port.bytes().read(3, &byte, 1));
    EXPECT_EQ(byte, 20);
  });
}

// Two heads of 16 bytes, side by side in rows of 64.
TEST(MemoryPort, AsksForHeadsInTheOrderOfAddresses) {
  SwitchingMemory memory("memory");
  PortBench bench(memory);
  TensorView heads = bytes_view(0, 3, 16, 64);
  heads.rank = 3;
  heads.extent = {2, 3, 16};
  heads.stride = {16, 64, 1};
  bench.run([&] { EXPECT_TRUE(bench.stream(heads)); });
  EXPECT_EQ(memory.shape.run_bytes, 32U);
  ASSERT_EQ(memory.shape.rank, 1U);
  EXPECT_EQ(memory.shape.count[0], 3U);
  EXPECT_EQ(memory.shape.stride[0], 64U);
}

}  // namespace
}  // namespace dixion
