// SPDX-License-Identifier: Apache-2.0
/// Jumping must give what simulation burst by burst gives: finish times, counts, histograms, everything.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/dram/channel_bench.h"

namespace dixion::dram {
namespace {

struct Job {
  Cycles at;
  std::uint64_t address;
  StreamShape shape;
  std::uint64_t bytes;
  bool write = false;
  std::uint32_t pace = 0;
};

StreamShape contiguous(std::uint64_t bytes) { return {bytes, 0, {}, {}}; }

struct Outcome {
  std::vector<Cycles> finish;
  std::vector<SourceCounters> counters;
  CommandCounters commands;
  std::uint64_t jumps = 0;
};

struct Arrangement {
  std::string preset = "HBM2-2000";
  MappingConfig mapping{.channels = 4};
  ControllerConfig controller{};
  unsigned channel = 1;
};

/// Runs the jobs on one channel; `chunk`: how far at a time.
Outcome simulate(const Arrangement& setup, const std::vector<Job>& jobs, bool fast, Cycles chunk,
                 FastForward* shared = nullptr) {
  const Preset& preset = find_preset(setup.preset);
  const AddressMap map(preset.geometry, setup.mapping);
  ControllerConfig config = setup.controller;
  config.fast_forward = fast;
  const bool by_bank = config.refresh == RefreshMode::kPerBank;
  FastForward own(preset.geometry.banks(), preset.geometry.bank_groups,
                  by_bank ? preset.geometry.banks() / preset.geometry.banks_per_refresh : 1,
                  by_bank ? preset.refi_bank() : preset.timing.refi);
  FastForward& memory = shared != nullptr ? *shared : own;
  Channel channel(preset, config, map, &memory);
  std::vector<StreamPlan> plans;
  for (const Job& job : jobs) plans.emplace_back(map, job.address, job.shape, job.bytes);
  std::vector<unsigned> slots;
  Outcome outcome;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    while (channel.state().now < jobs[i].at) channel.run(std::min(channel.state().now + chunk, jobs[i].at), false);
    slots.push_back(channel.add_stream(StreamCursor(plans[i], setup.channel), jobs[i].write, jobs[i].pace));
  }
  constexpr Cycles kEnd = 6'000'000;
  while (channel.state().now < kEnd) channel.run(std::min(channel.state().now + chunk, kEnd), false);
  EXPECT_FALSE(channel.busy()) << "did not end";
  for (const unsigned slot : slots) {
    outcome.finish.push_back(channel.state().stream[slot].finish);
    outcome.counters.push_back(channel.state().stream[slot].counters);
  }
  outcome.commands = channel.state().commands;
  outcome.jumps = memory.jumps();
  return outcome;
}

void expect_same(const Outcome& fast, const Outcome& slow) {
  EXPECT_EQ(fast.finish, slow.finish);
  EXPECT_TRUE(fast.counters == slow.counters);
  EXPECT_EQ(fast.commands.activates, slow.commands.activates);
  EXPECT_EQ(fast.commands.refreshes, slow.commands.refreshes);
  EXPECT_TRUE(fast.commands == slow.commands);
}

void expect_equal(const Arrangement& setup, const std::vector<Job>& jobs, bool expect_jumps = true) {
  const Outcome slow = simulate(setup, jobs, false, 1'000'003);
  for (const Cycles chunk : {Cycles{1'000'000'000}, Cycles{7'001}}) {
    const Outcome fast = simulate(setup, jobs, true, chunk);
    expect_same(fast, slow);
    if (expect_jumps) {
      EXPECT_GT(fast.jumps, 0U) << "nothing was jumped: the comparison is empty";
    }
  }
}

TEST(FastForward, StreamingEqualsBurstByBurstForAllPresetsAndPolicies) {
  for (const Preset& preset : presets()) {
    for (const RefreshMode refresh : {RefreshMode::kNone, RefreshMode::kAllBank, RefreshMode::kPerBank}) {
      for (const PagePolicy page : {PagePolicy::kOpen, PagePolicy::kClosed}) {
        SCOPED_TRACE(preset.name + " refresh " + std::to_string(static_cast<int>(refresh)) + " page " +
                     std::to_string(static_cast<int>(page)));
        Arrangement setup{.preset = preset.name};
        setup.controller.refresh = refresh;
        setup.controller.page_policy = page;
        expect_equal(setup, {{1234, 4'096 * 3 + 100, contiguous(3'000'001), 3'000'001}},
                     refresh != RefreshMode::kPerBank);
      }
    }
  }
}

// Which bank is refreshed next, and when, comes back only after a while.
TEST(FastForward, LongStreamsUnderPerBankRefreshAreJumpedToo) {
  for (const char* preset : {"HBM2-2400", "HBM3-6400", "LPDDR5-6400"}) {
    SCOPED_TRACE(preset);
    Arrangement arrangement{.preset = preset};
    arrangement.controller.refresh = RefreshMode::kPerBank;
    expect_equal(arrangement, {{0, 0, contiguous(64 << 20), 64 << 20}});
  }
}

TEST(FastForward, StridedStreamsEqualBurstByBurst) {
  for (const std::uint64_t stride : {512U, 4096U, 4352U, 65536U, 100'000U}) {
    for (const std::uint64_t run : {64U, 300U}) {
      SCOPED_TRACE(std::to_string(run) + " bytes every " + std::to_string(stride));
      expect_equal({.mapping = {.channels = 3}}, {{0, 77, {run, 1, {6000}, {stride}}, 6000 * run}}, false);
    }
  }
  expect_equal({}, {{0, 0, {128, 1, {40'000}, {768}}, 40'000 * 128}});
  // Three loops, and passes over the whole.
  expect_equal({}, {{5, 640, {256, 3, {20, 12, 16}, {1 << 18, 8192, 512}}, 3 * 20 * 12 * 16 * 256}}, false);
  expect_equal({}, {{5, 0, contiguous(1'500'000), 4'500'000}});
}

TEST(FastForward, OverlappingStreamsEqualBurstByBurst) {
  const std::uint64_t apart = 64 << 20;
  expect_equal({}, {{0, 0, contiguous(3'000'000), 3'000'000}, {777, apart, contiguous(2'000'000), 2'000'000}});
  // One writes, one is slow, one begins late in the same rows where another reads.
  expect_equal({}, {{0, 0, contiguous(2'000'000), 2'000'000, true}, {999, apart, contiguous(3'000'000), 3'000'000}});
  expect_equal({}, {{0, 0, contiguous(1'000'000), 1'000'000, false, 64 * 7 + 13},
                    {10, apart, contiguous(4'000'000), 4'000'000}});
  expect_equal({}, {{0, 0, contiguous(1'000'000), 1'000'000},
                    {2000, 0, contiguous(2'000'000), 2'000'000},
                    {2001, apart, {256, 1, {3000}, {2048}}, 3000 * 256},
                    {50'000, 2 * apart, contiguous(100'000), 100'000}});
  // Neighbours: the second begins in the row where the first ends.
  expect_equal({}, {{0, 0, contiguous(1'000'100), 1'000'100}, {2000, 1'000'100, contiguous(900'000), 900'000}});
}

TEST(FastForward, OneAfterTheOtherAndRowsLeftOpen) {
  expect_equal({}, {{0, 0, contiguous(500'000), 500'000},
                    {200'000, 500'000, contiguous(700'000), 700'000},
                    {400'000, 100'000, contiguous(900'000), 900'000}});
}

TEST(FastForward, XorMappingAndOtherOrdersEqualBurstByBurst) {
  Arrangement setup{.mapping = {.channels = 5, .xors = "bank.0^row.0 bank.1^row.1 group.0^row.2"}};
  expect_equal(setup, {{0, 0, contiguous(6'000'000), 6'000'000}});
  setup.mapping = {.channels = 2, .order = "row column bank group"};
  expect_equal(setup,
               {{0, 0, contiguous(3'000'000), 3'000'000}, {5, 32 << 20, contiguous(3'000'000), 3'000'000, true}});
  setup.mapping = {.channels = 2, .order = "row group bank column"};
  setup.controller.starvation_limit = 10;
  expect_equal(setup, {{0, 0, contiguous(3'000'000), 3'000'000}, {5, 32 << 20, contiguous(3'000'000), 3'000'000}});
}

// A stream's begin and end, met again in other rows, banks and channels.
TEST(FastForward, BeginsAndEndsOfEqualStreamsAreNotSimulatedTwice) {
  FastForward memory(16, 4, 1, find_preset("GDDR6-14").timing.refi);
  Arrangement setup{.preset = "GDDR6-14", .mapping = {.channels = 3}};
  setup.controller.refresh = RefreshMode::kNone;
  std::vector<Job> jobs;
  for (unsigned i = 0; i < 12; ++i) {
    jobs.push_back({40'000ULL * i, (1 << 20) + 786'432ULL * i, contiguous(600'000), 600'000});
  }
  const Outcome slow = simulate(setup, jobs, false, 1'000'000'000);
  // States are kept when they occur the second time, ways between them after that.
  for (unsigned i = 0; i < 3; ++i) {
    EXPECT_EQ(simulate(setup, jobs, true, 1'000'000'000, &memory).finish, slow.finish) << i;
  }
  const std::uint64_t before = memory.jumps();
  expect_same(simulate(setup, jobs, true, 1'000'000'000, &memory), slow);
  EXPECT_EQ(memory.jumps() - before, jobs.size()) << "each stream is one jump, from its first burst to its last";
}

TEST(FastForward, MoreAndMoreStreamsInPlaceAndApartEqualBurstByBurst) {
  for (const char* order : {"row bank column group", "row column bank group", "row bank:1 column bank group"}) {
    SCOPED_TRACE(order);
    Arrangement setup{.preset = "GDDR6-14", .mapping = {.channels = 3, .order = order}};
    std::vector<Job> jobs;
    for (unsigned i = 0; i < 10; ++i) {
      const std::uint64_t address = (i / 2) * ((8ULL << 20) + 4'096 * i);  // pairs: a reader and a writer in place
      jobs.push_back({3'000ULL * i, address, contiguous(700'000 + 100 * i), 700'000 + 100 * i, i % 2 == 1});
    }
    // In the third, banks do not stand for each other: hardly a state comes twice.
    expect_equal(setup, jobs, std::string(order) != "row bank:1 column bank group");
  }
}

TEST(FastForward, RandomMixesEqualBurstByBurst) {
  for (std::uint64_t seed = 0; seed < 24; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    test::Random random(seed);
    Arrangement setup{.preset = presets()[random.below(presets().size())].name,
                      .mapping = {.channels = static_cast<unsigned>(1 + random.below(6))}};
    setup.channel = static_cast<unsigned>(random.below(setup.mapping.channels));
    setup.controller.window = static_cast<unsigned>(8 + random.below(57));
    setup.controller.refresh = random.below(2) == 0 ? RefreshMode::kAllBank : RefreshMode::kPerBank;
    setup.controller.page_policy = random.below(3) == 0 ? PagePolicy::kClosed : PagePolicy::kOpen;
    std::vector<Job> jobs;
    Cycles at = 0;
    for (unsigned i = 0; i < 6; ++i) {
      at += random.below(30'000);
      Job job{at, random.below(1 << 27), contiguous(1 + random.below(3'000'000)),
              0,  random.below(3) == 0,  random.below(3) == 0 ? static_cast<std::uint32_t>(random.below(1000)) : 0};
      if (random.below(3) == 0) {
        job.shape = {1 + random.below(2000),
                     2,
                     {1 + random.below(40), 1 + random.below(40)},
                     {1 + random.below(1 << 18), 1 + random.below(8192)}};
      }
      job.bytes = job.shape.run_bytes * (1 + random.below(2));
      for (unsigned d = 0; d < job.shape.rank; ++d) job.bytes *= job.shape.count[d];
      jobs.push_back(job);
    }
    expect_equal(setup, jobs, false);
  }
}

// Heads of keys and values, read pass by pass: a refresh falls into another place of the pattern each time.
TEST(FastForward, FromRefreshToRefreshIsOneJumpOnceItWasSimulated) {
  FastForward memory(16, 4, 1, find_preset("GDDR6-14").timing.refi);
  Arrangement setup{.preset = "GDDR6-14", .mapping = {.channels = 5}};
  const StreamShape heads{144, 3, {2, 4, 800}, {6'000'000, 144, 6912}};
  const std::uint64_t pass = 2 * 4 * 800 * 144;
  const std::vector<Job> jobs{{0, 1 << 20, heads, 40 * pass}, {3'000'000, 1 << 20, heads, 40 * pass}};
  const Outcome slow = simulate(setup, jobs, false, 1'000'000'000);
  const Cycles refreshes = (slow.finish[0] + slow.finish[1] - 3'000'000) / find_preset("GDDR6-14").timing.refi;
  ASSERT_GT(refreshes, 200U);
  for (unsigned i = 0; i < 4; ++i) {
    const std::uint64_t before = memory.jumps();
    expect_same(simulate(setup, jobs, true, 1'000'000'000, &memory), slow);
    if (i == 3) {
      EXPECT_LT(memory.jumps() - before, 8U) << "of " << refreshes << " intervals";
    }
  }
}

// The stride is a multiple of all channels' blocks, so that some heads have nothing in this one: from the last that
// has, passes go on, until the last pass ends there.
TEST(FastForward, RoundsThatLeaveTheChannelOutAreNotTakenForTheEnd) {
  FastForward memory(16, 4, 1, find_preset("GDDR6-14").timing.refi);
  Arrangement setup{.preset = "GDDR6-14", .mapping = {.channels = 3}};
  const StreamShape heads{144, 3, {2, 4, 400}, {3'000'000, 144, 6912}};
  const std::uint64_t pass = 2 * 4 * 400 * 144;
  const std::vector<Job> jobs{{0, 1 << 20, heads, 40 * pass}, {3'000'000, 1 << 20, heads, 40 * pass}};
  const Outcome slow = simulate(setup, jobs, false, 1'000'000'000);
  for (unsigned i = 0; i < 4; ++i) {
    expect_same(simulate(setup, jobs, true, 1'000'000'000, &memory), slow);
  }
}

// A few shapes again and again, at other times: what is remembered meets streams it was not learned from.
TEST(FastForward, RandomMixesOfFewShapesEqualBurstByBurst) {
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    test::Random random(seed);
    const Preset& preset = presets()[random.below(presets().size())];
    Arrangement setup{.preset = preset.name, .mapping = {.channels = static_cast<unsigned>(2 + random.below(5))}};
    FastForward memory(preset.geometry.banks(), preset.geometry.bank_groups, 1, preset.timing.refi);
    // Every second time heads follow each other in equal places: only the way to the next one tells the last apart.
    const std::uint64_t repeats = setup.mapping.channels * 32ULL * 4096;
    const StreamShape heads{144,
                            3,
                            {2, 1 + random.below(6), 100 + random.below(900)},
                            {seed % 2 == 0 ? 3'000'000ULL : 1'040ULL, seed % 2 == 0 ? 144ULL : 8 * repeats, 6912}};
    const std::uint64_t pass = 2 * heads.count[1] * heads.count[2] * 144;
    const StreamShape picture{1 + random.below(6000), 2, {1 + random.below(4), 40}, {1 << 19, 8192}};
    for (unsigned run = 0; run < 4; ++run) {
      setup.channel = static_cast<unsigned>(random.below(setup.mapping.channels));
      std::vector<Job> jobs;
      for (unsigned i = 0; i < 6; ++i) {
        const Cycles at = 150'000ULL * i + random.below(30'000);
        const std::uint64_t address = (1 + random.below(3)) << 20;
        jobs.push_back({at, address, heads, pass * (1 + random.below(12))});
        if (random.below(2) == 0) jobs.push_back({at, 32 << 20, contiguous(700'000), 1'400'000, random.below(2) == 0});
        if (random.below(3) == 0)
          jobs.push_back({at, 64 << 20, picture, 3 * picture.run_bytes * picture.count[0] * 40});
      }
      const Outcome slow = simulate(setup, jobs, false, 1'000'000'000);
      expect_same(simulate(setup, jobs, true, 1'000'000'000, &memory), slow);
    }
    EXPECT_GT(memory.jumps(), 20U);
  }
}

TEST(FastForward, WhatIsForgottenIsSimulatedAgain) {
  const std::uint64_t apart = 64 << 20;
  const std::vector<Job> jobs{{0, 0, contiguous(3'000'000), 3'000'000},
                              {2'000, 0, contiguous(2'000'000), 2'000'000, true},
                              {2'001, apart, {144, 2, {8, 900}, {144, 6912}}, 3 * 8 * 900 * 144},
                              {50'000, 2 * apart, contiguous(4'000'000), 4'000'000}};
  const Outcome slow = simulate({}, jobs, false, 1'000'000'000);
  FastForward memory(16, 4, 1, find_preset("HBM2-2000").timing.refi, 400'000);
  for (unsigned i = 0; i < 8; ++i) {
    expect_same(simulate({}, jobs, true, 1'000'000'000, &memory), slow);
  }
  EXPECT_GT(memory.times_full(), 3U);
  EXPECT_GT(memory.jumps(), 40U);
}

TEST(FastForward, WhatOneChannelLearnedServesAnother) {
  FastForward memory(16, 4, 1, find_preset("HBM2-2000").timing.refi);
  const std::vector<Job> jobs{{0, 0, contiguous(8'000'000), 8'000'000}};
  Arrangement setup;
  setup.channel = 0;
  Outcome first;
  for (unsigned i = 0; i < 4; ++i) first = simulate(setup, jobs, true, 1'000'000'000, &memory);  // see above
  setup.channel = 1;
  const Outcome second = simulate(setup, jobs, true, 1'000'000'000, &memory);
  EXPECT_EQ(second.finish, simulate(setup, jobs, false, 1'000'000'000).finish);
  EXPECT_LE(second.jumps - first.jumps, 3U) << "the second channel should jump to its end at once";
}

}  // namespace
}  // namespace dixion::dram
