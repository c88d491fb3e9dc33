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

// Alone it takes bytes over bandwidth, rounded up, whenever it begins.
TEST(MaxMinAccess, AloneTakesBytesOverBandwidth) {
  MaxMin sharing(3 * kOneBytePerNs, kPicoseconds);
  EXPECT_EQ(sharing.access(500, 500, 7), 500U + 2334);
  EXPECT_EQ(sharing.access(10'000, 20'000, 7), 20'000U + 2334);
  EXPECT_FALSE(sharing.next_finish().has_value());
}

// The stream is alone for 20 ns, shares for 20 ns until the access has its 10 bytes, and has 70 left then.
TEST(MaxMinAccess, SharesWithAStreamAndTakesItsBytesFromIt) {
  MaxMin sharing(kOneBytePerNs, kPicoseconds);
  const auto stream = sharing.add(0, 100);
  EXPECT_EQ(sharing.access(0, 20'000, 10), 40'000U);
  EXPECT_EQ(sharing.next_finish(), Ticks{110'000});
  sharing.advance(109'999);
  EXPECT_FALSE(sharing.done(stream));
  sharing.advance(110'000);
  EXPECT_TRUE(sharing.done(stream));
}

// Two streams: thirds. 10 bytes take 30 ns; the limited stream leaves its rest to both others.
TEST(MaxMinAccess, GetsTheShareThatMaxMinGivesIt) {
  MaxMin thirds(kOneBytePerNs, kPicoseconds);
  (void)thirds.add(0, 1000);
  (void)thirds.add(0, 1000);
  EXPECT_EQ(thirds.access(0, 0, 10), 30'000U);
  MaxMin limited(kOneBytePerNs, kPicoseconds);
  (void)limited.add(0, 1000, kOneBytePerNs / 5);
  (void)limited.add(0, 1000);
  EXPECT_EQ(limited.access(0, 0, 10), 25'000U);  // two fifths
}

// Two accesses share from 50 ns on: 5 bytes each in 10 ns; the first is through, the second has 5 left, alone.
TEST(MaxMinAccess, AccessesShareWithEachOther) {
  MaxMin sharing(kOneBytePerNs, kPicoseconds);
  EXPECT_EQ(sharing.access(0, 45'000, 10), 55'000U);
  EXPECT_EQ(sharing.access(0, 50'000, 10), 65'000U);
}

// The stream ends 10 ns after the access came (each has 5 bytes more): the access has its last 5 bytes alone.
TEST(MaxMinAccess, SeesAStreamThatEndsMeanwhile) {
  MaxMin sharing(kOneBytePerNs, kPicoseconds);
  (void)sharing.add(0, 100);
  EXPECT_EQ(sharing.access(0, 95'000, 10), 110'000U);
}

// A stream that is announced for 10 ns is known to an access from 0 on: 10 bytes alone, 10 at half speed, until 30 ns.
TEST(MaxMinAccess, SeesAStreamThatIsOnItsWay) {
  MaxMin sharing(kOneBytePerNs, kPicoseconds);
  const auto stream = sharing.add(0, 100, 0, 10'000);
  EXPECT_EQ(sharing.share(stream), 0U);
  EXPECT_EQ(sharing.next_finish(), Ticks{110'000});
  EXPECT_EQ(sharing.access(0, 0, 20), 30'000U);
  EXPECT_EQ(sharing.next_finish(), Ticks{120'000});
  sharing.remove(5'000, stream);  // it never comes
  EXPECT_FALSE(sharing.next_finish().has_value());
}

// What comes later shares with it, though the access was told an earlier finish: no byte is given twice.
TEST(MaxMinAccess, LateStreamSharesWithItAndMovesNotWhatItWasTold) {
  MaxMin sharing(kOneBytePerNs, kPicoseconds);
  EXPECT_EQ(sharing.access(0, 0, 100), 100'000U);
  (void)sharing.add(50'000, 100);
  EXPECT_EQ(sharing.next_finish(), Ticks{200'000});  // 50 until both have 50 more, then the stream's last 50
}

// However accesses fall, bandwidth is used to the last byte: 1,000 bytes of a stream and 40 accesses of 8.
TEST(MaxMinAccess, NoBandwidthIsLost) {
  MaxMin sharing(kOneBytePerNs, kPicoseconds);
  (void)sharing.add(0, 1000);
  for (Ticks i = 0; i < 40; ++i) EXPECT_GE(sharing.access(i * 20'000, i * 20'000 + 7'000, 8), i * 20'000 + 23'000);
  EXPECT_EQ(sharing.next_finish(), Ticks{1'320'000});
}

TEST(MaxMin, TimeThatRunsBackwardsIsADefect) {
  MaxMin sharing(kOneBytePerNs, kPicoseconds);
  sharing.advance(10);
  EXPECT_THROW(sharing.advance(9), DefectError);
  EXPECT_THROW(MaxMin(0, kPicoseconds), DefectError);
  EXPECT_THROW((void)sharing.access(20, 19, 1), DefectError);
}

}  // namespace
}  // namespace dixion
