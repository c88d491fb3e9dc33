// SPDX-License-Identifier: Apache-2.0
/// Every distance from both sides: the checker refuses t - 1 and takes t; the controller never goes below t and does
/// reach it.
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/dram/channel_bench.h"

namespace dixion::dram {
namespace {

using test::ChannelBench;
using test::LegalityChecker;

constexpr auto kAct = Command::kActivate;
constexpr auto kPre = Command::kPrecharge;
constexpr auto kPreAll = Command::kPrechargeAll;
constexpr auto kRd = Command::kRead;
constexpr auto kWr = Command::kWrite;
constexpr auto kRef = Command::kRefreshAll;
constexpr auto kRefBank = Command::kRefreshBank;

struct Step {
  Command command;
  unsigned bank;
  Cycles at;
};

/// A trace in which only the last command can be too early, and by which rule.
struct Rule {
  const char* name;
  std::vector<Step> before;
  Command command;
  unsigned bank;
  Cycles legal_from;
};

std::vector<Rule> rules(const Preset& preset) {
  const Timing& t = preset.timing;
  const Geometry& g = preset.geometry;
  const unsigned next = g.banks_per_group;       // another group
  const unsigned third = 2 * g.banks_per_group;  // and another
  const Cycles far = 10'000;
  const Cycles ready = far + t.rc;  // a row opened at `far` may be read, written, closed
  std::vector<Rule> list{
      {"rc", {{kAct, 0, far}, {kPre, 0, far + t.ras}}, kAct, 0, far + std::max(t.rc, t.ras + t.rp)},
      {"rrd_l", {{kAct, 0, far}}, kAct, 1, far + t.rrd_l},
      {"rrd_s", {{kAct, 0, far}}, kAct, next, far + t.rrd_s},
      {"rcd_read", {{kAct, 0, far}}, kRd, 0, far + t.rcd_read},
      {"rcd_write", {{kAct, 0, far}}, kWr, 0, far + t.rcd_write},
      {"ras", {{kAct, 0, far}}, kPre, 0, far + t.ras},
      {"ras", {{kAct, 0, far}}, kPreAll, 0, far + t.ras},
      {"ccd_l read", {{kAct, 0, far}, {kRd, 0, ready}}, kRd, 0, ready + t.ccd_l},
      {"ccd_s read", {{kAct, 0, far - 99}, {kAct, next, far}, {kRd, 0, ready}}, kRd, next, ready + t.ccd_s},
      {"ccd_l write", {{kAct, 0, far}, {kWr, 0, ready}}, kWr, 0, ready + t.ccd_l},
      {"ccd_s write", {{kAct, 0, far - 99}, {kAct, next, far}, {kWr, 0, ready}}, kWr, next, ready + t.ccd_s},
      {"rtw", {{kAct, 0, far}, {kRd, 0, ready}}, kWr, 0, ready + t.rtw},
      {"wtr_l", {{kAct, 0, far}, {kWr, 0, ready}}, kRd, 0, ready + t.cwl + t.burst_same_group + t.wtr_l},
      {"wtr_s",
       {{kAct, 0, far - 99}, {kAct, next, far}, {kWr, 0, ready}},
       kRd,
       next,
       ready + t.cwl + t.burst + t.wtr_s},
      {"rtp", {{kAct, 0, far}, {kRd, 0, ready}}, kPre, 0, ready + t.rtp},
      {"wr", {{kAct, 0, far}, {kWr, 0, ready}}, kPre, 0, ready + t.cwl + t.burst + t.wr},
      {"rp", {{kAct, 0, far}, {kPre, 0, ready}}, kAct, 0, ready + t.rp},
      {"rp to REF", {{kAct, 0, far}, {kPre, 0, ready}}, kRef, 0, ready + t.rp},
      {"rp to REFpb", {{kAct, 0, far}, {kPre, 0, ready}}, kRefBank, 0, ready + t.rp},
      {"rp after PREA", {{kAct, 0, far}, {kPreAll, 0, ready}}, kAct, 0, ready + t.rp},
      {"rp_all", {{kAct, 0, far}, {kPreAll, 0, ready}}, kRef, 0, ready + t.rp_all},
      {"rfc_all", {{kRef, 0, far}}, kAct, 0, far + t.rfc_all},
      {"rfc_bank", {{kRefBank, 0, far}}, kAct, 0, far + t.rfc_bank},
      {"ref_to_act", {{kRefBank, 0, far}}, kAct, 1, far + t.ref_to_act},
      {"ref_to_ref", {{kRefBank, 0, far}}, kRefBank, 1, far + t.ref_to_ref},
      {"rrd_s to REFpb", {{kAct, 0, far}}, kRefBank, 1, far + t.rrd_s},
  };
  if (t.ppd > 1)
    list.push_back({"ppd", {{kAct, 0, far - 99}, {kAct, next, far}, {kPre, 0, ready}}, kPre, next, ready + t.ppd});
  if (t.faw > 4 * t.rrd_s) {
    list.push_back({"faw",
                    {{kAct, 0, far},
                     {kAct, next, far + t.rrd_s},
                     {kAct, third, far + 2 * t.rrd_s},
                     {kAct, third + next, far + 3 * t.rrd_s}},
                    kAct,
                    1,
                    far + std::max(t.faw, t.rrd_l)});
  }
  return list;
}

std::vector<std::string> replay(const Preset& preset, const Rule& rule, Cycles at) {
  LegalityChecker checker(preset);
  for (const Step& step : rule.before) checker.command({step.at, step.command, step.bank, 0, 0});
  checker.command({at, rule.command, rule.bank, 0, 0});
  return checker.violations();
}

TEST(Constraints, CheckerRefusesOneClockEarlyAndTakesTheClock) {
  for (const Preset& preset : presets()) {
    for (const Rule& rule : rules(preset)) {
      SCOPED_TRACE(preset.name + " " + rule.name);
      const std::vector<std::string> late = replay(preset, rule, rule.legal_from);
      EXPECT_TRUE(late.empty()) << late.front();
      const std::vector<std::string> early = replay(preset, rule, rule.legal_from - 1);
      ASSERT_FALSE(early.empty());
      // rc and ras + rp bind together or one of them.
      EXPECT_TRUE(early.front().starts_with(std::string(rule.name) + ":") || std::string(rule.name) == "rc")
          << early.front();
    }
  }
}

TEST(Constraints, CheckerKnowsStatesAndBuses) {
  const Preset& lpddr5 = find_preset("LPDDR5-6400");
  const auto violations = [](const Preset& preset, const std::vector<CommandRecord>& trace) {
    LegalityChecker checker(preset);
    for (const CommandRecord& record : trace) checker.command(record);
    return checker.violations();
  };
  EXPECT_EQ(violations(lpddr5, {{0, kAct, 0, 5, 0}, {100, kRd, 0, 6, 0}}).size(), 1U);
  EXPECT_EQ(violations(lpddr5, {{0, kAct, 0, 5, 0}, {100, kRd, 0, 5, 0}}).size(), 0U);
  EXPECT_EQ(violations(lpddr5, {{0, kAct, 0, 5, 0}, {100, kRef, 0, 0, 0}}).size(), 1U);
  EXPECT_EQ(violations(lpddr5, {{0, kAct, 8, 5, 0}, {100, kRefBank, 0, 0, 0}}).size(), 1U);  // refreshed with bank 0
  EXPECT_EQ(violations(lpddr5, {{0, kPre, 0, 0, 0}}).size(), 1U);
  EXPECT_EQ(violations(lpddr5, {{0, kAct, 0, 5, 0}, {100, kAct, 0, 5, 0}}).size(), 1U);
  // ACT takes two slots of the one bus; HBM reads while a row command is sent.
  const auto read_beside_act = [](Cycles act) {
    return std::vector<CommandRecord>{{0, kAct, 0, 0, 0}, {act, kAct, 4, 0, 0}, {101, kRd, 0, 0, 0}};
  };
  EXPECT_EQ(violations(lpddr5, read_beside_act(100)).size(), 1U);
  EXPECT_EQ(violations(lpddr5, read_beside_act(99)).size(), 0U);
  EXPECT_EQ(violations(find_preset("HBM2-2000"), read_beside_act(101)).size(), 0U);
}

/// Bursts from all directions: few rows, so that there are hits and conflicts; idle gaps now and then.
void mix(ChannelBench& bench, std::uint64_t seed, unsigned bursts) {
  test::Random random(seed);
  const Geometry& g = bench.preset.geometry;
  for (unsigned i = 0; i < bursts; ++i) {
    const auto bank = static_cast<unsigned>(random.below(g.banks()));
    const bool lonely = random.below(16) == 0;
    bench.request(bank, static_cast<std::uint32_t>(random.below(3)), static_cast<std::uint32_t>(random.below(8)),
                  random.below(3) == 0);
    if (lonely || random.below(24) == 0)
      bench.channel.run(bench.channel.state().now + 1 + random.below(lonely ? 400 : 40), false);
  }
  bench.run();
}

TEST(Constraints, ControllerNeverBreaksOneAndReachesEach) {
  std::set<std::string> reached;
  std::set<std::string> known;
  for (const Preset& preset : presets()) {
    for (const PagePolicy page : {PagePolicy::kOpen, PagePolicy::kClosed}) {
      for (const RefreshMode refresh : {RefreshMode::kNone, RefreshMode::kAllBank, RefreshMode::kPerBank}) {
        ChannelBench bench(preset, {.window = 24, .page_policy = page, .refresh = refresh, .starvation_limit = 20});
        mix(bench, 1, 6000);
        bench.expect_legal();
        for (const auto& [rule, slack] : bench.tape.checker.slack()) {
          if (slack == 0) reached.insert(rule);
        }
      }
    }
    for (const Rule& rule : rules(preset)) known.insert(rule.name);
  }
  known.erase("rp after PREA");  // this controller sends PREA only before REF, whose rfc_all is longer
  for (const std::string& rule : known) EXPECT_TRUE(reached.contains(rule)) << rule << " was never what decided";
}

}  // namespace
}  // namespace dixion::dram
