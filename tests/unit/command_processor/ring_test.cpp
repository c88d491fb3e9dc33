// SPDX-License-Identifier: Apache-2.0
#include "models/command_processor/ring.h"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "models/command_processor/completion_queue.h"
#include "models/command_processor/descriptor_cache.h"
#include "models/command_processor/interrupt_controller.h"
#include "models/command_processor/performance_counters.h"
#include "models/command_processor/semaphores.h"

namespace dixion {
namespace {

TEST(RingSize, IsAPowerOfTwoFrom8To65536) {
  for (const std::uint64_t good : {8, 16, 32768, 65536}) EXPECT_TRUE(is_ring_size(good)) << good;
  for (const std::uint64_t bad : {0, 1, 4, 7, 9, 12, 65535, 131072}) EXPECT_FALSE(is_ring_size(bad)) << bad;
}

TEST(Ring, HoldsAsManyCommandsAsItHasSlots) {
  Ring ring;
  ring.place(0x1000, 8);
  EXPECT_FALSE(ring.publish(9));
  EXPECT_EQ(ring.available(), 0U);
  EXPECT_TRUE(ring.publish(8));
  ring.advance(1);
  EXPECT_FALSE(ring.publish(10));
  EXPECT_TRUE(ring.publish(9));
}

TEST(Ring, TakesNothingBack) {
  Ring ring;
  ring.place(0x1000, 8);
  ASSERT_TRUE(ring.publish(5));
  EXPECT_FALSE(ring.publish(4));
  EXPECT_TRUE(ring.publish(5));
}

TEST(Ring, FetchesUpToItsEndAndGoesOnAtItsBase) {
  Ring ring;
  ring.place(0x1000, 8);
  ASSERT_TRUE(ring.publish(6));
  ring.advance(6);
  ASSERT_TRUE(ring.publish(11));
  EXPECT_EQ(ring.head_address(), 0x1000U + 6 * 64);
  EXPECT_EQ(ring.contiguous(16), 2U);
  EXPECT_EQ(ring.contiguous(1), 1U);
  ring.advance(2);
  EXPECT_EQ(ring.head_address(), 0x1000U);
  EXPECT_EQ(ring.contiguous(16), 3U);
}

TEST(Ring, IndicesWrapAroundAfter32Bits) {
  Ring ring;
  ring.place(0x1000, 65536);
  for (std::uint32_t tail = 65536; ring.head() != 0xffff0000; tail += 65536) {
    ASSERT_TRUE(ring.publish(tail));
    ring.advance(ring.contiguous(65536));
  }
  ASSERT_TRUE(ring.publish(0xffffffff));
  ring.advance(65535);
  ASSERT_TRUE(ring.publish(3));
  EXPECT_EQ(ring.available(), 4U);
  EXPECT_EQ(ring.contiguous(16), 1U);
  ring.advance(4);
  EXPECT_EQ(ring.head(), 3U);
}

TEST(CompletionQueue, FlipsThePhaseEachRound) {
  CompletionQueue queue;
  queue.place(0x2000, 8);
  for (std::uint32_t i = 0; i < 24; ++i) {
    queue.push({});
    EXPECT_EQ(queue.front().record.phase, i / 8 % 2 == 0 ? 1 : 0) << i;
    EXPECT_EQ(queue.front_address(), 0x2000U + i % 8 * 32);
    queue.written();
    EXPECT_TRUE(queue.consume(i + 1));
  }
}

TEST(CompletionQueue, IsFullWhenAsManyAreUnreadAsItHolds) {
  CompletionQueue queue;
  queue.place(0x2000, 8);
  for (int i = 0; i < 8; ++i) {
    EXPECT_FALSE(queue.full());
    queue.push({});
    queue.written();
  }
  EXPECT_TRUE(queue.full());
  EXPECT_FALSE(queue.consume(9));
  EXPECT_TRUE(queue.full());
  EXPECT_TRUE(queue.consume(1));
  EXPECT_FALSE(queue.full());
  EXPECT_FALSE(queue.consume(0));
}

TEST(CompletionQueue, ARecordOnItsWayMayBeConsumedButNotTheOneBehind) {
  CompletionQueue queue;
  queue.place(0x2000, 8);
  queue.push({});
  queue.push({});
  EXPECT_FALSE(queue.consume(1));
  queue.writing();
  EXPECT_FALSE(queue.consume(2));
  EXPECT_TRUE(queue.consume(1));
  queue.written();
  EXPECT_EQ(queue.head(), queue.tail());
  EXPECT_FALSE(queue.full());
}

TEST(Semaphores, CompareAsSignedDistance) {
  Semaphores semaphores;
  semaphores.set(3, 5);
  EXPECT_TRUE(semaphores.satisfied({3, 5}));
  EXPECT_FALSE(semaphores.satisfied({3, 6}));
  semaphores.set(3, 0xfffffffe);
  EXPECT_FALSE(semaphores.satisfied({3, 1}));
  semaphores.signal({3, 3});
  EXPECT_EQ(semaphores.value(3), 1U);
  EXPECT_TRUE(semaphores.satisfied({3, 1}));
  EXPECT_TRUE(semaphores.satisfied({3, 0xfffffff0}));
}

TEST(Semaphores, NumberZeroIsNone) {
  Semaphores semaphores;
  semaphores.signal({0, 5});
  semaphores.set(0, 7);
  EXPECT_EQ(semaphores.value(0), 0U);
  EXPECT_TRUE(semaphores.satisfied({0, 100}));
}

TEST(DescriptorCache, KeepsLinesUntilDroppedOrReplaced) {
  DescriptorCache cache;
  DescriptorCache::Line line{};
  line[1].address = 0x55;
  EXPECT_EQ(cache.find(5), nullptr);
  cache.fill(5, line);
  ASSERT_NE(cache.find(5), nullptr);
  EXPECT_EQ(cache.find(5)->address, 0x55U);
  EXPECT_EQ(cache.find(5 + DescriptorCache::kLines * DescriptorCache::kLineEntries), nullptr);
  cache.fill(5 + DescriptorCache::kLines * DescriptorCache::kLineEntries, line);
  EXPECT_EQ(cache.find(5), nullptr);
  cache.fill(5, line);
  cache.drop();
  EXPECT_EQ(cache.find(5), nullptr);
  EXPECT_EQ(cache.hits(), 2U);
  EXPECT_EQ(cache.misses(), 4U);
}

struct Lines final : InterruptSink {
  void set_level(unsigned line, bool level) override { changes.emplace_back(line, level); }
  std::vector<std::pair<unsigned, bool>> changes;
};

TEST(InterruptController, HoldsALineWhileAnEnabledCauseIsSet) {
  Lines lines;
  unsigned rises = 0;
  InterruptController controller(&lines, [&](unsigned) { ++rises; });
  controller.raise(1U << 2);
  EXPECT_TRUE(lines.changes.empty());
  controller.enable(0x1ffff);
  controller.raise(1U << 2);  // already high
  controller.raise(1U << 9 | 1U << 16);
  controller.clear(1U << 9);
  controller.clear(1U << 2);
  controller.clear(1U << 16);
  const std::vector<std::pair<unsigned, bool>> expected{{2, true}, {8, true}, {2, false}, {8, false}};
  EXPECT_EQ(lines.changes, expected);
  EXPECT_EQ(rises, 2U);
}

}  // namespace
}  // namespace dixion
