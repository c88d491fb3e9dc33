// SPDX-License-Identifier: Apache-2.0
/// The queue driver against a script of register accesses (docs/registers/queue.md).
#include <cstring>

#include <gtest/gtest.h>

#include "tests/driver/device_addresses.h"
#include "tests/driver/scripted_port.h"
extern "C" {
#include "firmware/drivers/accel_queue.h"
}

namespace dixion::test {
namespace {

constexpr std::uint64_t kQueue1 = kBase + 0x2000;
constexpr std::uint64_t kQueueControl = kQueue1, kHead = kQueue1 + 0x14, kDoorbell = kQueue1 + 0x18,
                        kCompletionHead = kQueue1 + 0x30;
constexpr std::uint32_t kSlots = 8;

struct QueueOnScript : testing::Test {
  Arena arena{0x8000'0000, 0x10000};
  ScriptedPort port{arena};
  accel_t accel{};
  accel_queue_t queue{};
  dixion_command_t* ring = reinterpret_cast<dixion_command_t*>(arena.data());
  dixion_completion_t* records = reinterpret_cast<dixion_completion_t*>(arena.data() + 0x1000);

  void SetUp() override {
    accel.base = kBase;
    accel.capabilities.queues = 2;
  }

  void init() {
    port.expect_write(kQueue1 + 0x08, 0x8000'0000)
        .expect_write(kQueue1 + 0x0c, 0)
        .expect_write(kQueue1 + 0x10, kSlots)
        .expect_write(kQueue1 + 0x20, 0x8000'1000)
        .expect_write(kQueue1 + 0x24, 0)
        .expect_write(kQueue1 + 0x28, kSlots)
        .expect_fence_to_device()
        .expect_write(kQueueControl, 1);
    ASSERT_EQ(accel_queue_init(&queue, &accel, 1, ring, kSlots, records, kSlots), STATUS_OK);
  }

  static dixion_command_t nop(std::uint32_t tag) {
    dixion_command_t command{};
    command.tag = tag;
    return command;
  }

  /// What the device does: record `number` (from 0) of the queue's life.
  void device_writes_record(std::uint32_t number, dixion_status status = DIXION_STATUS_OK) {
    dixion_completion_t record{};
    record.command_id = number;
    record.tag = 100 + number;
    record.status = static_cast<std::uint8_t>(status);
    record.phase = (number / kSlots) % 2 == 0 ? 1 : 0;
    records[number % kSlots] = record;
  }
};

TEST_F(QueueOnScript, InitClearsStaleRecordsBeforeTheDeviceMayWrite) {
  std::memset(records, 0xff, kSlots * sizeof *records);
  init();
  dixion_completion_t record;
  EXPECT_EQ(accel_queue_poll(&queue, &record), STATUS_NOTHING_YET);
}

TEST_F(QueueOnScript, InitRefusesRingsTheHardwareWouldRefuse) {
  EXPECT_EQ(accel_queue_init(&queue, &accel, 2, ring, 8, records, 8), STATUS_BAD_ARGUMENT) << "no such queue";
  EXPECT_EQ(accel_queue_init(&queue, &accel, 1, ring, 4, records, 8), STATUS_BAD_ARGUMENT) << "too short";
  EXPECT_EQ(accel_queue_init(&queue, &accel, 1, ring, 12, records, 8), STATUS_BAD_ARGUMENT) << "no power of two";
  EXPECT_EQ(accel_queue_init(&queue, &accel, 1, ring, 131072, records, 8), STATUS_BAD_ARGUMENT) << "too long";
  EXPECT_EQ(accel_queue_init(&queue, &accel, 1, ring, 8, records + 1, 8), STATUS_BAD_ARGUMENT) << "misaligned";
}

TEST_F(QueueOnScript, CommandIsInMemoryBeforeTheFenceAndTheFenceBeforeTheDoorbell) {
  init();
  port.expect_fence_to_device([this] { EXPECT_EQ(ring[0].tag, 7u); }).expect_write(kDoorbell, 1);
  const dixion_command_t command = nop(7);
  std::uint32_t id = 99;
  ASSERT_EQ(accel_queue_submit(&queue, &command, &id), STATUS_OK);
  EXPECT_EQ(id, 0u);
  accel_queue_ring_doorbell(&queue);
}

TEST_F(QueueOnScript, FullRingTakesOneMoreOnlyAfterTheDeviceFetched) {
  init();
  for (std::uint32_t i = 0; i < kSlots; ++i) {
    const dixion_command_t command = nop(i);
    ASSERT_EQ(accel_queue_submit(&queue, &command, nullptr), STATUS_OK);
  }
  const dixion_command_t extra = nop(77);
  port.expect_read(kHead, 0);
  EXPECT_EQ(accel_queue_submit(&queue, &extra, nullptr), STATUS_RING_FULL);
  EXPECT_EQ(ring[0].tag, 0u) << "an unfetched slot was overwritten";
  port.expect_read(kHead, 1);
  std::uint32_t id = 0;
  EXPECT_EQ(accel_queue_submit(&queue, &extra, &id), STATUS_OK);
  EXPECT_EQ(id, kSlots);
  EXPECT_EQ(ring[0].tag, 77u);
}

TEST_F(QueueOnScript, RecordsAreFoundByPhaseOverManyRoundsOfTheRing) {
  init();
  for (std::uint32_t i = 0; i < 3 * kSlots; ++i) {
    dixion_completion_t record;
    ASSERT_EQ(accel_queue_poll(&queue, &record), STATUS_NOTHING_YET) << i;
    device_writes_record(i);
    port.expect_fence_to_memory().expect_write(kCompletionHead, i + 1);
    ASSERT_EQ(accel_queue_poll(&queue, &record), STATUS_OK) << i;
    EXPECT_EQ(record.command_id, i);
  }
}

TEST_F(QueueOnScript, WaitDoesNotSleepWhenTheRecordIsThere) {
  init();
  device_writes_record(0);
  port.expect_fence_to_memory().expect_write(kCompletionHead, 1);
  dixion_completion_t record;
  EXPECT_EQ(accel_queue_wait(&queue, &record), STATUS_OK);
}

TEST_F(QueueOnScript, WaitSleepsThroughForeignInterrupts) {
  init();
  port.expect_sleep([] {}).expect_sleep([this] { device_writes_record(0); });
  port.expect_fence_to_memory().expect_write(kCompletionHead, 1);
  dixion_completion_t record;
  EXPECT_EQ(accel_queue_wait(&queue, &record), STATUS_OK);
}

TEST_F(QueueOnScript, FailedCommandIsReportedThenTheHaltedQueue) {
  init();
  port.expect_sleep([this] {
    device_writes_record(0, DIXION_STATUS_ERROR);
    accel_isr(&accel, 72);
  });
  port.expect_read(kIntrStatus, 0x200).expect_write(kIntrStatus, 0x200);
  port.expect_fence_to_memory().expect_write(kCompletionHead, 1);
  dixion_completion_t record;
  EXPECT_EQ(accel_queue_wait(&queue, &record), STATUS_COMMAND_FAILED);
  EXPECT_EQ(record.tag, 100u);
  EXPECT_EQ(accel_queue_wait(&queue, &record), STATUS_HALTED) << "sleeps for a record that never comes";

  port.expect_write(kQueueControl, 3);
  accel_queue_resume(&queue);
  EXPECT_EQ(accel_queue_poll(&queue, &record), STATUS_NOTHING_YET);
}

TEST_F(QueueOnScript, ErrorOfAnotherQueueDoesNotHaltThisOne) {
  init();
  port.expect_read(kIntrStatus, 0x100).expect_write(kIntrStatus, 0x100);
  accel_isr(&accel, 72);
  dixion_completion_t record;
  EXPECT_EQ(accel_queue_poll(&queue, &record), STATUS_NOTHING_YET);
}

}  // namespace
}  // namespace dixion::test
