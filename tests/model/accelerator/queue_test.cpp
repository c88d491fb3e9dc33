// SPDX-License-Identifier: Apache-2.0
// Queues, rings, records, order, semaphores.
#include "tests/model/accelerator/processor_bench.h"

namespace dixion::test {
namespace {

using testing::ElementsAre;

std::vector<Stage> stages_of(const ProcessorBench& bench, std::uint32_t tag) {
  std::vector<Stage> list;
  for (const TraceEvent& event : bench.events) {
    if (event.tag == tag || event.stage == Stage::kDoorbell || event.stage == Stage::kInterrupt) {
      list.push_back(event.stage);
    }
  }
  return list;
}

TEST(Queue, ACommandGoesFromDoorbellToInterruptStageByStage) {
  ProcessorBench bench;
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.nop(5, DIXION_COMMAND_FLAG_INTERRUPT)});
    bench.wait_for_records(0, 1);
  });
  EXPECT_THAT(stages_of(bench, 5), ElementsAre(Stage::kDoorbell, Stage::kFetch, Stage::kDecode, Stage::kDispatch,
                                               Stage::kBegin, Stage::kEnd, Stage::kComplete, Stage::kInterrupt));
  for (std::size_t i = 1; i < bench.events.size(); ++i) {
    EXPECT_LE(bench.events[i - 1].time_ticks, bench.events[i].time_ticks);
  }
  EXPECT_TRUE(bench.errors.empty());
}

TEST(Queue, TheRecordIsInMemoryBeforeTheLineRises) {
  ProcessorBench bench;
  dixion_completion_t seen{};
  bench.on_rise = [&](unsigned line) {
    EXPECT_EQ(line, 1U);
    seen = bench.record(1, 0);
  };
  bench.run([&] {
    bench.enable_all();
    bench.submit(1, {bench.nop(0x1234, DIXION_COMMAND_FLAG_INTERRUPT)});
    bench.wait_until_true([&] { return bench.lines[1]; });
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_INTR_STATUS), 2U);
    bench.write(DIXION_ACCELERATOR_INTR_STATUS, 2);
    EXPECT_FALSE(bench.lines[1]);
  });
  EXPECT_EQ(seen.phase, 1);
  EXPECT_EQ(seen.tag, 0x1234U);
  EXPECT_EQ(seen.status, DIXION_STATUS_OK);
}

TEST(Queue, ACommandWithoutTheFlagPostsARecordAndNoInterrupt) {
  ProcessorBench bench;
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.nop()});
    bench.wait_for_records(0, 1);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_INTR_STATUS), 0U);
  });
  EXPECT_FALSE(bench.lines[0]);
}

TEST(Queue, CommandsOfDifferentUnitsCompleteOutOfOrder) {
  ProcessorBench bench;
  bench.dma.cycles[1] = 1000;
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.fill(1, 1), bench.convert(2, 2, 3)});
    bench.wait_for_records(0, 2);
    EXPECT_EQ(bench.record(0, 0).tag, 2U);
    EXPECT_EQ(bench.record(0, 0).command_id, 1U);
    EXPECT_EQ(bench.record(0, 1).tag, 1U);
    EXPECT_EQ(bench.record(0, 1).end_cycle - bench.record(0, 1).start_cycle, 1000U);
  });
}

TEST(Queue, CommandsOfOneUnitStartInOrderEvenIfALaterOneCould) {
  ProcessorBench bench;
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.waiting(bench.fill(1, 1), 3, 1), bench.fill(2, 2), bench.convert(3, 4, 5)});
    bench.wait_for_records(0, 1);
    EXPECT_EQ(bench.record(0, 0).tag, 3U);
    bench.write(DIXION_ACCELERATOR_SEMAPHORE(3), 1);
    bench.wait_for_records(0, 3);
  });
  EXPECT_THAT(bench.tags(Stage::kDispatch), ElementsAre(3, 1, 2));
}

TEST(Queue, CommandsOnDifferentChannelsOverlapAndOnOneDoNot) {
  ProcessorBench bench;
  for (std::uint32_t tag = 1; tag <= 3; ++tag) bench.dma.cycles[tag] = 500;
  bench.run([&] {
    bench.enable_all();
    dixion_command_t other_channel = bench.fill(2, 2);
    other_channel.core_first = 1;
    bench.submit(0, {bench.fill(1, 1), other_channel, bench.fill(3, 3)});
    bench.wait_for_records(0, 3);
    const auto start = [&](unsigned record) { return bench.record(0, record).start_cycle; };
    const auto end = [&](unsigned record) { return bench.record(0, record).end_cycle; };
    EXPECT_LT(start(1), end(0));
    EXPECT_GE(start(2), end(0));
  });
}

TEST(Queue, AFenceWaitsForEverythingBeforeAndHoldsBackEverythingBehind) {
  ProcessorBench bench;
  bench.dma.cycles[1] = 800;
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.fill(1, 1), bench.nop(2, DIXION_COMMAND_FLAG_FENCE), bench.convert(3, 2, 3)});
    bench.wait_for_records(0, 3);
    EXPECT_EQ(bench.record(0, 0).tag, 1U);
    EXPECT_GE(bench.record(0, 1).start_cycle, bench.record(0, 0).end_cycle);
    EXPECT_EQ(bench.record(0, 2).tag, 3U);
  });
}

TEST(Queue, SemaphoresOrderCommandsAcrossQueues) {
  ProcessorBench bench;
  bench.vector.cycles[2] = 300;
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.waiting(bench.fill(1, 1), 9, 2)});
    bench.submit(1, {bench.signalling(bench.convert(2, 2, 3), 9), bench.signalling(bench.nop(3), 9)});
    bench.wait_for_records(0, 1);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_SEMAPHORE(9)), 2U);
  });
  EXPECT_EQ(bench.tags(Stage::kDispatch).back(), 1U);
}

TEST(Queue, AWaitIsSatisfiedAcrossTheWrapOfACounter) {
  ProcessorBench bench;
  bench.run([&] {
    bench.enable_all();
    bench.write(DIXION_ACCELERATOR_SEMAPHORE(4), 0xfffffffe);
    bench.submit(0, {bench.waiting(bench.nop(1), 4, 1)});
    bench.wait_cycles(2000);
    EXPECT_EQ(bench.read(bench.queue_register(0, DIXION_QUEUE_COMPLETION_TAIL)), 0U);
    bench.submit(1, {bench.signalling(bench.nop(2), 4, 3)});
    bench.wait_for_records(0, 1);
  });
}

TEST(Queue, RunsRoundAndRoundWithAPhasePerRound) {
  ProcessorBench bench;
  constexpr std::uint32_t kCommands = 40;
  bench.run([&] {
    bench.enable_device();
    bench.enable_queue(0, 8, 16);
    for (std::uint32_t i = 0; i < kCommands; ++i) {
      bench.submit(0, {bench.nop(i)});
      bench.wait_for_records(0, i + 1);
      const dixion_completion_t& record = bench.record(0, i % 16);
      EXPECT_EQ(record.command_id, i);
      EXPECT_EQ(record.phase, i / 16 % 2 == 0 ? 1 : 0);
      bench.write(bench.queue_register(0, DIXION_QUEUE_COMPLETION_HEAD), i + 1);
    }
    EXPECT_EQ(bench.read(bench.queue_register(0, DIXION_QUEUE_HEAD)), kCommands);
    EXPECT_EQ(bench.read(bench.queue_register(0, DIXION_QUEUE_STATUS)), DIXION_QUEUE_STATUS_IDLE_MASK);
  });
  EXPECT_TRUE(bench.errors.empty());
}

TEST(Queue, AFullCompletionRingStallsTheQueueUntilSoftwareConsumes) {
  ProcessorBench bench;
  bench.run([&] {
    bench.enable_device();
    bench.enable_queue(0, 32, 8);
    bench.submit(0, std::vector<dixion_command_t>(12, bench.nop()));
    bench.wait_for_records(0, 8);
    bench.wait_cycles(3000);
    EXPECT_EQ(bench.read(bench.queue_register(0, DIXION_QUEUE_COMPLETION_TAIL)), 8U);
    EXPECT_TRUE(bench.read(bench.queue_register(0, DIXION_QUEUE_STATUS)) & DIXION_QUEUE_STATUS_COMPLETION_FULL_MASK);
    EXPECT_EQ(bench.processor.queue_status()[0].oldest_waits_for, QueueStatus::Wait::kCompletionRing);
    bench.write(bench.queue_register(0, DIXION_QUEUE_COMPLETION_HEAD), 1);
    bench.wait_for_records(0, 9);
    bench.wait_cycles(3000);
    EXPECT_EQ(bench.read(bench.queue_register(0, DIXION_QUEUE_COMPLETION_TAIL)), 9U);
    bench.write(bench.queue_register(0, DIXION_QUEUE_COMPLETION_HEAD), 8);
    bench.wait_for_records(0, 12);
  });
  for (const Statistic& statistic : bench.processor.statistics("p")) {
    if (statistic.name != "p.queue0.completion_stall") continue;
    EXPECT_GE(statistic.value, 3000U);
  }
}

TEST(Queue, TimestampWritesTheCycleOfItsStart) {
  ProcessorBench bench;
  bench.run([&] {
    bench.enable_all();
    dixion_descriptor_t& descriptor = bench.memory.at<dixion_descriptor_t>(bench.kTable + 5 * 64);
    descriptor.format = DIXION_FORMAT_UINT32;
    descriptor.extent[0] = 2;
    dixion_command_t command = bench.nop(1);
    command.opcode = DIXION_OPCODE_TIMESTAMP;
    command.operands[0] = 5;
    bench.submit(0, {command});
    bench.wait_for_records(0, 1);
    EXPECT_EQ(bench.memory.at<std::uint64_t>(descriptor.address), bench.record(0, 0).start_cycle);
    EXPECT_GT(bench.record(0, 0).start_cycle, 0U);
  });
}

TEST(Queue, AnOverlappingWriteWithoutADependencyIsReportedWithBothCommands) {
  ProcessorBench bench;
  bench.dma.cycles[1] = 1000;
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.fill(1, 7), bench.convert(2, 7, 8)});
    bench.wait_for_records(0, 2);
    EXPECT_EQ(bench.read(DIXION_ACCELERATOR_OVERLAP_COUNT), 1U);
  });
  ASSERT_EQ(bench.errors.size(), 1U);
  EXPECT_EQ(bench.errors[0].subject, "CONVERT.src");
  EXPECT_THAT(bench.errors[0].expected, testing::HasSubstr("DMA_FILL.dst, command 0 of queue 0"));
}

TEST(Queue, UnitsAreToldWhatTheirLanesWaitFor) {
  ProcessorBench bench;
  bench.dma.cycles[1] = 1000;
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.signalling(bench.fill(1, 7), 5), bench.waiting(bench.convert(2, 8, 9), 5, 1)});
    bench.wait_for_records(0, 2);
  });
  const auto lanes = [](const TimedUnit::Told& told, StallReason reason) {
    return told.waiting.for_reason[index_of(reason)];
  };
  // From the end: the fetch has long found nothing more; before it a free unit, the dispatch, the wait for the copy.
  const std::vector<TimedUnit::Told>& told = bench.vector.told;
  auto dispatch = told.begin();
  while (dispatch != told.end() && lanes(*dispatch, StallReason::kDma) == 0) ++dispatch;
  ASSERT_LE(dispatch + 3, told.end());
  const TimedUnit::Told& waits = *dispatch++;
  EXPECT_EQ(lanes(waits, StallReason::kDma), bench.config.cores);
  EXPECT_EQ(lanes(*dispatch, StallReason::kCommandFetch), bench.config.cores);
  EXPECT_EQ(lanes(*dispatch, StallReason::kDma), 0);
  // The copy runs for 1000; the wait began after it did, when CONVERT was decoded.
  EXPECT_LE(dispatch->cycle - waits.cycle, 1000U);
  EXPECT_GE(dispatch->cycle - waits.cycle, 500U);
  const TimedUnit::Told& begun = *(dispatch + 1);
  EXPECT_EQ(begun.cycle - dispatch->cycle, bench.config.dispatch_cycles);
  EXPECT_EQ(begun.waiting, WaitingLanes{});
}

TEST(Queue, AFullCompletionRingIsWhyUnitsDoNotStart) {
  ProcessorBench bench;
  bench.run([&] {
    bench.enable_device();
    bench.enable_queue(0, 32, 8);
    bench.submit(0, std::vector<dixion_command_t>(9, bench.nop()));
    bench.wait_for_records(0, 8);
    bench.submit(0, {bench.convert(1, 8, 9)});
    bench.wait_cycles(1000);
    EXPECT_EQ(bench.vector.told.back().waiting.for_reason[index_of(StallReason::kCompletion)], bench.config.cores);
    bench.write(bench.queue_register(0, DIXION_QUEUE_COMPLETION_HEAD), 8);
    bench.wait_for_records(0, 10);
    EXPECT_EQ(bench.vector.told.back().waiting, WaitingLanes{});
  });
}

TEST(Queue, StatusNamesTheSemaphoreThatNobodySignals) {
  ProcessorBench bench;
  bench.run([&] {
    bench.enable_all();
    bench.submit(1, {bench.nop(1), bench.waiting(bench.fill(2, 1), 6, 3)});
    bench.wait_for_records(1, 1);
    bench.wait_cycles(100);
  });
  const QueueStatus status = bench.processor.queue_status()[1];
  EXPECT_EQ(status.oldest_waits_for, QueueStatus::Wait::kSemaphore);
  EXPECT_EQ(describe(status),
            "queue 1: 2 of 2 commands fetched; command 1 DMA_FILL waits for semaphore 6: is 0, needs 3");
  EXPECT_THAT(describe_recent(status),
              ElementsAre("queue 1 command 0 NOP: done", "queue 1 command 1 DMA_FILL: waiting"));
  EXPECT_FALSE(bench.processor.idle());
}

}  // namespace
}  // namespace dixion::test
