// SPDX-License-Identifier: Apache-2.0
#include "models/interconnect/shared_resource.h"

#include "tests/model/memory/bench.h"

namespace dixion {
namespace {

using sc_core::SC_NS;
using sc_core::sc_time;

constexpr std::uint64_t kOneBytePerNs = 1'000'000'000;

struct Fixture : public testing::Test {
  /// A thread that waits, moves bytes, and notes when it was through.
  void stream(double start_ns, std::uint64_t bytes, Ticks& end, std::uint64_t limit = 0) {
    scripts.add("stream", [this, start_ns, bytes, limit, &end] {
      sc_core::wait(start_ns, SC_NS);
      resource.transfer(bytes, limit);
      end = ticks_now();
    });
  }

  SharedResource resource{kOneBytePerNs};
  test::Scripts scripts;
  Ticks a = 0, b = 0, c = 0;
};

using SharedResourceTest = Fixture;

// A alone for 50 ns; both at half speed for 100 ns; B alone for its last 50 bytes.
TEST_F(SharedResourceTest, LateStreamSlowsTheEarlierOne) {
  stream(0, 100, a);
  stream(50, 100, b);
  scripts.run();
  EXPECT_EQ(a, 150'000U);
  EXPECT_EQ(b, 200'000U);
}

TEST_F(SharedResourceTest, EarlyDepartureSpeedsUpTheOthers) {
  stream(0, 300, a);
  stream(0, 200, b);
  stream(0, 100, c);
  scripts.run();
  EXPECT_EQ(c, 300'000U);
  EXPECT_EQ(b, 500'000U);
  EXPECT_EQ(a, 600'000U);
}

TEST_F(SharedResourceTest, StreamsApartDoNotMeet) {
  stream(0, 100, a);
  stream(100, 100, b);
  scripts.run();
  EXPECT_EQ(a, 100'000U);
  EXPECT_EQ(b, 200'000U);
}

TEST_F(SharedResourceTest, LimitedStreamLeavesTheRest) {
  stream(0, 100, a, kOneBytePerNs / 4);
  stream(0, 300, b);
  scripts.run();
  EXPECT_EQ(a, 400'000U);
  EXPECT_EQ(b, 400'000U);
}

TEST_F(SharedResourceTest, NothingTakesNoTime) {
  stream(7, 0, a);
  scripts.run();
  EXPECT_EQ(a, 7'000U);
}

// The killed stream held half from 0 to 50 ns: 25 bytes of the other are through, 75 follow at full speed.
TEST_F(SharedResourceTest, KilledStreamGivesItsShareBack) {
  sc_core::sc_process_handle victim;
  victim = sc_core::sc_spawn([this] { resource.transfer(1'000'000); });
  stream(0, 100, a);
  scripts.add("killer", [&] {
    sc_core::wait(50, SC_NS);
    victim.kill();
  });
  scripts.run();
  EXPECT_EQ(a, 125'000U);
}

// Bytes 1 to 20 alone, then half until the access has its 30, then the stream's last 50; nobody is woken for the
// access.
TEST_F(SharedResourceTest, AccessTakesItsShareFromAStream) {
  stream(0, 100, a);
  scripts.add("access", [this] {
    sc_core::wait(10, SC_NS);
    EXPECT_EQ(resource.access(20'000, 30), 80'000U);
  });
  scripts.run();
  EXPECT_EQ(a, 130'000U);
}

// The other one is through at 200 ns while nobody waits for it; the waiting one must still be woken.
TEST_F(SharedResourceTest, StreamNobodyWaitsForDoesNotHoldUpTheRest) {
  scripts.add("forgetful", [this] {
    SharedResource::Stream unattended(resource, 100, 0);
    sc_core::wait(10, sc_core::SC_US);
    unattended.wait_done();
    b = ticks_now();
  });
  stream(0, 200, a);
  scripts.run();
  EXPECT_EQ(a, 300'000U);
  EXPECT_EQ(b, 10'000'000U);
}

}  // namespace
}  // namespace dixion
