// SPDX-License-Identifier: Apache-2.0
// Failing commands, misuse of registers, resets.
#include "tests/model/accelerator/processor_bench.h"

namespace dixion::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct ErrorBench : ProcessorBench {
  using ProcessorBench::ProcessorBench;

  std::uint32_t queue(std::uint32_t offset) { return read(queue_register(0, offset)); }
  void control(std::uint32_t bits) { write(queue_register(0, DIXION_QUEUE_CONTROL), bits); }
  void resume() { control(DIXION_QUEUE_CONTROL_ENABLE_MASK | DIXION_QUEUE_CONTROL_RESUME_MASK); }
  bool halted() { return (queue(DIXION_QUEUE_STATUS) & DIXION_QUEUE_STATUS_HALTED_MASK) != 0; }
  void expect_mistake(const std::string& subject, std::uint64_t value, const std::string& expected) {
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors[0].where, "bench.processor");
    EXPECT_EQ(errors[0].subject, subject);
    EXPECT_EQ(errors[0].value, value);
    EXPECT_THAT(errors[0].expected, HasSubstr(expected));
    errors.clear();
  }
};

TEST(Error, AFailedCommandHaltsItsQueueAndResumeSkipsIt) {
  ErrorBench bench;
  bench.dma.failing = {2};
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.nop(1), bench.signalling(bench.fill(2, 1), 7), bench.fill(3, 2)});
    bench.wait_until_true([&] { return bench.lines[DIXION_LINE_ERROR]; });
    EXPECT_TRUE(bench.halted());
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_STATUS) & DIXION_ACCELERATOR_STATUS_HALTED_MASK,
              DIXION_ACCELERATOR_STATUS_HALTED_MASK);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_INTR_STATUS), 1U << 8);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_ERROR_COMMAND), 1U);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_ERROR_TAG), 2U);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_ERROR_CAUSE), DIXION_CAUSE_BAD_SHAPE);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_ERROR_FIELD), DIXION_FIELD_OPERAND0);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_ERROR_VALUE), 7U);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_ERROR_LIST_INDEX), 0xffffffffU);
    EXPECT_EQ(bench.record(0, 1).status, DIXION_STATUS_ERROR);
    EXPECT_EQ(bench.record(0, 1).cause, DIXION_CAUSE_BAD_SHAPE);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_SEMAPHORE(7)), 0U);
    bench.wait_cycles(2000);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_COMPLETION_TAIL), 2U);
    bench.resume();
    bench.wait_for_records(0, 3);
    EXPECT_EQ(bench.record(0, 2).tag, 3U);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_ERROR_CAUSE), 0U);
  });
  bench.expect_mistake("QUEUE0.DMA_FILL.dst", 7, "another shape (BAD_SHAPE, command 1)");
}

TEST(Error, RunningCommandsFinishAndTheOtherQueueGoesOn) {
  ErrorBench bench;
  bench.vector.cycles[1] = 2000;
  bench.dma.failing = {2};
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.convert(1, 1, 2), bench.fill(2, 3), bench.fill(3, 4)});
    bench.wait_until_true([&] { return bench.lines[DIXION_LINE_ERROR]; });
    bench.submit(1, {bench.nop(4)});
    bench.wait_for_records(1, 1);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_COMPLETION_TAIL), 1U);
    bench.wait_for_records(0, 2);
    EXPECT_EQ(bench.record(0, 1).tag, 1U);
    EXPECT_EQ(bench.record(0, 1).status, DIXION_STATUS_OK);
  });
}

TEST(Error, AnIllegalCommandFailsOnlyAfterEverythingBeforeItHasStarted) {
  ErrorBench bench;
  bench.run([&] {
    bench.enable_all();
    dixion_command_t illegal = bench.nop(2);
    illegal.opcode = 0x7f;
    bench.submit(0, {bench.waiting(bench.nop(1), 3, 1), illegal});
    bench.wait_cycles(2000);
    EXPECT_FALSE(bench.halted());
    bench.write(DIXION_ACCELERATOR_SEMAPHORE(3), 1);
    bench.wait_for_records(0, 2);
    EXPECT_EQ(bench.record(0, 0).tag, 1U);
    EXPECT_EQ(bench.record(0, 1).cause, DIXION_CAUSE_ILLEGAL_OPCODE);
    EXPECT_EQ(bench.record(0, 1).value, 0x7fU);
  });
  bench.expect_mistake("QUEUE0.opcode", 0x7f, "an opcode of docs/registers/commands.md");
}

TEST(Error, AFailureInsideAListCutsItShortAndDropsItsCall) {
  ErrorBench bench;
  bench.dma.failing = {12};
  bench.vector.cycles[11] = 600;
  bench.run([&] {
    bench.enable_all();
    std::vector<dixion_command_t> list{bench.convert(11, 1, 2), bench.fill(12, 3)};
    for (std::uint32_t i = 0; i < 40; ++i) list.push_back(bench.fill(20 + i, 4));
    bench.submit(0, {bench.signalling(bench.call(bench.kList, list, 0, 10), 9), bench.nop(50)});
    bench.wait_until_true([&] { return bench.lines[DIXION_LINE_ERROR]; });
    EXPECT_EQ(bench.queue(DIXION_QUEUE_ERROR_COMMAND), 0U);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_ERROR_LIST_INDEX), 1U);
    bench.wait_for_records(0, 2);
    EXPECT_EQ(bench.record(0, 0).tag, 12U);
    EXPECT_EQ(bench.record(0, 0).status, DIXION_STATUS_ERROR);
    EXPECT_EQ(bench.record(0, 1).tag, 10U);
    EXPECT_EQ(bench.record(0, 1).status, DIXION_STATUS_DROPPED);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_SEMAPHORE(9)), 0U);
    bench.resume();
    bench.wait_for_records(0, 3);
    EXPECT_EQ(bench.record(0, 2).tag, 50U);
  });
  EXPECT_EQ(bench.dma.started.size(), 1U);
  bench.expect_mistake("QUEUE0.DMA_FILL.dst", 7, "command 0[1]");
}

TEST(Error, ACallInsideAListIsRefused) {
  ErrorBench bench;
  bench.run([&] {
    bench.enable_all();
    const dixion_command_t inner = bench.call(bench.kList + 0x1000, {bench.nop()});
    bench.submit(0, {bench.call(bench.kList, {bench.nop(1), inner})});
    bench.wait_for_records(0, 2);
    EXPECT_EQ(bench.record(0, 0).cause, DIXION_CAUSE_BAD_LIST);
    EXPECT_EQ(bench.record(0, 1).status, DIXION_STATUS_DROPPED);
  });
}

TEST(Error, AnUnreadableListFailsTheCallItself) {
  ErrorBench bench;
  bench.memory.broken_start = bench.kList + 64 * 20;
  bench.memory.broken_end = bench.memory.broken_start + 64;
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.call(bench.kList, std::vector<dixion_command_t>(30, bench.nop(1)), 0, 5), bench.nop(6)});
    bench.wait_for_records(0, 1);
    EXPECT_EQ(bench.record(0, 0).tag, 5U);
    EXPECT_EQ(bench.record(0, 0).cause, DIXION_CAUSE_BUS_ERROR);
    EXPECT_EQ(bench.record(0, 0).field, DIXION_FIELD_LIST_ADDRESS);
    bench.resume();
    bench.wait_for_records(0, 2);
    EXPECT_EQ(bench.record(0, 1).tag, 6U);
  });
}

TEST(Error, AnUnreadableRingSlotFailsItsCommandOnly) {
  ErrorBench bench;
  bench.memory.broken_start = bench.ring(0) + 64;
  bench.memory.broken_end = bench.memory.broken_start + 64;
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.nop(1)});
    bench.wait_for_records(0, 1);
    bench.submit(0, {bench.nop(2), bench.nop(3)});
    bench.wait_for_records(0, 2);
    EXPECT_EQ(bench.record(0, 1).cause, DIXION_CAUSE_BUS_ERROR);
    EXPECT_EQ(bench.record(0, 1).command_id, 1U);
    bench.resume();
    bench.wait_for_records(0, 3);
    EXPECT_EQ(bench.record(0, 2).tag, 3U);
  });
  bench.expect_mistake("QUEUE0.ring", bench.ring(0) + 64, "a readable command ring (BUS_ERROR, command 1)");
}

TEST(Error, QueueResetDropsWhatWaitsAndLetsRunningCommandsFinish) {
  ErrorBench bench;
  bench.dma.cycles[1] = 3000;
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.signalling(bench.fill(1, 1), 3), bench.fill(2, 2), bench.nop(3, DIXION_COMMAND_FLAG_FENCE)});
    bench.wait_until_true([&] { return bench.dma.busy(); });
    bench.control(DIXION_QUEUE_CONTROL_RESET_MASK);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_STATUS), 0U);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_HEAD), 0U);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_DOORBELL), 0U);
    bench.enable_queue(0);
    bench.submit(0, {bench.nop(9)});
    bench.wait_cycles(500);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_COMPLETION_TAIL), 0U);
    bench.wait_for_records(0, 1);
    EXPECT_FALSE(bench.dma.busy());
    EXPECT_EQ(bench.record(0, 0).tag, 9U);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_SEMAPHORE(3)), 0U);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_STATUS), DIXION_QUEUE_STATUS_IDLE_MASK);
  });
  EXPECT_EQ(bench.dma.started.size(), 1U);
}

TEST(Error, DeviceResetWaitsForWhatRunsAndLeavesResetValues) {
  ErrorBench bench;
  bench.dma.cycles[1] = 3000;
  bench.run([&] {
    bench.enable_all();
    bench.write(DIXION_ACCELERATOR_SEMAPHORE(5), 17);
    bench.submit(0, {bench.fill(1, 1), bench.fill(2, 2)});
    bench.submit(1, {bench.nop(3)});
    bench.wait_until_true([&] { return bench.dma.busy(); });
    bench.write(DIXION_ACCELERATOR_CONTROL, DIXION_ACCELERATOR_CONTROL_RESET_MASK);
    bench.write(DIXION_ACCELERATOR_INTR_ENABLE, DIXION_ACCELERATOR_INTR_ENABLE_RESET_DONE_MASK);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_STATUS), DIXION_ACCELERATOR_STATUS_BUSY_MASK);
    bench.wait_until_true([&] { return bench.lines[DIXION_LINE_ERROR]; });
    EXPECT_FALSE(bench.dma.busy());
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_STATUS), DIXION_ACCELERATOR_STATUS_RESET_DONE_MASK);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_INTR_STATUS), DIXION_ACCELERATOR_INTR_STATUS_RESET_DONE_MASK);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_CONTROL), 0U);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_SEMAPHORE(5)), 0U);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_DESCRIPTOR_COUNT), 0U);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_RING_SIZE), 0U);
    bench.enable_all();
    bench.submit(0, {bench.nop(4)});
    bench.wait_for_records(0, 1);
    EXPECT_EQ(bench.record(0, 0).tag, 4U);
  });
  EXPECT_EQ(bench.dma.started.size(), 1U);
}

TEST(Error, DeviceResetAtAnyMomentOfACommandsLifeComesToAnEnd) {
  ErrorBench bench;
  bench.run([&] {
    for (Cycles after = 0; after < 900; after += 37) {
      bench.enable_all();
      const dixion_command_t call = bench.call(bench.kList, std::vector<dixion_command_t>(20, bench.fill(1, 1)));
      bench.submit(0, {call, bench.convert(2, 3, 4), call});
      bench.wait_cycles(after);
      bench.write(DIXION_ACCELERATOR_CONTROL, DIXION_ACCELERATOR_CONTROL_RESET_MASK);
      bench.wait_until_true(
          [&] { return bench.read(DIXION_ACCELERATOR_STATUS) == DIXION_ACCELERATOR_STATUS_RESET_DONE_MASK; });
      EXPECT_TRUE(bench.processor.idle()) << "reset after " << after;
    }
  });
  EXPECT_TRUE(bench.errors.empty());
}

TEST(Misuse, DoorbellOfADisabledQueueOrDevice) {
  ErrorBench bench;
  bench.run([&] {
    bench.write(bench.queue_register(0, DIXION_QUEUE_DOORBELL), 3);
    bench.expect_mistake("QUEUE0.DOORBELL", 3, "the queue's CONTROL.ENABLE set");
    EXPECT_EQ(bench.queue(DIXION_QUEUE_DOORBELL), 0U);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_ERROR_CAUSE), DIXION_CAUSE_BAD_REGISTER);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_ERROR_VALUE), 3U);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_INTR_STATUS), 1U << 8);
    bench.enable_queue(0);
    bench.write(bench.queue_register(0, DIXION_QUEUE_DOORBELL), 1);
    bench.expect_mistake("QUEUE0.DOORBELL", 1, "the accelerator's CONTROL.ENABLE set");
  });
}

TEST(Misuse, TailBehindOrTooFarAhead) {
  ErrorBench bench;
  bench.run([&] {
    bench.enable_device();
    bench.enable_queue(0, 8);
    bench.write(bench.queue_register(0, DIXION_QUEUE_DOORBELL), 9);
    bench.expect_mistake("QUEUE0.DOORBELL", 9, "from 0 to HEAD + RING_SIZE = 8");
    bench.submit(0, std::vector<dixion_command_t>(8, bench.nop()));
    EXPECT_TRUE(bench.errors.empty());
    bench.wait_for_records(0, 8);
    bench.write(bench.queue_register(0, DIXION_QUEUE_DOORBELL), 7);
    bench.expect_mistake("QUEUE0.DOORBELL", 7, "from 8 to");
  });
}

TEST(Misuse, RingsThatCannotBeAreRefusedWhenTheQueueIsEnabled) {
  ErrorBench bench;
  const auto refuse = [&](std::uint32_t offset, std::uint32_t value, std::uint32_t good, const char* name,
                          const char* expected) {
    bench.write(bench.queue_register(0, offset), value);
    bench.control(DIXION_QUEUE_CONTROL_ENABLE_MASK);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_CONTROL), 0U);
    bench.expect_mistake(std::string("QUEUE0.") + name, value, expected);
    bench.write(bench.queue_register(0, offset), good);
  };
  bench.run([&] {
    bench.enable_device();
    bench.enable_queue(0);
    bench.control(0);
    const auto base = static_cast<std::uint32_t>(bench.ring(0));
    refuse(DIXION_QUEUE_RING_SIZE, 12, 8, "RING_SIZE", "a power of two from 8 to 65536");
    refuse(DIXION_QUEUE_RING_SIZE, 4, 8, "RING_SIZE", "a power of two from 8 to 65536");
    refuse(DIXION_QUEUE_RING_SIZE, 131072, 8, "RING_SIZE", "a power of two from 8 to 65536");
    refuse(DIXION_QUEUE_COMPLETION_SIZE, 0, 8, "COMPLETION_SIZE", "a power of two from 8 to 65536");
    refuse(DIXION_QUEUE_RING_BASE_LO, base + 8, base, "RING_BASE_LO", "a multiple of 64");
    refuse(DIXION_QUEUE_COMPLETION_BASE_LO, 0x7ffffff0, base, "COMPLETION_BASE_LO", "a multiple of 64");
    refuse(DIXION_QUEUE_COMPLETION_BASE_LO, 0x7fffffc0, base, "COMPLETION_BASE_LO", "inside memory");
    bench.control(DIXION_QUEUE_CONTROL_ENABLE_MASK);
    EXPECT_EQ(bench.queue(DIXION_QUEUE_CONTROL), DIXION_QUEUE_CONTROL_ENABLE_MASK);
    EXPECT_TRUE(bench.errors.empty());
  });
}

TEST(Misuse, BaseAndSizeAreLockedWhileTheQueueIsEnabled) {
  ErrorBench bench;
  bench.run([&] {
    bench.enable_all();
    bench.write(bench.queue_register(0, DIXION_QUEUE_RING_SIZE), 64);
    bench.expect_mistake("QUEUE0.RING_SIZE", 64, "no write while CONTROL.ENABLE is set");
    EXPECT_EQ(bench.queue(DIXION_QUEUE_RING_SIZE), 32U);
  });
}

TEST(Misuse, ConsumedMoreRecordsThanThereAre) {
  ErrorBench bench;
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.nop()});
    bench.wait_for_records(0, 1);
    bench.write(bench.queue_register(0, DIXION_QUEUE_COMPLETION_HEAD), 2);
    bench.expect_mistake("QUEUE0.COMPLETION_HEAD", 2, "to COMPLETION_TAIL = 1");
  });
}

TEST(Misuse, AccessesThatNoRegisterAnswers) {
  ErrorBench bench;
  bench.run([&] {
    std::uint64_t value = 0;
    EXPECT_EQ(bench.access(tlm::TLM_READ_COMMAND, 0x3000, &value, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    bench.expect_mistake("page 3", 0x3000, "queue 0 to 1");
    EXPECT_EQ(bench.access(tlm::TLM_READ_COMMAND, 0x05c, &value, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    bench.expect_mistake("offset 0x5c", 0, "a register of the accelerator page");
    EXPECT_EQ(bench.access(tlm::TLM_READ_COMMAND, 0x040, &value, 8), tlm::TLM_BURST_ERROR_RESPONSE);
    bench.expect_mistake("CONTROL", 8, "an aligned access of 4 bytes");
    EXPECT_EQ(bench.access(tlm::TLM_WRITE_COMMAND, 0x1019, &value, 1), tlm::TLM_BURST_ERROR_RESPONSE);
    bench.expect_mistake("QUEUE0.DOORBELL", 1, "an aligned access of 4 bytes");
  });
}

TEST(Misuse, DescriptorTableThatCannotBe) {
  ErrorBench bench;
  bench.run([&] {
    bench.write(DIXION_ACCELERATOR_DESCRIPTOR_BASE_LO, 0x1004);
    bench.expect_mistake("DESCRIPTOR_BASE_LO", 0x1004, "a multiple of 64");
    bench.write(DIXION_ACCELERATOR_DESCRIPTOR_COUNT, 65536);
    EXPECT_TRUE(bench.errors.empty());
    bench.write(DIXION_ACCELERATOR_DESCRIPTOR_COUNT, 65537);
    bench.expect_mistake("DESCRIPTOR_COUNT", 65537, "at most 65536");
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_DESCRIPTOR_COUNT), 65536U);
  });
}

TEST(Misuse, RewritingDescriptorsTakesEffectAfterTheTableIsSetAgain) {
  ErrorBench bench;
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.fill(1, 1)});
    bench.wait_for_records(0, 1);
    bench.memory.at<dixion_descriptor_t>(bench.kTable + 64).rank = 9;
    bench.submit(0, {bench.fill(2, 1)});
    bench.wait_for_records(0, 2);
    EXPECT_EQ(bench.record(0, 1).status, DIXION_STATUS_OK);
    bench.write(DIXION_ACCELERATOR_DESCRIPTOR_COUNT, bench.kDescriptors);
    bench.submit(0, {bench.fill(3, 1)});
    bench.wait_for_records(0, 3);
    EXPECT_EQ(bench.record(0, 2).cause, DIXION_CAUSE_BAD_DESCRIPTOR);
  });
}

}  // namespace
}  // namespace dixion::test
