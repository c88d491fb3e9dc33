// SPDX-License-Identifier: Apache-2.0
#include "platform/dram/core.h"

#include <gtest/gtest.h>

#include "models/common/check.h"
#include "platform/dram/presets.h"
#include "tests/unit/dram/channel_bench.h"

namespace dixion::dram {
namespace {

CoreConfig config_of(const char* preset, unsigned channels, bool fast = true) {
  CoreConfig config{
      .preset = find_preset(preset), .mapping = {.channels = channels}, .controller = {}, .capacity_bytes = 1 << 28};
  config.controller.fast_forward = fast;
  return config;
}

StreamRequest stream(std::uint64_t address, std::uint64_t bytes, bool write = false, std::uint64_t limit = 0) {
  return {address, {bytes, 0, {}, {}}, bytes, write, limit, Requester::kDma};
}

/// Runs event by event until nothing is left.
void drain(Core& core) {
  for (Cycles next = core.next_event(); next != Core::kNothing; next = core.next_event()) core.advance(next);
}

TEST(Core, LoneAccessTakesActivationAndBurst) {
  Core core(config_of("HBM2-2000", 4));
  EXPECT_EQ(core.run_access(100, 4096, 32, false, Requester::kOther), 100U + 14 + 2);  // rcd_read, burst
  EXPECT_EQ(core.run_access(200, 4096, 32, false, Requester::kOther), 200U + 2);       // the row is open
  EXPECT_EQ(core.run_access(300, 4096 + 4 * 16384, 32, true, Requester::kOther), 300U + 14 + 12 + 2);  // rp, rcd_write
}

TEST(Core, AccessGivesTheSameTimeEventByEventAndInOneCall) {
  test::Random random(3);
  Core at_once(config_of("LPDDR5-6400", 3));
  Core by_events(config_of("LPDDR5-6400", 3));
  Cycles now = 0;
  for (unsigned i = 0; i < 500; ++i) {
    now += 300 + random.below(400);
    const std::uint64_t address = random.below(1 << 27);
    const std::uint64_t bytes = 1 + random.below(700);
    const bool write = random.below(2) == 0;
    const Cycles finish = at_once.run_access(now, address, bytes, write, Requester::kOther);
    const Core::Id id = by_events.add_access(now, address, bytes, write, Requester::kOther);
    while (!by_events.done(id)) by_events.advance(by_events.next_event());
    ASSERT_EQ(by_events.finish(id), finish) << i;
    by_events.remove(finish, id);
    now = finish;
  }
}

TEST(Core, LongStreamComesCloseToAllChannelsPeakLessRefresh) {
  for (const Preset& preset : presets()) {
    for (const unsigned channels : {1U, 3U, 8U}) {
      Core core(config_of(preset.name.c_str(), channels));
      const std::uint64_t bytes = std::uint64_t{channels} << 24;
      const Core::Id id = core.add_stream(0, stream(0, bytes));
      drain(core);
      ASSERT_TRUE(core.done(id));
      const double cycles = static_cast<double>(bytes) / preset.geometry.atom_bytes * preset.timing.ccd_s / channels;
      const double share = cycles / static_cast<double>(core.finish(id));
      const double refresh = 1.0 - static_cast<double>(preset.timing.rfc_all) / preset.timing.refi;
      EXPECT_LT(share, refresh) << preset.name;
      EXPECT_GT(share, refresh - 0.03) << preset.name;
    }
  }
}

TEST(Core, RequesterAsFastAsAllChannelsIsNeverLate) {
  // 3 channels, 7 blocks: the first holds more than the others.
  const auto finish = [](std::uint64_t limit) {
    Core core(config_of("HBM2-2000", 3));
    const Core::Id id = core.add_stream(0, stream(0, 7 * 256, false, limit));
    drain(core);
    return core.finish(id);
  };
  const std::uint64_t peak = 3 * find_preset("HBM2-2000").peak_bytes_per_second();
  EXPECT_EQ(finish(peak), finish(0));
  EXPECT_GT(finish(peak / 4), finish(0));
}

TEST(Core, LimitedStreamEndsAtItsRateWhereverItsBlocksLie) {
  // 6 GB/s, an eighth of the peak of 48 GB/s: 100 blocks take 4267 clocks, the last burst comes a burst before.
  CoreConfig config = config_of("HBM2-2000", 3);
  config.controller.refresh = RefreshMode::kNone;
  for (const std::uint64_t blocks : {1U, 4U, 100U}) {
    Core core(config);
    const Core::Id id = core.add_stream(0, stream(0, blocks * 256, false, 6'000'000'000));
    drain(core);
    const Cycles own = (blocks * 256 + 5) / 6;
    EXPECT_GE(core.finish(id), own) << blocks;
    EXPECT_LE(core.finish(id), own + 16) << blocks;
  }
}

TEST(Core, FinishTimesDoNotDependOnJumpsNorOnWhenOneLooks) {
  const auto run = [](bool fast, bool look_often) {
    Core core(config_of("HBM2-2400", 5, fast));
    test::Random random(9);
    std::vector<Core::Id> ids;
    Cycles now = 0;
    for (unsigned i = 0; i < 20; ++i) {
      const Cycles arrival = now + random.below(20'000);
      for (Cycles next = core.next_event(); next < arrival; next = core.next_event()) core.advance(next);
      while (look_often && now < arrival) {
        now = std::min(arrival, now + 1997);
        core.advance(now);
        if (now % 3 == 0) (void)core.settle(now);
        (void)core.next_event();
      }
      now = arrival;
      core.advance(now);
      if (random.below(4) == 0) {
        ids.push_back(core.add_access(now, random.below(1 << 27), 64, true, Requester::kOther));
      } else {
        const std::uint64_t limit = random.below(2) == 0 ? 0 : 5'000'000'000 + random.below(20'000'000'000);
        ids.push_back(core.add_stream(
            now, stream(random.below(1 << 27), 1 + random.below(1'000'000), random.below(3) == 0, limit)));
      }
    }
    drain(core);
    std::vector<Cycles> finishes;
    for (const Core::Id id : ids) {
      EXPECT_TRUE(core.done(id));
      finishes.push_back(core.finish(id));
    }
    const CoreStatistics statistics = core.settle(10'000'000);
    finishes.push_back(statistics.commands.reads);
    finishes.push_back(statistics.commands.activates);
    finishes.push_back(statistics.commands.refreshes);
    finishes.push_back(statistics.requester[static_cast<unsigned>(Requester::kDma)].hits);
    return finishes;
  };
  const std::vector<Cycles> slow = run(false, false);
  EXPECT_EQ(run(true, false), slow);
  EXPECT_EQ(run(false, true), slow);
  EXPECT_EQ(run(true, true), slow);
}

TEST(Core, StreamTakesNoMoreThanItsRequesterCanAndLeavesTheRestToOthers) {
  const auto both = [](std::uint64_t limit) {
    Core core(config_of("HBM2-2000", 4));  // 64 GB/s
    const Core::Id slow = core.add_stream(0, stream(0, 16 << 20, false, limit));
    const Core::Id fast = core.add_stream(0, stream((64 << 20) + 4 * 8192, 32 << 20));  // half a round of banks apart
    drain(core);
    return std::pair{core.finish(slow), core.finish(fast)};
  };
  const auto [slow, fast] = both(8'000'000'000);
  EXPECT_GE(slow, (16ULL << 20) / 8);         // 8 bytes per clock at most
  EXPECT_LE(slow, (16ULL << 20) / 8 * 1.04);  // what it loses in contention it does not catch up faster than it can
  // 57.6 GB/s are there after refresh, 8 are taken.
  EXPECT_LT(static_cast<double>(fast), (32 << 20) / 49.6 * 1.05);
  EXPECT_GT(static_cast<double>(fast), (32 << 20) / 49.6 * 0.97);
  // Without a limit they share evenly and the shorter is through first.
  EXPECT_LT(both(0).first, both(0).second);
  EXPECT_NEAR(static_cast<double>(both(0).first) * 57.6, 2.0 * (16 << 20), (16 << 20) * 0.1);
}

TEST(Core, EqualStreamsEndTogether) {
  Core core(config_of("HBM2-2000", 4));
  std::vector<Core::Id> ids;
  for (unsigned i = 0; i < 20; ++i)
    ids.push_back(core.add_stream(0, stream(std::uint64_t{i} << 22, 1 << 18)));  // more than slots
  drain(core);
  Cycles last = 0;
  for (const Core::Id id : ids) last = std::max(last, core.finish(id));
  for (unsigned i = 1; i < kMaxStreams; ++i)
    EXPECT_NEAR(static_cast<double>(core.finish(ids[i])), static_cast<double>(core.finish(ids[0])), 4000);
  EXPECT_LT(core.finish(ids[0]), last);
}

TEST(Core, AbandonedStreamGivesItsShareBack) {
  Core core(config_of("HBM2-2000", 1));
  const Core::Id gone = core.add_stream(0, stream(0, 1 << 24));
  const Core::Id stays = core.add_stream(0, stream(1 << 25, 1 << 18));
  core.advance(1000);
  core.remove(1000, gone);
  drain(core);
  EXPECT_LT(core.finish(stays), (1 << 18) / 16 * 1.15 + 1000);
}

TEST(Core, CountsCloseForEachRequester) {
  Core core(config_of("HBM2-2000", 4));
  (void)core.add_stream(0, stream(0, 1 << 22));
  (void)core.add_stream(100, stream(1 << 26, 1 << 20, true));
  (void)core.run_access(50'000, 12345, 100, false, Requester::kFetch);
  drain(core);
  const CoreStatistics all = core.settle(1'000'000);
  const SourceCounters& dma = all.requester[static_cast<unsigned>(Requester::kDma)];
  const SourceCounters& processor = all.requester[static_cast<unsigned>(Requester::kFetch)];
  EXPECT_EQ(dma.reads, (1U << 22) / 32);
  EXPECT_EQ(dma.writes, (1U << 20) / 32);
  EXPECT_EQ(processor.reads, 4U);  // bytes 12345 to 12444 lie in four bursts
  EXPECT_EQ(all.commands.reads, dma.reads + processor.reads);
  EXPECT_EQ(all.commands.writes, dma.writes);
  for (const SourceCounters* source : {&dma, &processor}) {
    EXPECT_EQ(source->hits + source->opened + source->conflicts, source->reads + source->writes);
    std::uint64_t bursts = 0;
    for (const std::uint64_t count : source->latency) bursts += count;
    EXPECT_EQ(bursts, source->reads + source->writes);
  }
  EXPECT_GT(dma.hits * 10, (dma.reads + dma.writes) * 9);
  EXPECT_EQ(all.commands.refreshes, 4U * (1'000'000 / 3900));
  EXPECT_EQ(all.commands.activates, all.commands.precharges);  // the last refresh closed all
}

TEST(Core, BadConfigurationIsRefused) {
  const auto refusal = [](auto change) -> std::string {
    CoreConfig config = config_of("HBM2-2000", 2);
    change(config);
    try {
      const Core core(config);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refusal([](CoreConfig& c) { c.controller.window = 65; }), "dram window: 65 is outside 1 to 64");
  EXPECT_EQ(refusal([](CoreConfig& c) { c.controller.window = 0; }), "dram window: 0 is outside 1 to 64");
  EXPECT_EQ(refusal([](CoreConfig& c) { c.controller.starvation_limit = 0; }),
            "dram starvation_limit: must be at least 1");
  EXPECT_EQ(refusal([](CoreConfig& c) { c.capacity_bytes = (1ULL << 30) + 1; }),
            "dram capacity_bytes: 1073741825 is outside 1 to 1073741824, what 2 channels of HBM2-2000 hold");
  EXPECT_EQ(refusal([](CoreConfig& c) { c.capacity_bytes = 1ULL << 30; }), "");
  EXPECT_NE(refusal([](CoreConfig& c) { c.preset.timing.rc = 1; }), "");
  EXPECT_NE(refusal([](CoreConfig& c) { c.mapping.xors = "bank.0^bank.0"; }), "");
}

}  // namespace
}  // namespace dixion::dram
