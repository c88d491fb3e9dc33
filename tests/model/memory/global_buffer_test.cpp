// SPDX-License-Identifier: Apache-2.0
#include "models/memory/global_buffer.h"

#include "tests/model/memory/bench.h"

namespace dixion {
namespace {

/// 1 GHz, 16 banks of 32 bytes: 512 bytes per ns.
AcceleratorConfig banked_config() {
  AcceleratorConfig result;
  result.clock_hz = 1'000'000'000;
  result.global_buffer_bytes = 64 * 1024;
  result.global_buffer_banks = 16;
  result.global_buffer_word_bytes = 32;
  return result;
}

struct GlobalBufferTest : public testing::Test {
  GlobalBufferTest() {
    hart.socket.bind(checker.in);
    checker.out.bind(buffer.aperture);
  }
  test::TestInitiator hart{"hart"};
  test::TlmProtocolChecker checker{"checker"};
  GlobalBuffer buffer{"buffer", banked_config()};
  test::Scripts scripts;
};

TEST_F(GlobalBufferTest, ApertureReadsAndWritesWithLatency) {
  scripts.add("hart", [this] {
    std::uint64_t value = 0x1122334455667788;
    const auto written = hart.write(0x100, &value, 8);
    EXPECT_EQ(written.response, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(written.delay, sc_core::sc_time(3, sc_core::SC_NS));
    std::uint64_t back = 0;
    EXPECT_EQ(hart.read(0x100, &back, 8).response, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(back, value);
    EXPECT_EQ(hart.read(0x10000, &back, 1).response, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(hart.read(0xfffc, &back, 8).response, tlm::TLM_ADDRESS_ERROR_RESPONSE);
  });
  scripts.run();
  test::expect_clean(checker);
}

TEST_F(GlobalBufferTest, DmiAndDebugSeeTheSameBytes) {
  tlm::tlm_dmi dmi;
  ASSERT_TRUE(hart.dmi(0x40, dmi));
  EXPECT_EQ(dmi.get_end_address(), 0xffffU);
  dmi.get_dmi_ptr()[0x40] = 9;
  unsigned char byte = 0;
  EXPECT_EQ(hart.debug(tlm::TLM_READ_COMMAND, 0x40, &byte, 1), 1U);
  EXPECT_EQ(byte, 9);
  // The last byte is there, the one behind it is not.
  unsigned char two[2] = {};
  EXPECT_EQ(hart.debug(tlm::TLM_READ_COMMAND, 0xffff, two, 2), 1U);
}

// 5120 bytes at 512 per ns. The strided stream's 64 words all lie in bank 0: one word per ns.
TEST_F(GlobalBufferTest, BankConflictsSlowAStreamDown) {
  StreamShape dense;
  dense.run_bytes = 5120;
  StreamShape strided;
  strided.run_bytes = 32;
  strided.rank = 1;
  strided.count[0] = 64;
  strided.stride[0] = 512;
  scripts.add("engine", [&] {
    buffer.stream(0, dense, 1, false, 0);
    EXPECT_EQ(ticks_now(), 10'000U);
    buffer.stream(0, strided, 2, true, 0);
    EXPECT_EQ(ticks_now(), 10'000U + 2 * 64'000U);
  });
  scripts.run();
  const StatisticsList list = buffer.statistics("b");
  EXPECT_EQ(list[0].value, 5120U);
  EXPECT_EQ(list[1].value, 2 * 2048U);
  EXPECT_EQ(list[2].value, 2 * 60U);
}

}  // namespace
}  // namespace dixion
