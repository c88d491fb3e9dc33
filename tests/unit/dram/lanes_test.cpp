// SPDX-License-Identifier: Apache-2.0
/// Channels that are simulated together must do what each does on its own.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "platform/dram/core.h"
#include "platform/dram/presets.h"
#include "tests/unit/dram/channel_bench.h"

namespace dixion::dram::lanes {
namespace {

struct Arrival {
  Cycles at;
  StreamRequest stream;
  bool access = false;  // of stream.bytes at stream.address
};

struct Outcome {
  std::vector<Cycles> finish;  // of each arrival
  CoreStatistics statistics;
};

constexpr Cycles kEnd = 3'000'000;

Outcome together(const CoreConfig& config, const std::vector<Arrival>& arrivals) {
  Core core(config);
  std::vector<Core::Id> ids;
  const auto run_to = [&core](Cycles to) {
    for (Cycles next = core.next_event(); next <= to; next = core.next_event()) core.advance(next);
    core.advance(to);
  };
  for (const Arrival& arrival : arrivals) {
    run_to(arrival.at);
    const StreamRequest& s = arrival.stream;
    ids.push_back(arrival.access ? core.add_access(arrival.at, s.address, s.bytes, s.write, s.requester)
                                 : core.add_stream(arrival.at, s));
  }
  run_to(kEnd);
  Outcome outcome;
  for (const Core::Id id : ids) {
    EXPECT_TRUE(core.done(id));
    outcome.finish.push_back(core.finish(id));
  }
  outcome.statistics = core.settle(kEnd);
  return outcome;
}

/// One channel after the other, burst by burst, nothing remembered.
Outcome each_alone(const CoreConfig& config, const std::vector<Arrival>& arrivals) {
  const AddressMap map(config.preset.geometry, config.mapping);
  ControllerConfig controller = config.controller;
  controller.fast_forward = false;
  std::vector<std::unique_ptr<StreamPlan>> plans;
  for (const Arrival& arrival : arrivals) {
    plans.push_back(
        std::make_unique<StreamPlan>(map, arrival.stream.address, arrival.stream.shape, arrival.stream.bytes));
  }
  Outcome outcome;
  outcome.finish.assign(arrivals.size(), 0);
  for (unsigned number = 0; number < map.channels(); ++number) {
    Channel channel(config.preset, controller, map, nullptr);
    std::map<unsigned, std::size_t> owner;  // by slot
    const auto run_to = [&](Cycles to) {
      if (channel.state().now < to) channel.run(to, false);
      for (auto entry = owner.begin(); entry != owner.end();) {
        const StreamSlot& slot = channel.state().stream[entry->first];
        if (!slot.finished || slot.finish > to) {
          ++entry;
          continue;
        }
        Cycles& finish = outcome.finish[entry->second];
        finish = std::max(finish, slot.finish);
        const auto who = static_cast<unsigned>(arrivals[entry->second].stream.requester);
        outcome.statistics.requester[who] += channel.remove_stream(entry->first);
        entry = owner.erase(entry);
      }
      channel.drop_entered_requests();
    };
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
      const Arrival& arrival = arrivals[i];
      const StreamRequest& s = arrival.stream;
      run_to(arrival.at);
      if (!arrival.access) {
        const StreamCursor cursor(*plans[i], number);
        if (!cursor.exhausted) owner[channel.add_stream(cursor, s.write, 0)] = i;
        continue;
      }
      for (std::uint64_t atom = s.address / map.atom_bytes(); atom <= (s.address + s.bytes - 1) / map.atom_bytes();
           ++atom) {
        if (map.channel(atom) != number) continue;
        channel.add_request(
            {static_cast<std::uint32_t>(i), map.locate(map.local(atom, number)), arrival.at, s.write, s.requester});
      }
    }
    run_to(kEnd);
    EXPECT_FALSE(channel.busy());
    for (const Channel::Served& served : channel.served()) {
      outcome.finish[served.request] = std::max(outcome.finish[served.request], served.finish);
    }
    outcome.statistics.commands += channel.state().commands;
    for (unsigned k = 0; k < kRequesters; ++k) outcome.statistics.requester[k] += channel.state().requests[k];
  }
  return outcome;
}

void expect_equal(const CoreConfig& config, const std::vector<Arrival>& arrivals) {
  const Outcome expected = each_alone(config, arrivals);
  for (const bool fast : {false, true}) {
    SCOPED_TRACE(fast ? "with memory" : "burst by burst");
    CoreConfig with = config;
    with.controller.fast_forward = fast;
    const Outcome found = together(with, arrivals);
    EXPECT_EQ(found.finish, expected.finish);
    EXPECT_TRUE(found.statistics.commands == expected.statistics.commands);
    for (unsigned k = 0; k < kRequesters; ++k) {
      EXPECT_TRUE(found.statistics.requester[k] == expected.statistics.requester[k]) << "requester " << k;
    }
  }
}

CoreConfig config_of(const std::string& preset, unsigned channels) {
  return {
      .preset = find_preset(preset), .mapping = {.channels = channels}, .controller = {}, .capacity_bytes = 1 << 28};
}

StreamRequest contiguous(std::uint64_t address, std::uint64_t bytes, bool write = false) {
  return {address, {bytes, 0, {}, {}}, bytes, write, 0, write ? Requester::kVector : Requester::kDma};
}

// What weights look like: one stream after the other, commands fetched in between.
TEST(Lanes, StreamsInARowWithAccessesBetween) {
  std::vector<Arrival> arrivals;
  std::uint64_t address = 12'288;
  for (unsigned i = 0; i < 30; ++i) {
    arrivals.push_back({20'000ULL * i, contiguous(address, 400'000 + 4'608ULL * i)});
    address += 400'000 + 4'608ULL * i;
    for (unsigned k = 0; k < 3; ++k) {
      arrivals.push_back({20'000ULL * i + 700 + 900 * k, contiguous(200'000'000 + 256 * (3 * i + k), 192), true});
    }
  }
  expect_equal(config_of("GDDR6-14", 13), arrivals);
}

TEST(Lanes, InPlaceCopiesPassesAndStridedRuns) {
  std::vector<Arrival> arrivals;
  for (unsigned i = 0; i < 6; ++i) {
    const Cycles at = 120'000ULL * i;
    const std::uint64_t address = 16'777'216 + 65'536ULL * i;
    arrivals.push_back({at, contiguous(address, 900'000)});
    arrivals.push_back({at + 69, contiguous(address, 900'000, true)});
    StreamRequest passes = contiguous(90'000'000, 300'000);
    passes.bytes = 900'000;
    arrivals.push_back({at + 40'000, passes});
    StreamRequest heads{33'554'432,        {144, 3, {2, 4, 300}, {3'000'000, 144, 6912}}, 2 * 4 * 300 * 144, false, 0,
                        Requester::kMatrix};
    arrivals.push_back({at + 41'000, heads});
  }
  expect_equal(config_of("GDDR6-14", 7), arrivals);
  CoreConfig by_bank = config_of("HBM2E-3024", 5);
  by_bank.controller.refresh = RefreshMode::kPerBank;
  expect_equal(by_bank, arrivals);
}

TEST(Lanes, RandomMixes) {
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    test::Random random(seed);
    CoreConfig config =
        config_of(presets()[random.below(presets().size())].name, static_cast<unsigned>(1 + random.below(9)));
    config.controller.page_policy = random.below(3) == 0 ? PagePolicy::kClosed : PagePolicy::kOpen;
    if (random.below(3) == 0) config.mapping.order = "row column bank group";
    if (random.below(3) == 0) config.mapping.xors = "bank.0^row.1 group.0^row.0";
    std::vector<Arrival> arrivals;
    Cycles at = 0;
    for (unsigned i = 0; i < 14; ++i) {  // fewer than there are slots
      at += random.below(3) == 0 ? random.below(60'000) : random.below(300);
      if (random.below(3) == 0) {
        arrivals.push_back({at, contiguous(random.below(1 << 27), 1 + random.below(600), random.below(2) == 0), true});
        continue;
      }
      const std::uint64_t bytes = 1 + random.below(random.below(2) == 0 ? 20'000 : 1'500'000);
      StreamRequest stream = contiguous(random.below(1 << 20) * 32, bytes, random.below(3) == 0);
      if (random.below(4) == 0) {
        stream.shape = {1 + random.below(700),
                        2,
                        {1 + random.below(30), 1 + random.below(200)},
                        {1 + random.below(1 << 17), 1 + random.below(9000)}};
        stream.bytes = stream.shape.run_bytes * stream.shape.count[0] * stream.shape.count[1];
      }
      arrivals.push_back({at, stream});
    }
    expect_equal(config, arrivals);
  }
}

}  // namespace
}  // namespace dixion::dram::lanes
