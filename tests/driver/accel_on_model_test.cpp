// SPDX-License-Identifier: Apache-2.0
/// Drivers against the accelerator they were written for.
#include <cstring>

#include <gtest/gtest.h>

#include "tests/driver/accelerator_bench.h"
extern "C" {
#include "firmware/drivers/accel_queue.h"
#include "firmware/lib/bump.h"
#include "firmware/runtime/commands.h"
#include "firmware/runtime/descriptors.h"
}

namespace dixion::test {
namespace {

constexpr std::uint32_t kSlots = 8;

struct AccelOnModel : testing::Test {
  AcceleratorBench bench{"bench", 1 << 20};
  accel_t accel{};
  accel_queue_t queue{};
  bump_t memory{};
  descriptor_table_t table{};

  AccelOnModel() {
    bench.on_interrupt([this](unsigned line) { accel_isr(&accel, line); });
    bump_init(&memory, bench.arena().data(), bench.arena().data() + bench.arena().size());
  }

  template <typename T>
  T* allocate(std::size_t count) {
    void* storage = nullptr;
    EXPECT_EQ(bump_allocate_zeroed(&memory, count * sizeof(T), 64, &storage), STATUS_OK);
    return static_cast<T*>(storage);
  }

  void open(std::uint32_t queue_number = 0) {
    ASSERT_EQ(accel_probe(&accel, AcceleratorBench::kRegisters), STATUS_OK);
    accel_reset(&accel);
    ASSERT_EQ(descriptor_table_init(&table, &memory, 15), STATUS_OK);
    accel_enable(&accel);
    open_queue(queue, queue_number);
  }
  void open_queue(accel_queue_t& opened, std::uint32_t number) {
    ASSERT_EQ(accel_queue_init(&opened, &accel, number, allocate<dixion_command_t>(kSlots), kSlots,
                               allocate<dixion_completion_t>(kSlots), kSlots),
              STATUS_OK);
  }

  static dixion_command_t nop(std::uint32_t tag) {
    dixion_command_t command = command_make(DIXION_OPCODE_NOP, tag);
    command.flags = DIXION_COMMAND_FLAG_INTERRUPT;
    return command;
  }

  static status_t run(accel_queue_t& on, const dixion_command_t& command, dixion_completion_t& record) {
    EXPECT_EQ(accel_queue_submit(&on, &command, nullptr), STATUS_OK);
    accel_queue_ring_doorbell(&on);
    return accel_queue_wait(&on, &record);
  }
};

TEST_F(AccelOnModel, ProbeTellsTheConfiguration) {
  bench.run([this] {
    ASSERT_EQ(accel_probe(&accel, AcceleratorBench::kRegisters), STATUS_OK);
    const AcceleratorConfig config;
    EXPECT_EQ(accel.capabilities.cores, config.cores);
    EXPECT_EQ(accel.capabilities.queues, config.queues);
    EXPECT_EQ(accel.capabilities.dma_channels, config.dma_channels);
    EXPECT_EQ(accel.capabilities.semaphores, DIXION_SEMAPHORES);
    EXPECT_EQ(accel.capabilities.global_buffer_bytes, config.global_buffer_bytes);
    EXPECT_EQ(accel.capabilities.core_sram_bytes, config.core_sram_bytes);
    EXPECT_EQ(accel.capabilities.clock_hz, config.clock_hz);
  });
}

TEST_F(AccelOnModel, NopComesBackWithItsTagWhileTheHartSleeps) {
  bench.run([this] {
    open();
    dixion_completion_t record;
    const unsigned sleeps = bench.sleeps();
    ASSERT_EQ(run(queue, nop(0x2a), record), STATUS_OK);
    EXPECT_EQ(record.command_id, 0u);
    EXPECT_EQ(record.tag, 0x2au);
    EXPECT_LE(record.start_cycle, record.end_cycle);
    EXPECT_GT(bench.sleeps(), sleeps);
  });
  EXPECT_TRUE(bench.guest_errors().empty());
}

TEST_F(AccelOnModel, RingsComeRoundManyTimes) {
  bench.run([this] {
    open();
    std::uint32_t received = 0;
    dixion_completion_t record;
    for (std::uint32_t sent = 0; sent < 5 * kSlots;) {
      const dixion_command_t command = nop(sent);
      const status_t status = accel_queue_submit(&queue, &command, nullptr);
      if (status == STATUS_OK) {
        ++sent;
        if (sent % 3 == 0) accel_queue_ring_doorbell(&queue);
        continue;
      }
      ASSERT_EQ(status, STATUS_RING_FULL);
      accel_queue_ring_doorbell(&queue);
      ASSERT_EQ(accel_queue_wait(&queue, &record), STATUS_OK);
      EXPECT_EQ(record.tag, received++);
    }
    accel_queue_ring_doorbell(&queue);
    for (; received < 5 * kSlots; ++received) {
      ASSERT_EQ(accel_queue_wait(&queue, &record), STATUS_OK);
      EXPECT_EQ(record.tag, received);
    }
  });
}

TEST_F(AccelOnModel, FullCompletionRingHoldsRecordsBackUntilSoftwareTakesSome) {
  bench.run([this] {
    open();
    for (std::uint32_t round = 0; round < 2; ++round) {
      for (std::uint32_t i = 0; i < kSlots; ++i) {
        const dixion_command_t command = nop(round * kSlots + i);
        while (accel_queue_submit(&queue, &command, nullptr) == STATUS_RING_FULL) {
          sc_core::wait(1, sc_core::SC_US);
        }
      }
      accel_queue_ring_doorbell(&queue);
    }
    sc_core::wait(100, sc_core::SC_US);
    dixion_completion_t record;
    for (std::uint32_t i = 0; i < 2 * kSlots; ++i) {
      ASSERT_EQ(accel_queue_wait(&queue, &record), STATUS_OK);
      EXPECT_EQ(record.tag, i);
    }
  });
}

TEST_F(AccelOnModel, ErrorHaltsItsQueueOnlyAndResumeGoesOn) {
  bench.run([this] {
    open();
    accel_queue_t other{};
    open_queue(other, 1);
    dixion_completion_t record;
    dixion_command_t wrong = nop(7);
    wrong.opcode = 0xee;
    const dixion_command_t after = nop(8);
    ASSERT_EQ(accel_queue_submit(&queue, &wrong, nullptr), STATUS_OK);
    ASSERT_EQ(accel_queue_submit(&queue, &after, nullptr), STATUS_OK);
    accel_queue_ring_doorbell(&queue);
    ASSERT_EQ(accel_queue_wait(&queue, &record), STATUS_COMMAND_FAILED);
    EXPECT_EQ(record.tag, 7u);
    EXPECT_EQ(record.cause, DIXION_CAUSE_ILLEGAL_OPCODE);
    EXPECT_EQ(record.field, DIXION_FIELD_OPCODE);
    EXPECT_EQ(record.value, 0xeeu);
    EXPECT_EQ(accel_queue_wait(&queue, &record), STATUS_HALTED);

    ASSERT_EQ(run(other, nop(9), record), STATUS_OK) << "the other queue stands too";
    accel_queue_resume(&queue);
    ASSERT_EQ(accel_queue_wait(&queue, &record), STATUS_OK);
    EXPECT_EQ(record.tag, 8u);
  });
  EXPECT_EQ(bench.guest_errors().size(), 1u);
}

TEST_F(AccelOnModel, DeviceResetBringsBackAHaltedDevice) {
  bench.run([this] {
    open();
    dixion_completion_t record;
    dixion_command_t wrong = nop(1);
    wrong.opcode = 0xee;
    ASSERT_EQ(run(queue, wrong, record), STATUS_COMMAND_FAILED);
    open();
    ASSERT_EQ(run(queue, nop(2), record), STATUS_OK);
    EXPECT_EQ(record.tag, 2u);
    EXPECT_EQ(record.command_id, 0u);
  });
}

TEST_F(AccelOnModel, DmaMovesAStridedTensor) {
  bench.run([this] {
    open();
    constexpr std::uint32_t kRows = 5, kColumns = 3, kPitch = 8;
    auto* source = allocate<std::int32_t>(kRows * kPitch);
    auto* target = allocate<std::int32_t>(kRows * kColumns);
    for (std::uint32_t i = 0; i < kRows * kPitch; ++i) source[i] = static_cast<std::int32_t>(1000 + i);
    const std::uint32_t extent[] = {kRows, kColumns};
    dixion_descriptor_t from = descriptor_dense(bench.physical(source), DIXION_FORMAT_INT32, 2, extent);
    from.stride[0] = kPitch * sizeof(std::int32_t);
    const dixion_descriptor_t to = descriptor_dense(bench.physical(target), DIXION_FORMAT_INT32, 2, extent);
    dixion_command_t command = nop(3);
    command.opcode = DIXION_OPCODE_DMA_COPY;
    command.core_count = 1;
    ASSERT_EQ(descriptor_table_add(&table, &from, &command.operands[0]), STATUS_OK);
    ASSERT_EQ(descriptor_table_add(&table, &to, &command.operands[1]), STATUS_OK);
    ASSERT_EQ(accel_set_descriptors(&accel, table.entries, table.count), STATUS_OK);
    dixion_completion_t record;
    ASSERT_EQ(run(queue, command, record), STATUS_OK);
    for (std::uint32_t i = 0; i < kRows * kColumns; ++i) {
      ASSERT_EQ(target[i], source[i / kColumns * kPitch + i % kColumns]) << i;
    }
  });
  EXPECT_TRUE(bench.guest_errors().empty());
}

}  // namespace
}  // namespace dixion::test
