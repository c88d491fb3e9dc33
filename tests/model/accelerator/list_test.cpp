// SPDX-License-Identifier: Apache-2.0
// CALL: lists, parameter blocks, replays.
#include "tests/model/accelerator/processor_bench.h"

namespace dixion::test {
namespace {

using testing::ElementsAre;

TEST(List, RunsItsCommandsAndPostsOneRecordForTheCall) {
  ProcessorBench bench;
  bench.run([&] {
    bench.enable_all();
    bench.submit(
        0, {bench.call(bench.kList, {bench.fill(1, 1), bench.convert(2, 2, 3), bench.nop(3)}, 0, 9), bench.nop(10)});
    bench.wait_for_records(0, 2);
    bench.wait_cycles(1000);
    EXPECT_EQ(bench.read(bench.queue_register(0, DIXION_QUEUE_COMPLETION_TAIL)), 2U);
    const auto& call = bench.record(0, bench.record(0, 0).tag == 9 ? 0 : 1);
    EXPECT_EQ(call.command_id, 0U);
    EXPECT_EQ(call.status, DIXION_STATUS_OK);
  });
  EXPECT_TRUE(bench.errors.empty());
}

TEST(List, IsLongerThanThePrefetchWindow) {
  ProcessorBench bench;
  std::vector<dixion_command_t> commands(200, bench.nop(1));
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.call(bench.kList, commands, 0, 2)});
    bench.wait_for_records(0, 1);
  });
  EXPECT_EQ(bench.tags(Stage::kDispatch).size(), 201U);
}

TEST(List, AReplayTakesTagsValuesAddressesAndSemaphoreBasesFromItsBlock) {
  ProcessorBench bench;
  // Two commands that depend on each other through semaphore 5, one signal per replay.
  dixion_command_t writer = bench.signalling(bench.fill(0x10, 20), 5);
  writer.parameter_mask = 1;
  writer.immediates[0] = 2;  // value[2]
  const dixion_command_t reader = bench.waiting(bench.convert(0x11, 20, 21), 5, 1);
  bench.dma.cycles[0x110] = bench.dma.cycles[0x210] = 900;
  bench.run([&] {
    auto& descriptor = bench.memory.at<dixion_descriptor_t>(bench.kTable + 20 * 64);
    descriptor.flags = DIXION_DESCRIPTOR_FLAG_PARAMETER_BASE;
    descriptor.parameter = 1;
    descriptor.address = 0x40;
    bench.enable_all();
    for (std::uint32_t replay = 0; replay < 2; ++replay) {
      auto& block = bench.memory.at<dixion_parameter_block_t>(bench.kParameters);
      block = {};
      block.tag_base = 0x100 * (replay + 1);
      block.value[1] = bench.kTensors + 0x1000 * replay;
      block.value[2] = 77 + replay;
      block.semaphore_base[5] = replay;
      bench.submit(0, {bench.call(bench.kList, {writer, reader}, bench.kParameters, 1)});
      bench.wait_for_records(0, replay + 1);
    }
  });
  EXPECT_TRUE(bench.errors.empty()) << bench.errors[0].subject << " " << bench.errors[0].expected;
  ASSERT_EQ(bench.dma.started.size(), 2U);
  EXPECT_EQ(bench.dma.started[1].immediates[0], 78U);
  EXPECT_EQ(bench.dma.started[0].operands[0].address, bench.kTensors + 0x40);
  EXPECT_EQ(bench.dma.started[1].operands[0].address, bench.kTensors + 0x1040);
  // The second replay's reader waited for the second replay's writer.
  EXPECT_THAT(bench.tags(Stage::kDispatch), ElementsAre(1, 0x110, 0x111, 1, 0x210, 0x211));
}

TEST(List, ACommandWithTheRecordFlagPostsOneWithTheCallsId) {
  ProcessorBench bench;
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.nop(), bench.call(bench.kList, {bench.nop(1), bench.nop(2, DIXION_COMMAND_FLAG_RECORD)})});
    bench.wait_for_records(0, 3);
    EXPECT_EQ(bench.record(0, 1).tag, 2U);
    EXPECT_EQ(bench.record(0, 1).command_id, 1U);
  });
}

TEST(List, AFenceInsideWaitsForWhatIsBeforeButNotForItsOwnCall) {
  ProcessorBench bench;
  bench.dma.cycles[1] = bench.dma.cycles[2] = 700;
  bench.run([&] {
    bench.enable_all();
    bench.submit(
        0, {bench.fill(1, 1), bench.call(bench.kList, {bench.fill(2, 2), bench.nop(3, DIXION_COMMAND_FLAG_FENCE)})});
    bench.wait_for_records(0, 2);
  });
  EXPECT_EQ(bench.tags(Stage::kEnd), (std::vector<std::uint32_t>{3, 0}));  // the units here emit none
  EXPECT_EQ(bench.tags(Stage::kDispatch).back(), 3U);
}

TEST(List, IsReadWhenTheCallStartsNotWhenItIsFetched) {
  ProcessorBench bench;
  bench.run([&] {
    bench.enable_all();
    bench.submit(0, {bench.waiting(bench.call(bench.kList, {bench.nop(1)}), 8, 1)});
    bench.wait_cycles(2000);
    bench.memory.at<dixion_command_t>(bench.kList).tag = 2;
    bench.write(DIXION_ACCELERATOR_SEMAPHORE(8), 1);
    bench.wait_for_records(0, 1);
  });
  EXPECT_THAT(bench.tags(Stage::kDispatch), ElementsAre(0, 2));
}

TEST(List, TwoQueuesReplayTheSameListIndependently) {
  ProcessorBench bench;
  bench.run([&] {
    bench.enable_all();
    const dixion_command_t call = bench.call(bench.kList, {bench.nop(1), bench.nop(2), bench.nop(3)});
    bench.submit(0, {call, call});
    bench.submit(1, {call});
    bench.wait_for_records(0, 2);
    bench.wait_for_records(1, 1);
  });
  EXPECT_EQ(bench.tags(Stage::kDispatch).size(), 12U);
}

}  // namespace
}  // namespace dixion::test
