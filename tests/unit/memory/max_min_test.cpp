// SPDX-License-Identifier: Apache-2.0
#include "models/interconnect/max_min.h"

#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "models/common/check.h"

namespace dixion {
namespace {

constexpr Ticks kPicoseconds = 1'000'000'000'000;
constexpr std::uint64_t kOneBytePerNs = 1'000'000'000;

struct Arrival {
  Ticks at;  // ps
  std::uint64_t bytes;
  std::uint64_t limit = 0;  // bytes/s
};

/// Runs all streams to their end, as a resource does: from event to event. Returns each one's finish in ps.
std::vector<Ticks> finishes(std::uint64_t bytes_per_second, const std::vector<Arrival>& arrivals) {
  MaxMin sharing(bytes_per_second, kPicoseconds);
  std::vector<Ticks> finish(arrivals.size());
  std::map<std::size_t, MaxMin::StreamId> present;
  std::size_t next = 0;
  while (next < arrivals.size() || !present.empty()) {
    const auto departure = sharing.next_finish();
    if (next < arrivals.size() && (!departure || arrivals[next].at <= *departure)) {
      present[next] = sharing.add(arrivals[next].at, arrivals[next].bytes, arrivals[next].limit);
      ++next;
      continue;
    }
    sharing.advance(*departure);
    for (auto stream = present.begin(); stream != present.end();) {
      if (!sharing.done(stream->second)) {
        ++stream;
        continue;
      }
      finish[stream->first] = *departure;
      sharing.remove(*departure, stream->second);
      stream = present.erase(stream);
    }
  }
  return finish;
}

TEST(MaxMin, OneStreamTakesBytesOverBandwidth) {
  EXPECT_EQ(finishes(kOneBytePerNs, {{0, 100}}), std::vector<Ticks>{100'000});
  // 7 bytes at 3 GB/s: 2333.33... ps, rounded up.
  EXPECT_EQ(finishes(3 * kOneBytePerNs, {{500, 7}}), std::vector<Ticks>{2834});
}

TEST(MaxMin, TwoStreamsThatStartTogetherEachGetHalf) {
  EXPECT_EQ(finishes(kOneBytePerNs, {{0, 100}, {0, 100}}), (std::vector<Ticks>{200'000, 200'000}));
}

// A alone for 50 ns (50 bytes), both at half speed for 50 / 0.5 = 100 ns, then B alone with 50 bytes left.
TEST(MaxMin, LateStreamSharesWhatIsLeft) {
  EXPECT_EQ(finishes(kOneBytePerNs, {{0, 100}, {50'000, 100}}), (std::vector<Ticks>{150'000, 200'000}));
}

// 100, 200, 300 bytes from 0: thirds until 300 ns, halves until 500 ns, the last alone until 600 ns.
TEST(MaxMin, ThreeStreamsLeaveOneAfterTheOther) {
  EXPECT_EQ(finishes(kOneBytePerNs, {{0, 100}, {0, 200}, {0, 300}}), (std::vector<Ticks>{300'000, 500'000, 600'000}));
}

// The first can take a quarter only; the other has the three quarters left.
TEST(MaxMin, BandwidthAStreamCannotTakeGoesToTheOthers) {
  EXPECT_EQ(finishes(kOneBytePerNs, {{0, 100, kOneBytePerNs / 4}, {0, 300}}), (std::vector<Ticks>{400'000, 400'000}));
}

// Limits 0.1 and 0.4, one free: shares 0.1, 0.4, 0.5. The free one ends at 100 ns; then 0.4 is still the limit.
TEST(MaxMin, SeveralLimitsFillUpFromTheLowest) {
  EXPECT_EQ(finishes(kOneBytePerNs, {{0, 20, kOneBytePerNs / 10}, {0, 80, kOneBytePerNs * 4 / 10}, {0, 50}}),
            (std::vector<Ticks>{200'000, 200'000, 100'000}));
}

TEST(MaxMin, LimitAboveTheResourceIsNone) {
  EXPECT_EQ(finishes(kOneBytePerNs, {{0, 100, 5 * kOneBytePerNs}}), std::vector<Ticks>{100'000});
}

TEST(MaxMin, EmptyStreamIsDoneAtOnce) {
  MaxMin sharing(kOneBytePerNs, kPicoseconds);
  EXPECT_TRUE(sharing.done(sharing.add(10, 0)));
  EXPECT_FALSE(sharing.next_finish().has_value());
}

TEST(MaxMin, StreamIsDoneAtItsFinishAndNotOneTickEarlier) {
  MaxMin sharing(3 * kOneBytePerNs, kPicoseconds);
  const auto id = sharing.add(0, 7);
  ASSERT_EQ(sharing.next_finish(), Ticks{2334});
  sharing.advance(2333);
  EXPECT_FALSE(sharing.done(id));
  sharing.advance(2334);
  EXPECT_TRUE(sharing.done(id));
}

TEST(MaxMin, StreamThatIsTakenAwayGivesItsShareBack) {
  MaxMin sharing(kOneBytePerNs, kPicoseconds);
  const auto killed = sharing.add(0, 1000);
  const auto other = sharing.add(0, 100);
  EXPECT_EQ(sharing.share(other), kOneBytePerNs / 2);
  sharing.remove(100'000, killed);  // the other has 50 bytes left
  EXPECT_EQ(sharing.share(other), kOneBytePerNs);
  EXPECT_EQ(sharing.next_finish(), Ticks{150'000});
}

TEST(MaxMin, OrderOfArrivalAtOneTimeDoesNotMatter) {
  const std::vector<Ticks> there = finishes(7'000'000'001, {{0, 1000, 900'000'000}, {0, 1234}, {0, 77}});
  const std::vector<Ticks> back = finishes(7'000'000'001, {{0, 77}, {0, 1234}, {0, 1000, 900'000'000}});
  EXPECT_EQ(there, (std::vector<Ticks>{back[2], back[1], back[0]}));
}

// Up to 16 equal streams the share is exact: no tick is lost.
TEST(MaxMin, SixteenEqualStreamsEndExactlyTogether) {
  for (std::size_t count = 1; count <= 16; ++count) {
    const std::vector<Ticks> all = finishes(kOneBytePerNs, std::vector<Arrival>(count, {0, 1'000'000}));
    EXPECT_EQ(all, std::vector<Ticks>(count, count * 1'000'000'000)) << count << " streams";
  }
}

TEST(MaxMin, StreamsOfTebibytesDoNotOverflow) {
  EXPECT_EQ(finishes(kOneBytePerNs, {{0, std::uint64_t{1} << 40}}),
            std::vector<Ticks>{(std::uint64_t{1} << 40) * 1000});
}

TEST(MaxMin, TimeThatRunsBackwardsIsADefect) {
  MaxMin sharing(kOneBytePerNs, kPicoseconds);
  sharing.advance(10);
  EXPECT_THROW(sharing.advance(9), DefectError);
  EXPECT_THROW(MaxMin(0, kPicoseconds), DefectError);
}

}  // namespace
}  // namespace dixion
